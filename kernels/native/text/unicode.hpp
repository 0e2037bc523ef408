// Character properties as Python's str methods, re and unicodedata see them, from one fixed Unicode version.
#pragma once

#include <cstdint>

namespace kernels::unicode {

struct Sequence {
  uint32_t codes[4];
  uint32_t size;

  const uint32_t* begin() const { return codes; }
  const uint32_t* end() const { return codes + size; }
};

bool is_whitespace(uint32_t code);
bool is_decimal_digit(uint32_t code);
bool is_nonspacing_mark(uint32_t code);
bool is_case_ignorable(uint32_t code);
// Meaningful for code points that are not Case_Ignorable only; the final-sigma rule asks in that order.
bool is_cased(uint32_t code);
uint32_t combining_class(uint32_t code);
bool is_hangul_syllable(uint32_t code);

// str.lower() of one code point outside any context (a lone capital sigma is not final).
Sequence lower(uint32_t code);
// Full canonical decomposition; the code point itself where it has none.
Sequence decompose(uint32_t code);

}  // namespace kernels::unicode
