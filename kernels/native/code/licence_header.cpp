#include "licence_header.hpp"

#include <algorithm>

#include "bytes.hpp"

namespace kernels::code {
namespace {

constexpr size_t kNone = std::string_view::npos;

void append_squeezed(std::string_view text, std::string& out) {
  bool any = false, space = false;
  for (const char byte : text) {
    if (is_space(byte)) {
      space = any;
      continue;
    }
    if (space) out.push_back(' ');
    out.push_back(lower(byte));
    any = true;
    space = false;
  }
}

bool starts_with_any(std::string_view text, const std::vector<std::string>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [&](const std::string& one) { return text.starts_with(one); });
}

bool holds_any(std::string_view text, const std::vector<std::string>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(), [&](const std::string& one) { return text.find(one) != kNone; });
}

bool ends_sentence(std::string_view words) {
  return !words.empty() && (words.back() == '.' || words.back() == '!' || words.back() == ':');
}

// Lines of a comment that follow one another without a blank one; their words in lower case and single spaces.
class Paragraph {
 public:
  Paragraph(std::string_view source, std::vector<Line*> lines) : lines_(std::move(lines)) {
    for (const Line* line : lines_) {
      if (!joined_.empty()) joined_.push_back(' ');
      begins_.push_back(joined_.size());
      append_squeezed(line->text(source), joined_);
      ends_.push_back(joined_.size());
    }
    hit_.resize(lines_.size());
  }

  // Notes the lines in which one of the phrases stands, whole or in part; returns whether there are any.
  bool mark(const std::vector<std::string>& anywhere, const std::vector<std::string>& at_start) {
    for (size_t line = 0; line < lines_.size(); ++line)
      if (starts_with_any(words(line), at_start)) hit_[line] = any_ = true;
    for (const std::string& phrase : anywhere)
      for (size_t at = joined_.find(phrase); at != kNone; at = joined_.find(phrase, at + 1)) mark(at, phrase.size());
    return any_;
  }

  // Lets the sentences go that the phrases stand in.
  void cut(const Phrases& phrases) {
    if (!any_) return;
    const auto found = [](bool hit) { return hit; };
    auto first = static_cast<size_t>(std::find_if(hit_.begin(), hit_.end(), found) - hit_.begin());
    auto last = hit_.size() - 1 - static_cast<size_t>(std::find_if(hit_.rbegin(), hit_.rend(), found) - hit_.rbegin());
    if (!starts_with_any(words(first), phrases.line)) first = sentence_begin(first, phrases);
    while (last + 1 < lines_.size() && goes_on(last, phrases)) ++last;
    for (size_t line = first; line <= last; ++line) lines_[line]->gone = !holds_any(words(line), phrases.directives);
  }

 private:
  std::string_view words(size_t line) const {
    return std::string_view(joined_).substr(begins_[line], ends_[line] - begins_[line]);
  }

  void mark(size_t at, size_t length) {
    size_t line = static_cast<size_t>(std::upper_bound(begins_.begin(), begins_.end(), at) - begins_.begin()) - 1;
    for (; line < lines_.size() && begins_[line] < at + length; ++line)
      if (at < ends_[line]) hit_[line] = any_ = true;
  }

  size_t sentence_begin(size_t first, const Phrases& phrases) const {
    for (size_t line = first;; --line) {
      if (line < first && ends_sentence(words(line))) return first;
      if (starts_with_any(words(line), phrases.openers)) return line;
      if (line == 0) return first;
    }
  }

  bool goes_on(size_t line, const Phrases& phrases) const {
    if (ends_sentence(words(line))) return false;
    return words(line).ends_with(',') || !starts_with_any(words(line), phrases.line);
  }

  std::vector<Line*> lines_;
  std::string joined_;
  std::vector<size_t> begins_, ends_;
  std::vector<bool> hit_;
  bool any_ = false;
};

std::vector<Paragraph> paragraphs(std::string_view source, Block& block) {
  std::vector<Paragraph> found;
  std::vector<Line*> lines;
  for (Line& line : block.lines) {
    if (!line.blank()) lines.push_back(&line);
    if ((line.blank() || &line == &block.lines.back()) && !lines.empty()) found.emplace_back(source, std::exchange(lines, {}));
  }
  return found;
}

// Lets the blank lines of a block go that follow what goes, or precede it at the beginning.
void cut_blank_lines(Block& block) {
  const auto first = std::find_if(block.lines.begin(), block.lines.end(), [](const Line& line) { return !line.blank(); });
  bool gone = first->gone;
  for (Line& line : block.lines) {
    if (line.blank()) line.gone = gone;
    gone = line.gone;
  }
}

void cut_block(std::string_view source, Block& block, const Phrases& phrases) {
  std::vector<Paragraph> all = paragraphs(source, block);
  bool licence = false;
  for (Paragraph& paragraph : all) licence |= paragraph.mark(phrases.strong, phrases.line);
  if (!licence) return;
  for (Paragraph& paragraph : all) {
    paragraph.mark(phrases.weak, {});
    paragraph.cut(phrases);
  }
  cut_blank_lines(block);
}

// A whole comment with the line it has for itself and the blank lines behind it.
std::pair<size_t, size_t> whole_comment(std::string_view source, const Block& block) {
  size_t begin = block.begin, end = block.end;
  if (block.delimited) {
    const size_t rest = blank_line_end(source, end);
    if (rest != kNone && blank_before(source, begin)) {
      begin = line_begin(source, begin);
      end = rest;
    }
  } else if (!block.lines.front().whole && source[end - 1] == '\n') {
    --end;
  }
  while (end < source.size() && (end == 0 || source[end - 1] == '\n')) {
    const size_t rest = blank_line_end(source, end);
    if (rest == kNone) break;
    end = rest;
  }
  return {begin, end};
}

}  // namespace

Gaps licence_headers(std::string_view source, const Syntax& syntax, const Phrases& phrases) {
  LeadingCommentLexer lexer(source, syntax);
  lexer.run();
  Gaps gaps;
  for (Block& block : lexer.blocks()) {
    if (block.too_long()) continue;
    cut_block(source, block, phrases);
    if (std::all_of(block.lines.begin(), block.lines.end(), [](const Line& line) { return line.gone; })) {
      gaps.push_back(whole_comment(source, block));
      continue;
    }
    for (const Line& line : block.lines) {
      if (!line.gone || block.nested) continue;
      if (line.whole)
        gaps.emplace_back(line.begin, line.end);
      else
        gaps.emplace_back(line.content_begin, line.content_end);
    }
  }
  return gaps;
}

void append_without(std::string_view source, const Gaps& gaps, Buffer<uint8_t>& out) {
  out.make_room(source.size() + gaps.size());
  const auto* const bytes = reinterpret_cast<const uint8_t*>(source.data());
  const uint8_t* const begin = out.end() + (source.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
  uint8_t* p = out.end();
  size_t at = 0;
  for (const auto& [gap, behind] : gaps) {
    p = append(p, bytes + at, bytes + gap);
    if (p > begin && behind < source.size() && !is_space(static_cast<char>(p[-1])) && !is_space(source[behind])) *p++ = ' ';
    at = behind;
  }
  out.set_end(append(p, bytes + at, bytes + source.size()));
}

void append_words(std::string_view source, const Syntax& syntax, const Phrases& phrases, std::string& out) {
  LeadingCommentLexer lexer(source, syntax);
  const size_t code = lexer.run();
  const size_t start = out.size();
  for (const Block& block : lexer.blocks())
    for (const Line& line : block.lines) {
      if (line.blank() || block.too_long()) continue;
      out.append(line.text(source));
      out.push_back('\n');
    }
  for (const std::string& quotes : syntax.docstrings) {
    const std::string_view literal = source.substr(code);
    const size_t prefix = !literal.empty() && std::string_view("rRuU").find(literal[0]) != kNone ? 1 : 0;
    if (!literal.substr(prefix).starts_with(quotes)) continue;
    const size_t begin = code + prefix + quotes.size(), end = source.find(quotes, begin);
    if (end == kNone || end - begin > kMost) continue;
    out.append(source, begin, end - begin);
    out.push_back('\n');
  }
  std::string lowered = out.substr(start);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
  if (!holds_any(lowered, phrases.hints)) out.resize(start);
}

}  // namespace kernels::code
