// The prefix codes of deflate (RFC 1951, section 3.2) as tables indexed by the next bits of the input.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kernels {

// What the next bits stand for.
//   bits 0 to 7    how many of them it takes, extra bits included
//   bits 8 to 11   how many of these are the code; for kSecond, how many bits index the second table
//   bits 12 to 15  kSecond, kEnd, kSpecial, kLiteral
//   bits 16 to 23  the literal; for a match kLong or 0
//   bits 24 to 31  for a match, kShortestMatch is to be added to it and the extra bits; for a literal 0
//   bits 16 to 31  of other entries: the distance, less one, that the extra bits add to; the length of a code; or where
//                  the second table is
using Entry = uint32_t;

inline constexpr Entry kSecond = 1u << 12;
inline constexpr Entry kEnd = 1u << 13;
inline constexpr Entry kSpecial = 1u << 14;  // a second table, the end of the block, a long match, or no code at all
inline constexpr Entry kLiteral = 1u << 15;
inline constexpr Entry kLong = 1u << 16;  // may be longer than kShortMatch

inline constexpr unsigned kLongestCode = 15, kLiteralBits = 10, kDistanceBits = 8;  // bits; of codes, of indices
inline constexpr unsigned kMostExtra = 13, kMostTaken = kLongestCode + kMostExtra;  // bits; of distances
inline constexpr size_t kLiterals = 288, kDistances = 32, kEndOfBlock = 256;
inline constexpr size_t kShortestMatch = 3, kShortMatch = 32, kLongestMatch = 258;  // bytes

// A symbol that has a code.
struct CodeLength {
  uint16_t symbol;
  uint16_t bits;  // 1 to kLongestCode
};

// Codes of up to kMostBits bits are found at once, longer ones in a second table.
template <unsigned kMostBits, size_t kSymbols>
class CodeTable {
 public:
  // For every symbol its entry, but for the bits of the code.
  using Meanings = std::array<Entry, kSymbols>;

  // From the `count` symbols that have a code, ascending. False for what is no complete prefix code; a code of one
  // symbol, in one bit, and an empty one are allowed if `may_be_short`.
  bool make(const Meanings& meanings, const CodeLength* lengths, size_t count, bool may_be_short);

  // What `bits` begin with; where that is kSecond, `second` has it.
  Entry operator[](uint64_t bits) const { return entries_[bits & kMask]; }
  Entry second(Entry entry, uint64_t bits) const {
    return entries_[(entry >> 16) + (bits & ((1u << (entry >> 8 & 15)) - 1))];
  }
  // Where that entry keeps its literal.
  const uint8_t* literal(uint64_t bits) const { return reinterpret_cast<const uint8_t*>(&entries_[bits & kMask]) + 2; }

 private:
  static constexpr uint64_t kMask = (uint64_t{1} << kMostBits) - 1;

  bool make_short(const Meanings& meanings, const CodeLength* lengths, size_t count);
  bool make_second(const Entry* sorted, uint32_t code, const uint16_t* counts);

  // Second tables: at most as many entries as the codes longer than kMostBits need.
  std::array<Entry, (size_t{1} << kMostBits) + 2048> entries_;
};

using LiteralTable = CodeTable<kLiteralBits, kLiterals>;
using DistanceTable = CodeTable<kDistanceBits, kDistances>;
using LengthsTable = CodeTable<7, 19>;

extern const LiteralTable::Meanings kLiteralMeanings;
extern const DistanceTable::Meanings kDistanceMeanings;
extern const LengthsTable::Meanings kLengthsMeanings;

}  // namespace kernels
