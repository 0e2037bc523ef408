// The title of a page.
#pragma once

#include "buffer.hpp"
#include "html_tree.hpp"

namespace kernels::html {

// Appends the page's <title>, or else what it tells social networks its title is (og:title), or else its first heading;
// nothing where there is none of them.
void write_title(const Tree& tree, Buffer<uint8_t>& out);

}  // namespace kernels::html
