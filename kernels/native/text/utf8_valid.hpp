// Passing over well-formed UTF-8 with byte shuffles.
#pragma once

#include <cstdint>

namespace kernels::utf8 {

// Given the begin of a character: the begin of one not behind the first ill-formed sequence, or near the end.
using SkipValid = const uint8_t* (*)(const uint8_t* p, const uint8_t* end);

// Null where this machine cannot run it.
SkipValid accelerated_skip_valid();

}  // namespace kernels::utf8
