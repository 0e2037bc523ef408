// MinHash signatures bit-equal to datasketch's (2.0, scheme affine32), and the sets behind them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "buffer.hpp"
#include "column.hpp"

namespace kernels {

// The permutations h -> a * h + b mod 2^32, a odd.
struct Permutations {
  const uint32_t* a;
  const uint32_t* b;
  size_t count;
};

// signatures[i * count, (i + 1) * count): for each permutation the least value over the shingles of value i of
// fmix32(the first 4 bytes, little-endian, of a shingle's SHA-1), 2^32 - 1 without shingles. shingles[i]: how many
// there are, repeats included. Takes memory for a piece of a text, not for its shingles.
void minhash(const Column& text, size_t words, const Permutations& permutations, uint32_t* signatures,
             int64_t* shingles);

struct ShingleSets {
  Buffer<int64_t> offsets;
  Buffer<uint64_t> hashes;  // of each value sorted and unique
};

// Hashes are the first 8 bytes, little-endian, of the SHA-1.
ShingleSets shingle_sets(const Column& text, size_t words);

// The shingles whose hash64 is at most `highest`; shingles[i]: how many there are, repeats included.
ShingleSets shingle_samples(const Column& text, size_t words, uint64_t highest, int64_t* shingles);

// How many elements the sets left[i] and right[i] have in common; set s is hashes[offsets[s], offsets[s + 1]).
void count_common(const uint64_t* hashes, const int64_t* offsets, const int64_t* left, const int64_t* right,
                  size_t pairs, int64_t* common);

}  // namespace kernels
