// The lines of a text as Python's str.splitlines() finds them.
#pragma once

#include <cstdint>

#include "normal_form.hpp"
#include "utf8.hpp"

namespace kernels {

// Length in bytes of the line boundary at p, 0 where there is none.
inline size_t line_boundary(const uint8_t* p, const uint8_t* end) {
  if (*p > 0x1E && *p < 0x80) return 0;
  switch (*p) {
    case '\r':
      return p + 1 < end && p[1] == '\n' ? 2 : 1;
    case '\n': case '\v': case '\f': case 0x1C: case 0x1D: case 0x1E:
      return 1;
    case 0xC2:
      return end - p >= 2 && p[1] == 0x85 ? 2 : 0;
    case 0xE2:
      return end - p >= 3 && p[1] == 0x80 && (p[2] == 0xA8 || p[2] == 0xA9) ? 3 : 0;
    default:
      return 0;
  }
}

// Calls visit(begin, end) for every line, boundaries left out; a boundary at the end of the text ends its last line.
template <class Visit>
void for_each_line(Text text, Visit visit) {
  const uint8_t* begin = text.begin;
  for (const uint8_t* p = begin; p < text.end;) {
    const size_t boundary = line_boundary(p, text.end);
    if (!boundary) {
      ++p;
      continue;
    }
    visit(begin, p);
    p += boundary;
    begin = p;
  }
  if (begin < text.end) visit(begin, text.end);
}

}  // namespace kernels
