// Character references ("&amp;", "&#160;", "&#xA0;") in text.
#pragma once

#include <cstdint>

namespace kernels::html {

// Longest UTF-8 a reference can become is no longer than the reference itself, but for U+FFFD of "&#0" and its like.
inline constexpr int kLongestReferenceText = 8;

struct Reference {
  const uint8_t* behind;  // p + 1 where the "&" stands for itself
  uint8_t* out;
};

// Writes what the "&" at p and the bytes behind it mean, as html.unescape does (WHATWG, outside attributes), to `out`,
// which has room for kLongestReferenceText.
Reference write_reference(const uint8_t* p, const uint8_t* end, uint8_t* out);

}  // namespace kernels::html
