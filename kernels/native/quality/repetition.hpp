// How much of a text repeats itself: lines, paragraphs and n-grams of words, counted as datatrove counts them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "buffer.hpp"
#include "normal_form.hpp"
#include "seen_keys.hpp"

namespace kernels {

// Pieces of a text, those among them that occurred before, and the code points of these.
struct Duplicates {
  int64_t pieces = 0, repeats = 0, characters = 0;
};

class RepeatedPieces {
 public:
  // Pieces between runs of at least `newlines` newlines.
  Duplicates between_newlines(const uint8_t* begin, const uint8_t* end, size_t newlines);

  void start(size_t expected) {
    seen_.start(expected);
    counted_ = {};
  }
  void add(const uint8_t* begin, const uint8_t* end);
  const Duplicates& counted() const { return counted_; }

 private:
  SeenKeys seen_;
  Duplicates counted_;
};

inline constexpr size_t kTopGrams[] = {2, 3, 4}, kRepeatedGrams[] = {5, 6, 7, 8, 9, 10};

class RepeatedGrams {
 public:
  void start() {
    words_.clear();
    words_.push_back({0, 0, 0, 0});
  }
  // characters: code points of the word.
  void add(const uint8_t* begin, const uint8_t* end, size_t characters);

  // Code points of the most frequent n-gram, the first of equally frequent ones, spaces between its words included,
  // times its count; 0 where there is none.
  int64_t top(size_t n);

  // Code points of n-grams that occurred before, read from left to right and going on behind each one found. Words
  // are joined without spaces, so n-grams of different words may be equal.
  int64_t repeated(size_t n);

 private:
  // What is true of all words up to one: the hash of their bytes joined, how many bytes and code points they have. And
  // the hash of the last of them by itself.
  struct Prefix {
    uint64_t joined;
    uint64_t hash;
    uint64_t bytes;
    uint64_t characters;
  };
  struct Slot {
    uint64_t key;
    uint32_t round;
    uint32_t count;
    uint32_t first;
  };
  size_t count() const { return words_.size() - 1; }

  Buffer<Prefix> words_;
  SeenKeys seen_;
  std::vector<Slot> slots_;
  uint32_t round_ = 0;
};

}  // namespace kernels
