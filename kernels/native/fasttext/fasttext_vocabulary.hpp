// The words and labels a fastText model knows, and the rows of its input matrix that a word stands for.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "buffer.hpp"
#include "fasttext_reader.hpp"

namespace kernels::fasttext {

inline constexpr std::string_view kEndOfLineWord = "</s>";

// fastText's hash: 32-bit FNV-1a over bytes taken as signed. Files depend on it.
class Hash {
 public:
  void add(char byte) {
    value_ ^= static_cast<uint32_t>(static_cast<int32_t>(static_cast<int8_t>(byte)));
    value_ *= 16777619u;
  }
  uint32_t value() const { return value_; }

 private:
  uint32_t value_ = 2166136261u;
};

inline uint32_t hash_of(std::string_view text) {
  Hash hash;
  for (const char byte : text) hash.add(byte);
  return hash.value();
}

class Vocabulary {
 public:
  explicit Vocabulary(Reader& file);

  uint32_t words() const { return words_; }
  uint32_t labels() const { return static_cast<uint32_t>(label_counts_.size()); }
  int64_t pruned() const { return pruned_; }  // n-grams left after pruning; -1 where none were pruned
  std::string_view label(uint32_t number) const { return entry(words_ + number); }
  const std::vector<int64_t>& label_counts() const { return label_counts_; }

  static constexpr int64_t kUnknown = -1;
  // The number of a word, or words() + the number of a label; kUnknown where the text is neither.
  int64_t find(std::string_view text, uint32_t hash) const;

 private:
  struct Slot {
    uint32_t hash;
    int32_t entry;  // -1: empty
  };

  std::string_view entry(uint32_t number) const {
    return {text_.data() + ends_[number], ends_[number + 1] - ends_[number]};
  }
  void read_entries(Reader& file, uint32_t count);
  void index();

  uint32_t words_ = 0;
  int64_t pruned_ = -1;
  Buffer<char> text_;      // all entries, one behind the other
  Buffer<uint64_t> ends_;  // 0, then where each ends
  std::vector<int64_t> label_counts_;
  Buffer<Slot> slots_;  // open addressing, a power of two, at most half full
};

}  // namespace kernels::fasttext
