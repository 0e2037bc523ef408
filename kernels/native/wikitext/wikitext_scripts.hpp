// Raised and lowered text without markup.
#pragma once

#include <string>

namespace kernels::wikitext {

// Rewrites out[start, ...), the content of <sup> or <sub>: digits and signs become Unicode's own (m², H₂O), ordinal
// endings stay on the line (19th, XIXe), anything else is told by ^ or _ as in x^n.
void raise_or_lower(std::string& out, size_t start, bool raised);

}  // namespace kernels::wikitext
