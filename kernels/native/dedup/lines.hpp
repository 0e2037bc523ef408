// cc_net's paragraph deduplication: a paragraph is a line.
#pragma once

#include <cstdint>

#include "buffer.hpp"
#include "column.hpp"
#include "duplicate_set.hpp"
#include "normal_form.hpp"

namespace kernels {

// offsets[i], offsets[i + 1]: the lines of value i in the order of the text. An empty value has one, empty line.
// `offsets` has room for size + 1. Returns the number of all lines.
int64_t line_offsets(const Column& text, int64_t* offsets);

// The key of every line: the first 8 bytes, little-endian, of the SHA-1 of its normal form.
void hash_lines(const Column& text, const NormalForm& form, uint64_t* hashes);

struct RemovedLines {
  TextBuffer text;
  Buffer<int32_t> line_offsets;  // into line_ids
  Buffer<int32_t> line_ids;      // surviving lines of each value, counted from 0
  Buffer<int32_t> lines;         // surviving lines per value
  Buffer<int64_t> characters;    // code points of the new text
};

// Drops every line whose key is in `duplicates` and every later copy of a line within its value. `spared`, if given,
// has a flag for each key of the set: where it is not 0 the first line met stays, and the flag becomes 0. `hashes` and
// `offsets` are what hash_lines and line_offsets gave for `text`; throws std::invalid_argument where they cannot be.
RemovedLines remove_lines(const Column& text, const uint64_t* hashes, size_t hash_count, const int64_t* offsets,
                          const DuplicateSet& duplicates, uint8_t* spared);

}  // namespace kernels
