#include "leading_comments.hpp"

#include <algorithm>

namespace kernels::code {
namespace {

constexpr std::string_view kDecoration = " \t\r\n\f\v*/#;%!-=|~+_<>";
constexpr size_t kNone = std::string_view::npos;

std::string_view without_space_behind(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

}  // namespace

size_t line_end(std::string_view source, size_t at) {
  const size_t newline = source.find('\n', at);
  return newline == kNone ? source.size() : newline + 1;
}

size_t blank_line_end(std::string_view source, size_t at) {
  while (at < source.size() && source[at] != '\n' && is_space(source[at])) ++at;
  if (at == source.size()) return at;
  return source[at] == '\n' ? at + 1 : kNone;
}

size_t line_begin(std::string_view source, size_t at) {
  const size_t least = source.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (at > least && source[at - 1] != '\n') --at;
  return at;
}

bool blank_before(std::string_view source, size_t at) {
  const size_t begin = line_begin(source, at);
  return is_blank(source.substr(begin, at - begin));
}

size_t LeadingCommentLexer::run() {
  at_ = source_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (true) {
    while (at_ < source_.size() && is_space(source_[at_])) ++at_;
    if (at_ >= std::min(source_.size(), kMost) || stopped_) return at_;
    if (!(prolog() || block() || line() || indented())) return at_;
  }
}

bool LeadingCommentLexer::starts(std::string_view marker) const {
  if (source_.size() - at_ < marker.size()) return false;
  for (size_t i = 0; i < marker.size(); ++i)
    if (lower(source_[at_ + i]) != marker[i]) return false;
  return true;
}

// Length of the line comment marker here; 0 without. One that ends in white space may end the line instead.
size_t LeadingCommentLexer::line_marker() const {
  if (syntax_.at_line_start && line_begin(source_, at_) != at_) return 0;
  for (const std::string& marker : syntax_.line) {
    if (starts(marker)) return marker.size();
    const std::string_view bare = without_space_behind(marker);
    if (bare.size() == marker.size() || !starts(bare)) continue;
    if (blank_line_end(source_, at_ + bare.size()) != kNone) return bare.size();
  }
  return 0;
}

Line LeadingCommentLexer::line_of(size_t begin, size_t end, size_t words, bool whole) const {
  size_t first = words, last = end;
  while (first < last && kDecoration.find(source_[first]) != kNone) ++first;
  while (last > first && kDecoration.find(source_[last - 1]) != kNone) --last;
  return {begin, end, first, last, whole};
}

bool LeadingCommentLexer::prolog() {
  for (const auto& [open, close] : syntax_.prolog) {
    if (!starts(open) || (open == "#!" && at_ != 0 && at_ != kByteOrderMark.size())) continue;
    const size_t found = source_.find(close, at_ + open.size());
    stopped_ = found == kNone;
    if (!stopped_) at_ = found + close.size();
    return true;
  }
  return false;
}

// Position behind the end of the comment that begins here; kNone where it has none.
size_t LeadingCommentLexer::closing(std::string_view open, std::string_view close) const {
  size_t at = at_ + open.size();
  if (!syntax_.nested) {
    const size_t ends = source_.find(close, at);
    return ends == kNone ? kNone : ends + close.size();
  }
  for (size_t depth = 1; at < source_.size();) {
    const std::string_view rest = source_.substr(at);
    if (rest.starts_with(close)) {
      at += close.size();
      if (--depth == 0) return at;
    } else if (rest.starts_with(open)) {
      at += open.size();
      ++depth;
    } else {
      ++at;
    }
  }
  return kNone;
}

bool LeadingCommentLexer::block() {
  for (const auto& [open, close] : syntax_.block) {
    if (!starts(open)) continue;
    const size_t end = closing(open, close);
    stopped_ = end == kNone;
    if (stopped_) return true;
    const size_t stop = end - close.size();
    size_t begin = at_ + open.size();
    const bool nested = syntax_.nested && source_.substr(0, stop).find(open, begin) != kNone;
    Block block{at_, end, true, nested, {}};
    do {
      const size_t after = line_end(source_.substr(0, stop), begin);
      block.lines.push_back(line_of(begin, after, begin, true));
      begin = after;
    } while (begin < stop);
    block.lines.front().whole = block.lines.back().whole = false;
    blocks_.push_back(std::move(block));
    at_ = end;
    return true;
  }
  return false;
}

bool LeadingCommentLexer::line() {
  const size_t marker = line_marker();
  if (!marker) return false;
  const size_t end = line_end(source_, at_);
  std::string_view written = source_.substr(at_, end - at_);
  while (!written.empty() && (written.back() == '\n' || written.back() == '\r')) written.remove_suffix(1);
  if (written.ends_with('\\')) return false;  // C and make go on with the comment in the next line
  if (!syntax_.line_end.empty() && written.find(syntax_.line_end) != kNone) return false;
  const bool whole = blank_before(source_, at_);
  const size_t begin = whole ? line_begin(source_, at_) : at_;
  Block* last = blocks_.empty() ? nullptr : &blocks_.back();
  const bool continues = last && !last->delimited && is_blank(source_.substr(last->end, begin - last->end));
  if (!continues) last = &blocks_.emplace_back(Block{begin, end, false, false, {}});
  for (size_t at = last->end; continues && at < begin;) {
    const size_t after = line_end(source_, at);
    last->lines.push_back({at, after, at, at, true});
    at = after;
  }
  last->lines.push_back(line_of(begin, end, at_ + marker, whole));
  last->end = at_ = end;
  return true;
}

// A comment of reStructuredText: the marker's line and the lines indented below it.
bool LeadingCommentLexer::indented() {
  const std::string_view marker = syntax_.indented;
  if (marker.empty() || !starts(marker) || line_begin(source_, at_) != at_) return false;
  const size_t end = line_end(source_, at_);
  const std::string_view first = source_.substr(at_ + marker.size(), end - at_ - marker.size());
  const size_t word = first.find_first_not_of(kSpace);
  if (first.find("::") != kNone || word == 0) return false;
  if (word != kNone && std::string_view("_[|").find(first[word]) != kNone) return false;
  Block block{at_, end, false, false, {line_of(at_, end, at_ + marker.size(), true)}};
  for (size_t at = end; at < source_.size();) {
    const size_t after = line_end(source_, at);
    if (!is_blank(source_.substr(at, after - at)) && source_[at] != ' ' && source_[at] != '\t') break;
    block.lines.push_back(line_of(at, after, at, true));
    at = after;
  }
  while (block.lines.size() > 1 && block.lines.back().blank()) block.lines.pop_back();
  block.end = at_ = block.lines.back().end;
  blocks_.push_back(std::move(block));
  return true;
}

}  // namespace kernels::code
