// The HTML of posts (Stack Exchange's questions and answers), made from Markdown, as plain text.
#pragma once

#include "buffer.hpp"
#include "column.hpp"

namespace kernels {

struct PostStyle {
  bool flat;    // every run of text as it stands, and a new line with "*" before lists and their items
  bool fences;  // lines of "```" around blocks of code
};

// The text of each post, which is UTF-8. Blocks are separated by empty lines; code keeps its lines and indentation and
// has no prefix; items begin with "- " or their number, what is in them is indented; quoted lines begin with "> ".
// White space elsewhere is collapsed, but in formulas ($...$, $$...$$, \begin{...}...\end{...}).
TextBuffer post_text(const Column& posts, PostStyle style);

}  // namespace kernels
