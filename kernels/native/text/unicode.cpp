#include "unicode.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "unicode_tables.hpp"

namespace kernels::unicode {
namespace {

constexpr uint32_t kHangulSyllables = 0xAC00, kHangulSyllableCount = 11172;
constexpr uint32_t kLeadingJamo = 0x1100, kVowelJamo = 0x1161, kTrailingJamo = 0x11A7;
constexpr uint32_t kVowels = 21, kTrailing = 28;
constexpr uint32_t kCapitalIWithDot = 0x130;

template <class Row, size_t n>
const Row* find(const Row (&rows)[n], uint32_t code) {
  const Row* row = std::upper_bound(rows, rows + n, code, [](uint32_t c, const Row& r) { return c < r.first; });
  return row != rows && code <= row[-1].last ? row - 1 : nullptr;
}

}  // namespace

bool is_whitespace(uint32_t code) { return find(kWhitespace, code) != nullptr; }
bool is_decimal_digit(uint32_t code) { return find(kDecimalDigits, code) != nullptr; }
bool is_nonspacing_mark(uint32_t code) { return find(kNonspacingMarks, code) != nullptr; }
bool is_case_ignorable(uint32_t code) { return find(kCaseIgnorable, code) != nullptr; }
bool is_cased(uint32_t code) { return find(kCased, code) != nullptr; }
bool is_hangul_syllable(uint32_t code) { return code - kHangulSyllables < kHangulSyllableCount; }

uint32_t combining_class(uint32_t code) {
  const ValuedRange* row = find(kCombiningClasses, code);
  return row ? row->value : 0;
}

Sequence lower(uint32_t code) {
  if (code == kCapitalIWithDot) return {{'i', 0x307}, 2};
  // Runs of stride 2 may interleave, so the last run that starts at or before `code` need not be the one holding it.
  const LowerRun* end = std::end(kLower);
  const LowerRun* row = std::upper_bound(std::begin(kLower), end, code,
                                         [](uint32_t c, const LowerRun& r) { return c < r.first; });
  for (int back = 0; back < 2 && row != std::begin(kLower); ++back) {
    --row;
    if (code <= row->last && (code - row->first) % row->stride == 0) return {{code + row->delta}, 1};
  }
  return {{code}, 1};
}

Sequence decompose(uint32_t code) {
  if (is_hangul_syllable(code)) {
    const uint32_t index = code - kHangulSyllables;
    const uint32_t trailing = index % kTrailing;
    return {{kLeadingJamo + index / (kVowels * kTrailing), kVowelJamo + index / kTrailing % kVowels,
             kTrailingJamo + trailing},
            trailing ? 3u : 2u};
  }
  const Decomposition* end = std::end(kDecompositions);
  const Decomposition* row = std::lower_bound(std::begin(kDecompositions), end, code,
                                              [](const Decomposition& r, uint32_t c) { return r.source < c; });
  if (row == end || row->source != code) return {{code}, 1};
  Sequence sequence{{}, 0};
  for (const uint32_t part : row->target)
    if (part) sequence.codes[sequence.size++] = part;
  return sequence;
}

}  // namespace kernels::unicode
