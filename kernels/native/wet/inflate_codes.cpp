#include "inflate_codes.hpp"

#include <algorithm>
#include <bit>

namespace kernels {
namespace {

constexpr Entry meaning(uint32_t value, uint32_t extra_bits) { return value << 16 | extra_bits; }
constexpr Entry length_meaning(uint32_t length, uint32_t extra_bits) {
  const bool is_long = length + (1u << extra_bits) - 1 > kShortMatch;
  return static_cast<Entry>(length - kShortestMatch) << 24 | extra_bits | (is_long ? kSpecial | kLong : 0);
}
// The bits of a code, to be added to a meaning.
constexpr Entry coded(unsigned bits) { return bits << 8 | bits; }

// The next code of so many bits. Codes are read from their first bit on, so they count up with their bits reversed.
uint32_t next_code(uint32_t code, unsigned bits) {
  const uint32_t zeros = code ^ ((1u << bits) - 1);
  if (zeros == 0) return 0;
  const uint32_t highest = std::bit_floor(zeros);
  return (code & (highest - 1)) | highest;
}

}  // namespace

constexpr LiteralTable::Meanings kLiteralMeanings = [] {
  LiteralTable::Meanings meanings{};
  for (uint32_t symbol = 0; symbol < 256; ++symbol) meanings[symbol] = meaning(symbol, 0) | kLiteral;
  meanings[kEndOfBlock] = kSpecial | kEnd;
  uint32_t length = 3;
  for (uint32_t symbol = 257; symbol < 285; ++symbol) {
    const uint32_t extra = symbol < 265 ? 0 : (symbol - 261) / 4;
    meanings[symbol] = length_meaning(length, extra);
    length += 1u << extra;
  }
  meanings[285] = length_meaning(kLongestMatch, 0);
  meanings[286] = meanings[287] = kSpecial;
  return meanings;
}();

constexpr DistanceTable::Meanings kDistanceMeanings = [] {
  DistanceTable::Meanings meanings{};
  uint32_t distance = 1;
  for (uint32_t symbol = 0; symbol < 30; ++symbol) {
    const uint32_t extra = symbol < 4 ? 0 : symbol / 2 - 1;
    meanings[symbol] = meaning(distance - 1, extra);
    distance += 1u << extra;
  }
  meanings[30] = meanings[31] = kSpecial;
  return meanings;
}();

constexpr LengthsTable::Meanings kLengthsMeanings = [] {
  LengthsTable::Meanings meanings{};
  for (uint32_t symbol = 0; symbol < meanings.size(); ++symbol) meanings[symbol] = meaning(symbol, 0);
  return meanings;
}();

template <unsigned kMostBits, size_t kSymbols>
bool CodeTable<kMostBits, kSymbols>::make(const Meanings& meanings, const CodeLength* lengths, size_t count,
                                          bool may_be_short) {
  std::array<uint16_t, kLongestCode + 1> counts{};
  std::array<uint16_t, kLongestCode + 2> places{};
  for (size_t i = 0; i < count; ++i) ++counts[lengths[i].bits];
  uint32_t space = 0;
  for (unsigned bits = 1; bits <= kLongestCode; ++bits) {
    space += static_cast<uint32_t>(counts[bits]) << (kLongestCode - bits);
    places[bits + 1] = static_cast<uint16_t>(places[bits] + counts[bits]);
  }
  if (space != 1u << kLongestCode) return may_be_short && make_short(meanings, lengths, count);
  std::array<Entry, kSymbols> sorted;
  for (size_t i = 0; i < count; ++i)
    sorted[places[lengths[i].bits]++] = meanings[lengths[i].symbol] + coded(lengths[i].bits);

  unsigned shortest = 1;
  while (counts[shortest] == 0) ++shortest;
  const Entry* next = sorted.data();
  uint32_t code = 0;
  for (unsigned bits = shortest; bits <= kMostBits; ++bits) {
    const size_t half = size_t{1} << (bits - 1);
    if (bits > shortest) std::copy_n(entries_.data(), half, entries_.data() + half);
    for (size_t left = counts[bits]; left > 0; --left, code = next_code(code, bits)) entries_[code] = *next++;
  }
  return next == sorted.data() + count || make_second(next, code, counts.data());
}

template <unsigned kMostBits, size_t kSymbols>
bool CodeTable<kMostBits, kSymbols>::make_short(const Meanings& meanings, const CodeLength* lengths, size_t count) {
  if (count > 1 || (count == 1 && lengths[0].bits != 1)) return false;
  for (size_t at = 0; at <= kMask; at += 2) {
    entries_[at] = count ? meanings[lengths[0].symbol] + coded(1) : kSpecial;
    entries_[at + 1] = kSpecial;
  }
  return true;
}

template <unsigned kMostBits, size_t kSymbols>
bool CodeTable<kMostBits, kSymbols>::make_second(const Entry* sorted, uint32_t code, const uint16_t* counts) {
  uint64_t prefix = ~uint64_t{0};
  size_t begin = 0, end = size_t{1} << kMostBits;
  for (unsigned bits = kMostBits + 1; bits <= kLongestCode; ++bits) {
    for (uint32_t left = counts[bits]; left > 0; --left, code = next_code(code, bits)) {
      if ((code & kMask) != prefix) {  // the table takes the longest code with this prefix
        unsigned index_bits = bits - kMostBits;
        for (uint32_t room = left; room < 1u << index_bits;) {
          ++index_bits;
          room = room * 2 + counts[kMostBits + index_bits];
        }
        prefix = code & kMask;
        begin = end;
        end = begin + (size_t{1} << index_bits);
        if (end > entries_.size()) return false;
        entries_[prefix] = static_cast<Entry>(begin) << 16 | kSpecial | kSecond | index_bits << 8 | kMostBits;
      }
      const Entry entry = *sorted++ - coded(kMostBits);
      const size_t step = size_t{1} << (bits - kMostBits);
      for (size_t at = begin + (code >> kMostBits); at < end; at += step) entries_[at] = entry;
    }
  }
  return true;
}

template class CodeTable<kLiteralBits, kLiterals>;
template class CodeTable<kDistanceBits, kDistances>;
template class CodeTable<7, 19>;

}  // namespace kernels
