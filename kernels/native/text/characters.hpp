// What the word, sentence and quality rules ask of code points, from one table.
#pragma once

#include <cstdint>

#include "utf8.hpp"
#include "word_tables.hpp"

namespace kernels::characters {

using namespace word_tables;

// Bits of word_tables.hpp.
inline uint32_t classes(uint32_t code) { return kPages[kPageOf[code / kPageSize] * kPageSize + code % kPageSize]; }

inline bool is_ascii_digit(uint8_t byte) { return static_cast<uint8_t>(byte - '0') < 10; }
inline bool is_ascii_letter(uint8_t byte) { return static_cast<uint8_t>((byte | 0x20) - 'a') < 26; }

// One character of a text: its classes and where it ends (or, read backwards, begins).
struct Character {
  uint32_t classes;
  const uint8_t* edge;
};

inline Character character_at(const uint8_t* p, const uint8_t* end) {
  if (*p < 0x80) return {kPages[kPageOf[0] * kPageSize + *p], p + 1};
  const utf8::Decoded decoded = utf8::decode_multibyte(p, end);
  return {classes(decoded.code), p + decoded.length};
}

inline Character character_before(const uint8_t* begin, const uint8_t* p) {
  if (p[-1] < 0x80) return {kPages[kPageOf[0] * kPageSize + p[-1]], p - 1};
  const utf8::Decoded decoded = utf8::decode_before(begin, p);
  return {classes(decoded.code), p - decoded.length};
}

// Classes of the character at p or before it; none at the edge of [begin, end).
inline uint32_t classes_at(const uint8_t* p, const uint8_t* end) { return p < end ? character_at(p, end).classes : 0; }
inline uint32_t classes_before(const uint8_t* begin, const uint8_t* p) {
  return begin < p ? character_before(begin, p).classes : 0;
}

inline const uint8_t* skip_space(const uint8_t* p, const uint8_t* end) {
  while (p < end) {
    const Character character = character_at(p, end);
    if (!(character.classes & kSpace)) break;
    p = character.edge;
  }
  return p;
}

inline const uint8_t* skip_nonspace(const uint8_t* p, const uint8_t* end) {
  while (p < end) {
    const Character character = character_at(p, end);
    if (character.classes & kSpace) break;
    p = character.edge;
  }
  return p;
}

}  // namespace kernels::characters
