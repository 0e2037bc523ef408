// The rows of the input matrix that n-grams of characters and of words stand for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "buffer.hpp"
#include "fasttext_vocabulary.hpp"
#include "utf8.hpp"

namespace kernels::fasttext {

// Division of 32-bit numbers by a fixed one, as two multiplications (Lemire, Kaser & Kurz 2019, "Faster remainder by
// direct computation").
class Remainder {
 public:
  // The remainder by 0 is 0.
  explicit Remainder(uint32_t divisor) : divisor_(divisor), inverse_(divisor ? UINT64_MAX / divisor + 1 : 0) {}

  uint32_t operator()(uint32_t number) const {
    const auto fraction = static_cast<unsigned __int128>(inverse_ * number);
    return static_cast<uint32_t>(fraction * divisor_ >> 64);
  }

 private:
  uint64_t divisor_, inverse_;
};

// The rows of buckets, which follow the rows of words: all buckets have one, or the few that pruning left.
class BucketRows {
 public:
  // Reads which buckets of a pruned model have which rows, which follows the vocabulary in the file. `order` gets the
  // rows that this class numbers from 0: those of the words, then those of the buckets left in ascending order.
  BucketRows(Reader& file, const Vocabulary& vocabulary, uint32_t buckets, Buffer<uint32_t>& order);

  // Passes on the buckets that are left.
  struct Filter {
    const uint64_t* present;  // null: all are

    // Writes `bucket` to *out and returns what follows it, or `out` where the bucket was pruned. No branch depends on
    // which, because nothing could predict it.
    uint32_t* append(uint32_t bucket, uint32_t* out) const {
      *out = bucket;
      return out + (present ? present[bucket / 64] >> bucket % 64 & 1 : 1);
    }
  };
  Filter filter() const { return {pruned_ ? present_.data() : nullptr}; }

  // Puts rows in the place of buckets that are left.
  void replace(uint32_t* begin, uint32_t* end) const {
    if (!pruned_) {
      for (uint32_t* p = begin; p < end; ++p) *p += first_row_;
      return;
    }
    for (uint32_t* p = begin; p < end; ++p) *p = first_row_ + rank(*p);
  }

 private:
  static constexpr uint32_t kGroup = 2;  // words of `present_` to a number of `before_`

  // std::popcount is a call where baseline instructions are all there is.
  static uint32_t count_bits(uint64_t bits) {
    bits -= bits >> 1 & 0x5555555555555555;
    bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
    return static_cast<uint32_t>(((bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0F) * 0x0101010101010101 >> 56);
  }

  // How many buckets are left before `bucket`.
  uint32_t rank(uint32_t bucket) const {
    const uint32_t word = bucket / 64, odd = word % kGroup;
    const uint64_t earlier = present_[word - odd] & (uint64_t{0} - odd);
    return before_[word / kGroup] + count_bits(earlier) + count_bits(present_[word] & ((uint64_t{1} << bucket % 64) - 1));
  }

  void read_pruned(Reader& file, uint32_t count, uint32_t buckets, Buffer<uint32_t>& order);

  bool pruned_;
  uint32_t first_row_;
  Buffer<uint64_t> present_;  // a bit per bucket: whether it is left
  Buffer<uint32_t> before_;   // for each group of words, how many buckets are left before it
};

class Ngrams {
 public:
  // Of any n-gram; far beyond use, it keeps the work for a character bounded.
  static constexpr uint32_t kLongest = 100;

  struct Lengths {
    uint32_t shortest, longest;  // n-grams of characters; longest 0: none
    uint32_t words;              // longest n-gram of words; 0 and 1: none
  };

  Ngrams(Lengths lengths, uint32_t buckets, BucketRows&& rows)
      : lengths_(lengths), buckets_(buckets), remainder_(buckets), rows_(std::move(rows)) {}

  Lengths lengths() const { return lengths_; }

  // Room that the n-grams starting at one place take, and one more.
  size_t most_at_once() const { return std::max(lengths_.longest, lengths_.words) + 1; }

  // Writes the buckets of the n-grams of characters of `word`, "<word>" in memory with a NUL behind it, that start at
  // byte `at` and later, as long as there is room for most_at_once() before `limit`. Moves `at` to where it stopped;
  // returns the end of the buckets.
  uint32_t* append_characters(std::string_view word, size_t& at, uint32_t* out, const uint32_t* limit) const {
    const uint32_t shortest = lengths_.shortest, longest = lengths_.longest;
    const size_t room = most_at_once();
    const Remainder remainder = remainder_;
    const BucketRows::Filter filter = rows_.filter();
    const char *const begin = word.data(), *const end = begin + word.size();
    const char* start = begin + at;
    for (; start < end && static_cast<size_t>(limit - out) >= room; ++start) {
      if (is_continuation(*start)) continue;
      Hash hash;
      const char* p = add_character(hash, start);
      const bool bracket = start == begin || p == end;
      if (shortest <= 1 && !bracket) out = filter.append(remainder(hash.value()), out);
      for (uint32_t n = 2; n <= longest && p < end; ++n) {
        p = add_character(hash, p);
        if (n >= shortest) out = filter.append(remainder(hash.value()), out);
      }
    }
    at = static_cast<size_t>(start - begin);
    return out;
  }

  // The same for the n-grams of two and more words with these hashes.
  uint32_t* append_words(const Buffer<int32_t>& hashes, size_t& at, uint32_t* out, const uint32_t* limit) const {
    const BucketRows::Filter filter = rows_.filter();
    for (; at < hashes.size() && static_cast<size_t>(limit - out) >= most_at_once(); ++at) {
      auto hash = static_cast<uint64_t>(int64_t{hashes[at]});
      for (size_t n = 1; n < lengths_.words && at + n < hashes.size(); ++n) {
        hash = hash * 116049371 + static_cast<uint64_t>(int64_t{hashes[at + n]});
        out = filter.append(static_cast<uint32_t>(hash % buckets_), out);
      }
    }
    return out;
  }

  // Puts rows in the place of buckets.
  void replace(uint32_t* begin, uint32_t* end) const { rows_.replace(begin, end); }

 private:
  static bool is_continuation(char byte) { return utf8::is_continuation(static_cast<uint8_t>(byte)); }

  static const char* add_character(Hash& hash, const char* p) {
    do {
      hash.add(*p++);
    } while (is_continuation(*p));
    return p;
  }

  Lengths lengths_;
  uint32_t buckets_;
  Remainder remainder_;
  BucketRows rows_;
};

}  // namespace kernels::fasttext
