// What is left out of the element that holds the main content.
#pragma once

#include <cstdint>
#include <vector>

#include "html_outline.hpp"
#include "html_root.hpp"

namespace kernels::html {

// Sets dropped for the elements inside the root that are not content.
void prune(const Outline& page, const Root& root, std::vector<uint8_t>& dropped);

// Sets dropped for lines that say nothing of the page, for those behind a line that ends the article, and, with
// `edges`, for short ones before its first sentence and after its last. Returns how many characters are left, links
// left out.
uint32_t trim(const Outline& page, uint32_t root, bool edges, std::vector<uint8_t>& dropped);

}  // namespace kernels::html
