// Words whose tokens the rules would not find: contractions, abbreviations, emoticons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "buffer.hpp"

namespace kernels::english {

// How a word follows the one before it.
enum class Gap : uint8_t { kNone, kSpace, kWide };  // nothing; one space; other white space, or no word before

struct Word {
  const uint8_t* begin;
  const uint8_t* end;
  Gap before;
};

class Exceptions {
 public:
  // The words an exception falls into, as lengths in bytes that add up to its own; null where [begin, end) is none.
  struct Entry {
    std::string_view text;
    uint8_t count;
    uint8_t lengths[6];
  };

  Exceptions();

  const Entry* find(const uint8_t* begin, const uint8_t* end) const {
    const auto length = static_cast<size_t>(end - begin);
    return length < 32 && begin != end && lengths_[*begin] >> length & 1 ? look_up(begin, length) : nullptr;
  }

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  const Entry* look_up(const uint8_t* begin, size_t length) const;

  std::vector<Entry> entries_;
  uint32_t lengths_[256] = {};   // by first byte, the lengths of exceptions as bits
  std::vector<uint16_t> slots_;  // number of an entry + 1, by hash
};

// Finds exceptions that the rules have taken apart, and puts them together again.
class ExceptionMatcher {
 public:
  // parts[i]: the words that the rules alone make of entry i of `exceptions`; empty where it cannot be taken apart.
  ExceptionMatcher(const Exceptions& exceptions, const std::vector<std::vector<std::string_view>>& parts);

  // `starts`: ascending numbers of words that are, or stand before, one that does not begin with a letter or digit;
  // no other can begin an exception.
  void apply(Buffer<Word>& words, const Buffer<uint32_t>& starts);

 private:
  struct Node {
    std::unordered_map<std::string_view, std::unique_ptr<Node>> next;
    const Exceptions::Entry* entry = nullptr;

    const Node* step(std::string_view word) const {
      const auto found = next.find(word);
      return found == next.end() ? nullptr : found->second.get();
    }
  };
  struct Match {
    uint32_t start, end;
    const Exceptions::Entry* entry;
  };

  void find(const Buffer<Word>& words, const Buffer<uint32_t>& starts);
  void select(const Buffer<Word>& words);

  Node root_;
  uint8_t longest_start_ = 0;
  std::vector<Match> found_, selected_;
  std::vector<bool> seen_;
  Buffer<Word> rewritten_;
};

}  // namespace kernels::english
