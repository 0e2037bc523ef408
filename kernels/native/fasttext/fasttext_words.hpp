// What a word adds to a text, remembered for short words.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "huge_pages.hpp"

namespace kernels::fasttext {

enum class Token : uint8_t {
  kWord,
  kLabel,      // counts for nothing
  kEndOfLine,  // ends the text
};

// A short word's bytes, filled up with zeros: no word holds a NUL.
class WordKey {
 public:
  static constexpr size_t kLongest = 32;

  WordKey() = default;  // of no word

  // Reads up to kLongest bytes of the memory before `readable`. `length` lies between 1 and kLongest.
  WordKey(const uint8_t* word, size_t length, const uint8_t* readable) {
    if (static_cast<size_t>(readable - word) < kLongest) {
      std::memcpy(parts_.data(), word, length);
      return;
    }
    Parts mask;
    std::memcpy(mask.data(), kMask.data() + kLongest - length, kLongest);
    std::memcpy(parts_.data(), word, kLongest);
    for (size_t i = 0; i < parts_.size(); ++i) parts_[i] &= mask[i];
  }

  // The word, if it has `length` bytes.
  std::string_view bytes(size_t length) const { return {reinterpret_cast<const char*>(parts_.data()), length}; }

  bool operator==(const WordKey& other) const {
    uint64_t difference = 0;
    for (size_t i = 0; i < parts_.size(); ++i) difference |= parts_[i] ^ other.parts_[i];
    return difference == 0;
  }

  uint64_t hash() const {
    return fold(parts_[0] ^ 0x9E3779B97F4A7C15, parts_[1] ^ 0xD6E8FEB86659FD93) ^
           fold(parts_[2] ^ 0xA0761D6478BD642F, parts_[3] ^ 0xE7037ED1A0B428DB);
  }

 private:
  using Parts = std::array<uint64_t, kLongest / sizeof(uint64_t)>;

  static uint64_t fold(uint64_t a, uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }

  static constexpr auto kMask = [] {
    std::array<uint8_t, 2 * kLongest> mask{};
    std::fill_n(mask.begin(), kLongest, uint8_t{0xFF});
    return mask;
  }();

  Parts parts_{};
};

struct CachedWord {
  static constexpr size_t kMostRows = 54;

  WordKey key;
  uint32_t hash = 0;  // fastText's, of which n-grams of words are made
  uint16_t row_count = 0;
  Token token = Token::kWord;
  std::array<uint32_t, kMostRows> rows{};
};
static_assert(sizeof(CachedWord) == 256);

// A table of 16 MiB in which a word takes the place of the one that was there. For one thread at a time.
class WordCache {
 public:
  CachedWord& place(const WordKey& key) { return words_[key.hash() % kWords]; }

 private:
  static constexpr size_t kWords = size_t{1} << 16;

  HugeArray<CachedWord> words_ = huge_array<CachedWord>(kWords);
};

}  // namespace kernels::fasttext
