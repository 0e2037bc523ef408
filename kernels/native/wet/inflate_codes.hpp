// The prefix codes of deflate (RFC 1951, section 3.2) as tables indexed by the next bits of the input.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kernels {

// What the next bits stand for.
//   bits 0 to 7    how many of them it takes, extra bits included
//   bits 8 to 11   how many of these are the code; for kSecond, how many bits index the second table
//   bits 13 to 15  kEnd, kSecond, kSpecial
//   bits 16 to 30  the literal; the length or distance that the extra bits add to; or where the second table is
//   bit 31         kLiteral
using Entry = uint32_t;

inline constexpr Entry kLiteral = 1u << 31;
inline constexpr Entry kSpecial = 1u << 15;  // a second table, the end of the block, or no code at all
inline constexpr Entry kSecond = 1u << 14;
inline constexpr Entry kEnd = 1u << 13;

inline constexpr unsigned kLongestCode = 15;
inline constexpr size_t kLiterals = 288, kDistances = 32, kEndOfBlock = 256;
inline constexpr size_t kLongestMatch = 258;

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

  const Entry* entries() const { return entries_.data(); }
  // Of the bits that are the index.
  uint64_t mask() const { return mask_; }

 private:
  bool make_short(const Meanings& meanings, const CodeLength* lengths, size_t count);
  bool make_second(const Entry* sorted, uint32_t code, const uint16_t* counts);

  // Second tables: at most as many entries as the codes longer than kMostBits need.
  std::array<Entry, (size_t{1} << kMostBits) + 2048> entries_;
  uint64_t mask_ = 0;
};

using LiteralTable = CodeTable<11, kLiterals>;
using DistanceTable = CodeTable<9, kDistances>;
using LengthsTable = CodeTable<7, 19>;

extern const LiteralTable::Meanings kLiteralMeanings;
extern const DistanceTable::Meanings kDistanceMeanings;
extern const LengthsTable::Meanings kLengthsMeanings;

}  // namespace kernels
