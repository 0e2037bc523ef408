// LaTeX source without its comments.
#pragma once

#include "tex_lexer.hpp"

namespace kernels::tex {

// Appends `text` without comments and comment environments, outside verbatim text and URLs, where % is a character.
// A line that was only a comment goes whole. Behind text, the line end goes with the comment as in TeX, unless blanks
// before the % make it a space.
void remove_comments(View text, const RawNames& names, std::string& out);

}  // namespace kernels::tex
