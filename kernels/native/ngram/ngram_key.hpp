// N-grams as integers: every word id takes `bits` bits of a 128-bit key, so that sorting n-grams is sorting integers.
//
// Suffix order puts the newest word in the highest place and the oldest in the lowest: an n-gram follows its own
// suffixes, and dropping the oldest word is a shift. Context order puts the newest word lowest and the others above it
// in suffix order: n-grams that share a context are neighbours, and the context itself is again a key in suffix order.
#pragma once

#include <compare>
#include <cstdint>

namespace ngram {

using WordId = std::uint32_t;
__extension__ using Wide = unsigned __int128;

inline constexpr WordId kUnknown = 0;  // never occurs in text, so that a zero place means "no word here"
inline constexpr WordId kSentenceBegin = 1;
inline constexpr WordId kSentenceEnd = 2;
inline constexpr int kKeyBits = 128;
inline constexpr int kMaxOrder = 6;

struct Key {
  std::uint64_t high;
  std::uint64_t low;

  static Key from(Wide value) { return {static_cast<std::uint64_t>(value >> 64), static_cast<std::uint64_t>(value)}; }
  Wide wide() const { return (static_cast<Wide>(high) << 64) | low; }
  auto operator<=>(const Key&) const = default;
};

// An n-gram with its count (raw, then adjusted).
struct CountRecord {
  Key key;
  std::uint64_t count;

  void absorb(const CountRecord& other) { count += other.count; }
};

// An n-gram with its discounted probability and the weight its context gives to the next lower order.
struct ProbabilityRecord {
  Key key;
  float discounted;
  float gamma;
};

struct KeyLayout {
  int bits;

  WordId newest(Wide suffix_key, int order) const { return static_cast<WordId>(suffix_key >> ((order - 1) * bits)); }
  // The word `age` places from the oldest one.
  WordId from_oldest(Wide suffix_key, int age) const {
    return static_cast<WordId>(suffix_key >> (age * bits)) & mask();
  }
  Wide without_oldest(Wide suffix_key) const { return suffix_key >> bits; }
  Wide to_context_order(Wide suffix_key, int order) const {
    return ((suffix_key & low_words(order - 1)) << bits) | newest(suffix_key, order);
  }
  Wide context(Wide context_key) const { return context_key >> bits; }
  Wide to_suffix_order(Wide context_key, int order) const {
    const WordId last = static_cast<WordId>(context_key) & mask();
    return (static_cast<Wide>(last) << ((order - 1) * bits)) | context(context_key);
  }

 private:
  WordId mask() const { return static_cast<WordId>((std::uint64_t{1} << bits) - 1); }
  Wide low_words(int words) const { return (static_cast<Wide>(1) << (words * bits)) - 1; }
};

}  // namespace ngram
