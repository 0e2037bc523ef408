// The text a tree is shown as.
#pragma once

#include <cstdint>
#include <vector>

#include "buffer.hpp"
#include "html_tree.hpp"

namespace kernels::html {

// Appends the text of node `root` to `out`, without the nodes for which `dropped` is set and what is in them: block
// elements on lines of their own, <br> as a line end, white space collapsed but in <pre>, cells of a table row
// separated by a tab, character references decoded, control characters left out.
void write_text(const Tree& tree, uint32_t root, const std::vector<uint8_t>& dropped, Buffer<uint8_t>& out);

// Appends as one line all text in node `root`, in the nodes from `first` to `last`, or in `text`, which may hold
// character references.
void write_line(const Tree& tree, uint32_t root, Buffer<uint8_t>& out);
void write_block(const Tree& tree, uint32_t first, uint32_t last, Buffer<uint8_t>& out);
void write_line(std::string_view text, Buffer<uint8_t>& out);

// Appends the lines of `text`, which may hold character references, without empty ones.
void write_lines(std::string_view text, Buffer<uint8_t>& out);

}  // namespace kernels::html
