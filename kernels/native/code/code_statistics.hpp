// Counts from which the rules for code decide, once per document.
#pragma once

#include <cstdint>

#include "buffer.hpp"
#include "column.hpp"

namespace kernels::code {

#define KERNELS_CODE_STATISTICS(X) \
  X(characters) X(lines) X(longest_line) X(alphanumeric) X(letters) X(digits) X(controls) X(data)

// What each is says kernels/code.py.
struct Statistics {
#define X(name) int64_t name = 0;
  KERNELS_CODE_STATISTICS(X)
#undef X
};

inline constexpr const char* kStatisticsNames[] = {
#define X(name) #name,
    KERNELS_CODE_STATISTICS(X)
#undef X
};

Buffer<Statistics> statistics(const Column& text);

}  // namespace kernels::code
