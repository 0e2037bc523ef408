// KenLM's binary format of models in probing hash tables, version 5: where everything is in a file.
//
// Header, vocabulary, unigrams, one table for each higher order; the words themselves may follow. A table is an array
// of packed entries that begin with a 64-bit key; a key's entry is at the key modulo the number of entries or behind it,
// and an entry with key 0 is empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace kernels::kenlm {

using WordId = uint32_t;
inline constexpr WordId kUnknownWord = 0;
inline constexpr size_t kMostOrders = 6;  // as KenLM's Python package is built

struct Weights {
  float probability;  // log10, without its sign; the sign bit is set where no longer n-gram ends in this one
  float backoff;      // -0.0 where no longer n-gram begins with this one
};

#pragma pack(push, 4)
template <class Value>
struct Entry {
  uint64_t key;
  Value value;
};
#pragma pack(pop)
using VocabularyEntry = Entry<WordId>;
using MiddleEntry = Entry<Weights>;
using LongestEntry = Entry<float>;
static_assert(sizeof(VocabularyEntry) == 12 && sizeof(MiddleEntry) == 16 && sizeof(LongestEntry) == 12);
static_assert(alignof(VocabularyEntry) == 4 && alignof(MiddleEntry) == 4);

struct TablePlace {
  size_t offset;
  size_t entries;
  size_t bucket = 1;  // entries to one of the places that keys are hashed to; it divides `entries`
};

struct Layout {
  std::vector<uint64_t> counts;  // n-grams by order
  size_t vocabulary_header;      // two 32-bit numbers: version, and how many words there are
  WordId words = 0;              // so many, where a file was read
  TablePlace vocabulary;
  TablePlace unigrams;  // Weights by word id
  std::vector<TablePlace> middle;
  TablePlace longest;
  size_t end;

  size_t order() const { return counts.size(); }
};

// The hash of a word (MurmurHash64A with seed 0).
uint64_t hash_word(std::string_view word);

// The key of an n-gram from that of its last n - 1 words and the one before them; the key of one word is its id.
inline uint64_t extend_key(uint64_t key, WordId before) {
  return key * 8978948897894561157u ^ (uint64_t{before} + 1) * 17894857484156487943u;
}

// Throws InvalidModel if that does not fit in memory. Tables in buckets begin at lines of the processor's cache, which
// files do not have.
Layout make_layout(std::vector<uint64_t> counts, float probing_multiplier, size_t bucket = 1);
inline constexpr size_t kLineBytes = 64;

// Reads the header of a file. Throws InvalidModel, and UnsupportedModel for KenLM's other data structures and for
// compressed files.
Layout read_layout(std::string_view file);

bool is_binary(std::string_view file);

// Does nothing for what may be text. Throws UnsupportedModel.
void refuse_compressed(std::string_view file);

}  // namespace kernels::kenlm
