// The element that holds the main content.
#pragma once

#include <cstdint>
#include <vector>

#include "html_outline.hpp"

namespace kernels::html {

struct Root {
  uint32_t number;
  std::vector<float> gains;  // per node: what it would add to the content, the more the better
};

// Overwrites `root`.
void find_root(const Outline& page, Root& root);

}  // namespace kernels::html
