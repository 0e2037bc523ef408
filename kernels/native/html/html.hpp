// The text of HTML pages.
#pragma once

#include "buffer.hpp"
#include "column.hpp"

namespace kernels {

struct HtmlText {
  TextBuffer title;
  TextBuffer text;
};

// The title and the text of each page, which is UTF-8 (ill-formed sequences are read as U+FFFD). With `main_content`
// the text is that of the page's main content, else of all that is shown of it.
HtmlText html_text(const Column& pages, bool main_content);

}  // namespace kernels
