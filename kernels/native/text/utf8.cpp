#include "utf8.hpp"

#include <algorithm>

#include "bytes.hpp"
#include "utf8_valid.hpp"

namespace kernels::utf8 {

Decoded decode_before(const uint8_t* begin, const uint8_t* p) {
  if (p[-1] < 0x80) return {p[-1], 1, true};
  const ptrdiff_t furthest = std::min<ptrdiff_t>(4, p - begin);
  for (ptrdiff_t back = 2; back <= furthest; ++back) {
    const Decoded character = decode(p - back, p);
    if (character.length == back) return character;
  }
  return {kReplacement, 1, false};
}

const uint8_t* find_invalid(const uint8_t* p, const uint8_t* end) {
  static const SkipValid skip = accelerated_skip_valid();
  if (skip) p = skip(p, end);
  while (p < end) {
    while (static_cast<size_t>(end - p) >= kBlock) {
      const size_t ascii = first_set(load_block(p) < 0);
      p += ascii;
      if (ascii < kBlock) break;
    }
    while (p < end && *p < 0x80) ++p;
    while (p < end && *p >= 0x80) {
      const Decoded character = decode_multibyte(p, end);
      if (!character.valid) return p;
      p += character.length;
    }
  }
  return end;
}

size_t count_characters(const uint8_t* p, const uint8_t* end) {
  // Bytes that continue a character are 80..BF, the signed bytes below -64.
  return count_bytes(p, end, [](auto bytes) { return bytes >= -64; });
}

}  // namespace kernels::utf8
