// spaCy's English rules for what is split off the ends of a word, and inside it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kernels::english {

// Bytes of the prefix that [begin, end) starts with, 0 where there is none.
size_t prefix_length(const uint8_t* begin, const uint8_t* end);

// Bytes of the suffix that [begin, end) ends in; of several, the longest.
size_t suffix_length(const uint8_t* begin, const uint8_t* end);

struct Infix {
  const uint8_t* begin;
  const uint8_t* end;
};

// The first infix of [begin, end) at or after p; empty at `end` where there is none. What stands before p counts as
// context.
Infix find_infix(const uint8_t* begin, const uint8_t* p, const uint8_t* end);

}  // namespace kernels::english
