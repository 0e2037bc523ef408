// Which of the leading comments of a source file are a licence header, and the text without them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "buffer.hpp"
#include "leading_comments.hpp"

namespace kernels::code {

// What each field is says kernels/code.py.
struct Phrases {
  std::vector<std::string> strong, line, weak, openers, directives, hints;
};

// Parts of the text, from first to last.
using Gaps = std::vector<std::pair<size_t, size_t>>;

// The parts that make up the licence headers, none touching code.
Gaps licence_headers(std::string_view source, const Syntax& syntax, const Phrases& phrases);

// Appends the text without `gaps`, with a space where two words would meet.
void append_without(std::string_view source, const Gaps& gaps, Buffer<uint8_t>& out);

// Appends the words of the leading comments, a line each, if they hold one of phrases.hints.
void append_words(std::string_view source, const Syntax& syntax, const Phrases& phrases, std::string& out);

}  // namespace kernels::code
