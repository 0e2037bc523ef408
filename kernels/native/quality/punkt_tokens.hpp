// How Punkt cuts a text into tokens: words keep their periods, other punctuation stands by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "characters.hpp"

namespace kernels::punkt {

// Length in bytes of the quotation mark ‘ ’ “ ” « » at p, else 0; NLTK before 3.10 has `quotes` unset and knows none.
inline size_t quotation_mark_length(const uint8_t* p, const uint8_t* end, bool quotes) {
  if (!quotes) return 0;
  if (*p == 0xC2) return end - p >= 2 && (p[1] == 0xAB || p[1] == 0xBB) ? 2 : 0;
  if (*p != 0xE2 || end - p < 3 || p[1] != 0x80) return 0;
  return p[2] == 0x98 || p[2] == 0x99 || p[2] == 0x9C || p[2] == 0x9D ? 3 : 0;
}

// Characters that cannot be inside a word.
inline size_t nonword_length(const uint8_t* p, const uint8_t* end, bool quotes) {
  if (*p >= 0x80) return quotation_mark_length(p, end, quotes);
  return std::strchr(")\";}]*:@'({[?!", *p) != nullptr && *p != 0;
}

// Quotation marks and brackets that close a sentence.
inline size_t closing_length(const uint8_t* p, const uint8_t* end, bool quotes) {
  if (*p >= 0x80) return quotation_mark_length(p, end, quotes);
  return std::strchr("\"')]}", *p) != nullptr && *p != 0;
}

inline bool can_start_word(uint8_t byte) { return byte == 0 || std::strchr("(\"`{[:;&#*@)}]-,", byte) == nullptr; }

// Length of the hyphens, dots, or dots with one white space between each two, at p; else 0.
inline size_t repeated_mark_length(const uint8_t* p, const uint8_t* end) {
  if (*p != '-' && *p != '.') return 0;
  const uint8_t* q = p + 1;
  while (q < end && *q == *p) ++q;
  if (q - p >= 2) return static_cast<size_t>(q - p);
  if (*p == '-') return 0;
  size_t spaces = 0;
  for (q = p; q + 1 < end; ++spaces) {
    const characters::Character space = characters::character_at(q + 1, end);
    if (!(space.classes & characters::kSpace) || space.edge == end || *space.edge != '.') break;
    q = space.edge;
  }
  return spaces >= 2 ? static_cast<size_t>(q + 1 - p) : 0;
}

// Whether a word that reaches up to p ends there.
inline bool ends_word(const uint8_t* p, const uint8_t* end, bool quotes) {
  const auto at_break = [end, quotes](const uint8_t* q) {
    return q == end || nonword_length(q, end, quotes) || characters::character_at(q, end).classes & characters::kSpace ||
           repeated_mark_length(q, end);
  };
  return at_break(p) || (*p == ',' && at_break(p + 1));
}

// Calls visit(begin, end) for every token.
template <class Visit>
void for_each_token(const uint8_t* p, const uint8_t* end, bool quotes, Visit visit) {
  while (p < end) {
    const characters::Character first = characters::character_at(p, end);
    const uint8_t* token_end = first.edge;
    if (first.classes & characters::kSpace) {
      p = token_end;
      continue;
    }
    if (const size_t length = repeated_mark_length(p, end)) {
      token_end = p + length;
    } else if (can_start_word(*p)) {
      while (!ends_word(token_end, end, quotes)) token_end = characters::character_at(token_end, end).edge;
    }
    visit(p, token_end);
    p = token_end;
  }
}

}  // namespace kernels::punkt
