// HTML tags in wikitext.
#pragma once

#include <cstdint>
#include <string_view>

namespace kernels::wikitext {

enum class Tag : uint8_t { plain, line_break, superscript, subscript, table, division, span, hidden };

struct ParsedTag {
  size_t length = 0;     // 0: no tag of HTML
  Tag tag = Tag::plain;  // plain: means nothing for the text
  bool closing = false;
  bool empty = false;    // <br/>
  bool removed = false;  // goes with what it holds: tables, navigation, what is not displayed
};

// The tag that `text`, which starts with '<', begins with.
ParsedTag parse_tag(std::string_view text);

}  // namespace kernels::wikitext
