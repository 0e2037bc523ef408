// The best segmentations of short words, kept in bounded memory.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hash64.hpp"
#include "huge_pages.hpp"

namespace kernels::unigram {

inline constexpr size_t kLongestCached = 24;  // bytes
inline constexpr size_t kMostCachedPieces = 8;

// A word and its pieces, in one line of the processor's cache.
struct alignas(64) CachedWord {
  std::array<uint64_t, kLongestCached / 8> key;  // the word, padded with zeros
  uint8_t size;                                  // its bytes; 0: nothing is here
  uint8_t piece_count;
  bool all_known;
  // The pieces are the best ones if the score of what stands before the word is within this of 0.
  float limit;
  std::array<int32_t, kMostCachedPieces> pieces;  // ids, or -n for n bytes that no piece covers
};
static_assert(sizeof(CachedWord) == 64);

// A word as it is looked up.
struct WordKey {
  std::array<uint64_t, kLongestCached / 8> chunks;
  uint64_t hash;
};

// `size` is between 1 and kLongestCached, and kLongestCached bytes are readable.
inline WordKey make_key(const uint8_t* word, size_t size) {
  static constexpr auto kMask = [] {
    std::array<uint8_t, 2 * kLongestCached> mask{};
    std::fill_n(mask.begin(), kLongestCached, uint8_t{0xFF});
    return mask;
  }();
  WordKey key;
  decltype(key.chunks) mask;
  std::memcpy(mask.data(), kMask.data() + kLongestCached - size, sizeof mask);
  std::memcpy(key.chunks.data(), word, sizeof key.chunks);
  for (size_t i = 0; i < mask.size(); ++i) key.chunks[i] &= mask[i];
  key.hash = multiply_fold(key.chunks[0] ^ 0x9E3779B97F4A7C15u, key.chunks[1] ^ 0xD6E8FEB86659FD93u) ^
             multiply_fold(key.chunks[2] ^ 0xA0761D6478BD642Fu, 0xE7037ED1A0B428DBu ^ size);
  return key;
}

// A word may be in one of two neighbouring places: the first of them is for the last word that came to be there.
class WordCache {
 public:
  // Asks memory for the places of a word.
  CachedWord* places(const WordKey& key) {
    if (!words_) words_ = huge_array<CachedWord>(kWords);
    CachedWord* const places = &words_[key.hash % (kWords / 2) * 2];
    __builtin_prefetch(&places[0]);
    __builtin_prefetch(&places[1]);
    return places;
  }

  // Null if the word is not there; then the first place is free for it. In which place it is no processor can foresee.
  static const CachedWord* find(CachedWord* places, const WordKey& key, size_t size) {
    const uint64_t first = difference(places[0], key, size), second = difference(places[1], key, size);
    if (std::min(first, second) == 0) [[likely]] return places + (first != 0);
    places[1] = places[0];
    return nullptr;
  }

 private:
  static constexpr size_t kWords = size_t{1} << 17;

  // 0 if the word is the one looked up.
  static uint64_t difference(const CachedWord& word, const WordKey& key, size_t size) {
    uint64_t difference = word.size ^ size;
    for (size_t i = 0; i < key.chunks.size(); ++i) difference |= word.key[i] ^ key.chunks[i];
    return difference;
  }

  HugeArray<CachedWord> words_;
};

}  // namespace kernels::unigram
