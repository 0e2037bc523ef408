#include <algorithm>
#include <array>
#include <cstring>

#include "wikitext_passes.hpp"
#include "wikitext_scripts.hpp"
#include "wikitext_shield.hpp"
#include "wikitext_tags.hpp"

namespace kernels::wikitext {
namespace {

constexpr size_t kDeepest = 32;  // links inside links, and elements inside elements

// A "[[" whose "]]" has not been seen.
struct Link {
  size_t start;       // in the output
  size_t bar;         // the first "|" after it, npos before
  size_t line_end;    // the first newline after it, npos before
  size_t external;    // external links open around it
  Prefix prefix;
};

struct Element {
  Tag tag;
  bool removed;
  size_t start;
};

bool is_protocol(std::string_view text) {
  for (std::string_view protocol : {"http://", "https://", "ftp://", "//", "mailto:", "news:", "irc://", "sftp://"})
    if (starts_with_any_case(text, protocol)) return true;
  return false;
}

class Resolver {
 public:
  Resolver(std::string_view in, const Site& site, std::string& out) : in_(in), site_(site), out_(out) {}

  void run() {
    while (at_ < in_.size()) {
      const size_t plain = at_;
      while (at_ < in_.size() && !kSpecial[static_cast<unsigned char>(in_[at_])]) ++at_;
      out_.append(in_.substr(plain, at_ - plain));
      if (at_ < in_.size()) special();
    }
    abandon_links();
  }

 private:
  static constexpr auto kSpecial = [] {
    std::array<bool, 256> special{};
    for (char c : std::string_view("[]<&\n|")) special[static_cast<unsigned char>(c)] = true;
    return special;
  }();

  std::string_view rest() const { return in_.substr(at_); }

  void special() {
    switch (in_[at_]) {
      case '[': opening(); break;
      case ']': closing(); break;
      case '<': element(); break;
      case '\n': line_end(); break;
      case '|':
        if (!links_.empty() && links_.back().bar == std::string::npos) links_.back().bar = out_.size();
        out_ += in_[at_++];
        break;
      default: {
        const size_t read = append_entity(in_, at_, site_.entities, out_);
        if (read == 0) out_ += '&';
        at_ += read ? read : 1;
      }
    }
  }

  void opening() {
    size_t run = 1;
    while (at_ + run < in_.size() && in_[at_ + run] == '[') ++run;
    if (run >= 2) {
      out_.append(run - 2, '[');
      at_ += run;
      if (links_.size() < kDeepest)
        links_.push_back({out_.size(), std::string::npos, std::string::npos, external_, prefix_of(rest())});
    } else if (is_protocol(in_.substr(at_ + 1))) {
      external_link();
    } else {
      out_ += in_[at_++];
    }
  }

  // The prefix of a link's target, which begins `text`.
  Prefix prefix_of(std::string_view text) const {
    constexpr size_t kLongest = 80;
    text = text.substr(0, kLongest);
    const size_t colon = text.find_first_of(":|]\n[");
    if (colon == std::string_view::npos || text[colon] != ':' || colon == 0) return Prefix::none;
    const auto found = site_.prefixes.find(normal_name(text.substr(0, colon)));
    return found == site_.prefixes.end() ? Prefix::none : found->second;
  }

  // "[http://x label]": the address goes at once, the "]" when it comes.
  void external_link() {
    size_t end = at_ + 1;
    while (end < in_.size() && !std::memchr(" \t\n]<>[\"", in_[end], 9)) ++end;
    if (end < in_.size() && in_[end] == ']') {
      out_ += kGap;
      at_ = end + 1;
      return;
    }
    while (end < in_.size() && (in_[end] == ' ' || in_[end] == '\t')) ++end;
    ++external_;
    at_ = end;
  }

  void closing() {
    const size_t around = links_.empty() ? 0 : links_.back().external;
    if (external_ > around) {
      --external_;
      ++at_;
    } else if (rest().starts_with("]]")) {
      if (!links_.empty()) close_link();
      at_ += 2;
    } else {
      out_ += in_[at_++];
    }
  }

  void close_link() {
    const Link link = links_.back();
    links_.pop_back();
    external_ = link.external;
    forget_elements_from(link.start);
    const bool kept_category = link.prefix == Prefix::category && site_.category_names;
    if (link.prefix == Prefix::file || link.prefix == Prefix::language ||
        (link.prefix == Prefix::category && !kept_category)) {
      out_.resize(link.start);
      out_ += kGap;
      return;
    }
    std::string label;
    const std::string_view whole = std::string_view(out_).substr(link.start);
    if (kept_category) {
      label = trim(whole.substr(0, whole.find('|')));
      label.erase(0, label.find(':') + 1);
    } else if (link.bar == std::string::npos) {
      label = label_of(whole, link.prefix);
    } else {
      label = whole.substr(link.bar - link.start + 1);
      if (trim(label).empty()) label = without_qualifier(label_of(whole.substr(0, link.bar - link.start), Prefix::interwiki));
    }
    out_.resize(link.start);
    out_ += label;
  }

  // How a link without a label reads: no leading colon or hash, no prefix of another wiki.
  static std::string label_of(std::string_view target, Prefix prefix) {
    target = trim(target);
    if (target.starts_with(':')) target.remove_prefix(1);
    if (prefix == Prefix::interwiki)
      if (const size_t colon = target.find(':'); colon != std::string_view::npos) target.remove_prefix(colon + 1);
    if (target.starts_with('#')) target.remove_prefix(1);
    return std::string(target);
  }

  // The pipe trick: "Boston, Massachusetts" and "Mercury (planet)" without what follows the name.
  static std::string without_qualifier(std::string target) {
    if (const size_t bracket = target.find(" ("); bracket != std::string::npos && target.ends_with(')')) target.resize(bracket);
    else if (const size_t comma = target.find(", "); comma != std::string::npos) target.resize(comma);
    return target;
  }

  // Targets hold no newline; labels and captions end with their paragraph.
  void line_end() {
    external_ = 0;
    for (Link& link : links_) link.external = 0;
    while (!links_.empty() && links_.back().bar == std::string::npos && links_.back().prefix != Prefix::file) links_.pop_back();
    const char next = at_ + 1 < in_.size() ? in_[at_ + 1] : '\n';
    if (!links_.empty() && (next == '\n' || next == '=' || next == kGap)) abandon_links();
    for (Link& link : links_)
      if (link.line_end == std::string::npos) link.line_end = out_.size();
    out_ += '\n';
    ++at_;
  }

  // Of links that are never closed the text stays, without the target; of files, what follows their first line.
  void abandon_links() {
    for (; !links_.empty(); links_.pop_back()) {
      const Link& link = links_.back();
      forget_elements_from(link.start);
      if (link.prefix != Prefix::none && link.prefix != Prefix::interwiki)
        out_.erase(link.start, std::min(link.line_end, out_.size()) - link.start);
      else if (link.bar != std::string::npos)
        out_.erase(link.start, link.bar + 1 - link.start);
    }
  }

  void element() {
    const ParsedTag tag = parse_tag(rest());
    if (tag.length == 0) {
      out_ += in_[at_++];
      return;
    }
    at_ += tag.length;
    if (tag.tag == Tag::line_break) {
      out_ += links_.empty() ? '\n' : ' ';
    } else if (tag.closing) {
      close_element(tag.tag);
    } else if (tag.tag != Tag::plain && !tag.empty && elements_.size() < kDeepest) {
      elements_.push_back({tag.tag, tag.removed, out_.size()});
    }
  }

  void close_element(Tag tag) {
    size_t found = elements_.size();
    while (found > 0 && elements_[found - 1].tag != tag) --found;
    if (tag == Tag::plain || found == 0) return;
    const Element element = elements_[found - 1];
    elements_.resize(found - 1);
    if (element.removed) {
      out_.resize(element.start);
      out_ += kGap;
    } else if (tag == Tag::superscript || tag == Tag::subscript) {
      raise_or_lower(out_, element.start, tag == Tag::superscript);
    } else {
      return;
    }
    forget_links_from(element.start);
  }

  // What began in a part of the output that has been rewritten is text now.
  void forget_links_from(size_t start) {
    while (!links_.empty() && links_.back().start > start) links_.pop_back();
    for (Link& link : links_) {
      if (link.bar != std::string::npos && link.bar >= start) link.bar = std::string::npos;
      if (link.line_end != std::string::npos && link.line_end >= start) link.line_end = std::string::npos;
    }
  }

  void forget_elements_from(size_t start) {
    while (!elements_.empty() && elements_.back().start > start) elements_.pop_back();
  }

  std::string_view in_;
  const Site& site_;
  std::string& out_;
  size_t at_ = 0;
  size_t external_ = 0;
  std::vector<Link> links_;
  std::vector<Element> elements_;
};

}  // namespace

void resolve_inline(std::string_view in, const Site& site, std::string& out) { Resolver(in, site, out).run(); }

}  // namespace kernels::wikitext
