// The distinct words of a text, numbered from 0 in the order they are first seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "ngram_key.hpp"

namespace ngram {

class Vocabulary {
 public:
  Vocabulary();  // holds <unk>, <s> and </s> under their fixed ids

  // The id of a word, new or known. Throws std::length_error past 2^32 - 1 words.
  WordId intern(std::string_view word);
  std::string_view text(WordId id) const { return words_[id]; }
  std::size_t size() const { return words_.size(); }

 private:
  struct Slot {
    std::uint32_t hash;
    WordId id;
  };

  std::string_view store(std::string_view word);
  void grow();

  std::vector<std::string_view> words_;
  std::vector<Slot> slots_;  // open addressing, a power of two, at most half full
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* free_ = nullptr;  // where the next word goes in the last chunk
  std::size_t chunk_left_ = 0;
};

}  // namespace ngram
