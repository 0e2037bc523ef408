// UTF-8 over raw bytes. Ill-formed input is read as Python's bytes.decode("utf-8", "replace") reads it: every maximal
// ill-formed sequence is one U+FFFD.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kernels::utf8 {

inline constexpr uint32_t kReplacement = 0xFFFD;
inline constexpr uint8_t kReplacementBytes[3] = {0xEF, 0xBF, 0xBD};

struct Decoded {
  uint32_t code;    // kReplacement where ill-formed
  uint32_t length;  // bytes read, at least 1
  bool valid;
};

inline bool is_continuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

inline uint32_t encoded_length(uint32_t code) { return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4; }

inline uint8_t* encode(uint32_t code, uint8_t* out) {
  if (code < 0x80) {
    *out++ = static_cast<uint8_t>(code);
    return out;
  }
  const uint32_t length = encoded_length(code);
  constexpr uint8_t kLead[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (uint32_t at = length - 1; at > 0; --at, code >>= 6) out[at] = static_cast<uint8_t>(0x80 | (code & 0x3F));
  out[0] = static_cast<uint8_t>(kLead[length] | code);
  return out + length;
}

// Decodes the character at p, whose first byte is not ASCII; p < end.
inline Decoded decode_multibyte(const uint8_t* p, const uint8_t* end) {
  const uint8_t lead = p[0];
  if (lead < 0xC2 || lead > 0xF4) return {kReplacement, 1, false};
  const size_t available = static_cast<size_t>(end - p);
  if (lead < 0xE0) {
    if (available < 2 || !is_continuation(p[1])) return {kReplacement, 1, false};
    return {(lead & 0x1Fu) << 6 | (p[1] & 0x3Fu), 2, true};
  }
  // The second byte has a narrower range after E0 (no overlong forms), ED (no surrogates), F0 and F4 (no more than
  // U+10FFFF).
  const uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (available < 2 || p[1] < low || p[1] > high) return {kReplacement, 1, false};
  if (available < 3 || !is_continuation(p[2])) return {kReplacement, 2, false};
  if (lead < 0xF0) return {(lead & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu), 3, true};
  if (available < 4 || !is_continuation(p[3])) return {kReplacement, 3, false};
  return {(lead & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu), 4, true};
}

inline Decoded decode(const uint8_t* p, const uint8_t* end) {
  return *p < 0x80 ? Decoded{*p, 1, true} : decode_multibyte(p, end);
}

// Decodes the character that ends at p; begin < p.
Decoded decode_before(const uint8_t* begin, const uint8_t* p);

// First byte of the first ill-formed sequence, or end.
const uint8_t* find_invalid(const uint8_t* p, const uint8_t* end);

// Code points of well-formed text (bytes that do not continue a character).
size_t count_characters(const uint8_t* p, const uint8_t* end);

}  // namespace kernels::utf8
