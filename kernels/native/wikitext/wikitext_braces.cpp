#include "wikitext_braces.hpp"

#include <algorithm>

namespace kernels::wikitext {
namespace {

struct Open {
  uint32_t at, count;  // of opening characters not yet closed
  bool link;
};

// As MediaWiki's preprocessor matches them: a run of closing braces takes three or two at a time from the innermost
// run of opening ones. An unclosed [[ does not keep the template around it open.
class Matcher {
 public:
  explicit Matcher(std::string_view text) : text_(text) {}

  std::vector<Bracket> match() {
    for (uint32_t at = 0; (at = static_cast<uint32_t>(std::min(text_.find_first_of("{}[]", at), text_.size()))) < text_.size();) {
      uint32_t end = at + 1;
      while (end < text_.size() && text_[end] == text_[at]) ++end;
      if (end - at >= 2) run(text_[at], at, end - at);
      at = end;
    }
    std::sort(found_.begin(), found_.end(), [](const Bracket& a, const Bracket& b) { return a.open < b.open; });
    return std::move(found_);
  }

 private:
  void run(char c, uint32_t at, uint32_t count) {
    if (c == '{') {
      open_.push_back({at, count, false});
      ++templates_;
    } else if (c == '[') {
      open_.push_back({at + count - 2, 2, true});
    } else if (c == ']') {
      for (; count >= 2 && !open_.empty() && open_.back().link; count -= 2, at += 2) {
        found_.push_back({open_.back().at, at, 2, true});
        open_.pop_back();
      }
    } else {
      close_braces(at, count);
    }
  }

  void close_braces(uint32_t at, uint32_t count) {
    while (count >= 2 && templates_ > 0) {
      while (open_.back().link) open_.pop_back();
      Open& top = open_.back();
      const uint32_t width = std::min({top.count, count, 3u});
      found_.push_back({top.at + top.count - width, at, static_cast<uint8_t>(width), false});
      top.count -= width;
      count -= width;
      at += width;
      if (top.count < 2) {
        open_.pop_back();
        --templates_;
      }
    }
  }

  std::string_view text_;
  std::vector<Open> open_;
  size_t templates_ = 0;  // in open_
  std::vector<Bracket> found_;
};

}  // namespace

std::vector<Bracket> match_brackets(std::string_view text) { return Matcher(text).match(); }

}  // namespace kernels::wikitext
