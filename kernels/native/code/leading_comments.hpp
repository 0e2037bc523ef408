// The comments a source file begins with, up to its first code.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kernels::code {

// What each field is says kernels/code.py.
struct Syntax {
  std::vector<std::string> line;
  std::vector<std::pair<std::string, std::string>> block, prolog;
  bool nested = false, at_line_start = false;
  std::string indented, line_end;
  std::vector<std::string> docstrings;
};

inline constexpr std::string_view kSpace = " \t\r\n\f\v";
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

inline bool is_space(char byte) { return kSpace.find(byte) != std::string_view::npos; }
inline bool is_blank(std::string_view text) { return text.find_first_not_of(kSpace) == std::string_view::npos; }
inline char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte; }

// Position behind the newline of the line that `at` is in.
size_t line_end(std::string_view source, size_t at);

// The same, if only white space stands from `at` to there; else npos, found at the first other character.
size_t blank_line_end(std::string_view source, size_t at);

// Where the line that `at` is in begins, behind a byte order mark.
size_t line_begin(std::string_view source, size_t at);

// Whether only white space stands before `at` on its line.
bool blank_before(std::string_view source, size_t at);

// One line of a comment: where it and its newline lie, and the part of it that is words.
struct Line {
  size_t begin, end, content_begin, content_end;
  bool whole;  // nothing but the comment stands on it
  bool gone = false;

  bool blank() const { return content_begin == content_end; }
  std::string_view text(std::string_view source) const {
    return source.substr(content_begin, content_end - content_begin);
  }
};

// The comments looked at begin in the first kMost bytes and are not longer than that.
inline constexpr size_t kMost = 1 << 16;

// A comment between delimiters, or a run of line comments and the blank lines between them.
struct Block {
  size_t begin, end;
  bool delimited;
  bool nested;  // holds comments of its own, so that no line of it can go alone
  std::vector<Line> lines;

  bool too_long() const { return end - begin > kMost; }
};

class LeadingCommentLexer {
 public:
  LeadingCommentLexer(std::string_view source, const Syntax& syntax) : source_(source), syntax_(syntax) {}

  const std::vector<Block>& blocks() const { return blocks_; }
  std::vector<Block>& blocks() { return blocks_; }

  // Fills blocks(); returns where the first code begins.
  size_t run();

 private:
  bool starts(std::string_view marker) const;
  size_t line_marker() const;
  Line line_of(size_t begin, size_t end, size_t words, bool whole) const;
  bool prolog();
  bool block();
  bool line();
  bool indented();
  size_t closing(std::string_view open, std::string_view close) const;

  std::string_view source_;
  const Syntax& syntax_;
  std::vector<Block> blocks_;
  size_t at_ = 0;
  bool stopped_ = false;  // at a comment without an end
};

}  // namespace kernels::code
