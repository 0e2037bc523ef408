// The counts from which the rules of Gopher and FineWeb decide, once per document.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "buffer.hpp"
#include "column.hpp"

namespace kernels {

#define KERNELS_STATISTICS(X)                                                                                    \
  X(characters) X(words) X(nonsymbol_words) X(nonsymbol_characters) X(letter_words) X(stop_words) X(hashes)      \
  X(ellipses) X(newlines) X(lines) X(bullet_lines) X(ellipsis_lines) X(text_lines) X(terminal_lines)             \
  X(short_lines) X(repeated_text_line_characters) X(paragraphs) X(repeated_paragraphs)                           \
  X(repeated_paragraph_characters) X(blocks) X(repeated_blocks) X(repeated_block_characters) X(top_2gram)        \
  X(top_3gram) X(top_4gram) X(repeated_5grams) X(repeated_6grams) X(repeated_7grams) X(repeated_8grams)          \
  X(repeated_9grams) X(repeated_10grams)

// One document's counts; what each is says kernels/pages.py.
struct Statistics {
#define X(name) int64_t name = 0;
  KERNELS_STATISTICS(X)
#undef X
};

inline constexpr const char* kStatisticsNames[] = {
#define X(name) #name,
    KERNELS_STATISTICS(X)
#undef X
};

struct StatisticsSettings {
  std::vector<std::string> stop_words;  // 64 at most
  int64_t short_line;                   // most code points of a short line
  bool repetition;                      // whether to fill what comes after repeated_text_line_characters
};

Buffer<Statistics> text_statistics(const Column& text, const StatisticsSettings& settings);

}  // namespace kernels
