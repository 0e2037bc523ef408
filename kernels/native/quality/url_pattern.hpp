// spaCy's pattern of a URL, which keeps one word whole.
#pragma once

#include <cstdint>

namespace kernels::english {

// Whether all of [begin, end), which holds no white space, is a URL, an e-mail address or a host name.
bool is_url(const uint8_t* begin, const uint8_t* end);

}  // namespace kernels::english
