// C4's rules for the lines of a page and for the page, in the order of tensorflow_datasets' c4_utils.clean_page.
#pragma once

#include <cstdint>

#include "buffer.hpp"
#include "column.hpp"
#include "punkt.hpp"

namespace kernels::c4 {

struct Rules {
  size_t min_words;      // of a line
  size_t min_sentences;  // of a page
  size_t max_word;       // code points
  bool end_marks;        // whether a line must end like a sentence
};

// What became of the lines of one page up to its end, or up to the line that dropped it; and of the page.
struct PageCounts {
  int64_t too_long_word = 0, no_endmark = 0, too_short = 0, javascript = 0, policy = 0, passed = 0;
  int64_t lorem_ipsum = 0, curly_bracket = 0, too_few_sentences = 0;
  int64_t sentences = 0;

  bool kept() const { return !lorem_ipsum && !curly_bracket && !too_few_sentences; }
};

struct CleanPages {
  TextBuffer text;            // empty where the page was dropped
  Buffer<PageCounts> counts;  // one per page
};

CleanPages clean_pages(const Column& text, const Rules& rules, const punkt::Parameters& parameters);

}  // namespace kernels::c4
