// The text of an article as a page tells it to search engines, in JSON-LD (schema.org).
#pragma once

#include <string>
#include <string_view>

#include "html_tree.hpp"

namespace kernels::html {

// The longest "articleBody" of the page's JSON-LD scripts, as UTF-8; empty without one.
std::string find_article_body(const Tree& tree);

// A JSON string's content, its escapes undone; halves of surrogate pairs that stand alone become U+FFFD.
std::string unescape_json(std::string_view text);

}  // namespace kernels::html
