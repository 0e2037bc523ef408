#include "html_tokens.hpp"

#include <algorithm>
#include <cstring>

#include "bytes.hpp"

namespace kernels::html {
namespace {

std::string_view view(const uint8_t* begin, const uint8_t* end) {
  return {reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin)};
}

struct KnownAttribute {
  std::string_view text;
  AttributeName name;
};

constexpr KnownAttribute kKnownAttributes[] = {
    {"class", AttributeName::kClass},       {"id", AttributeName::kId},
    {"href", AttributeName::kHref},         {"style", AttributeName::kStyle},
    {"itemprop", AttributeName::kItemprop}, {"role", AttributeName::kRole},
    {"rel", AttributeName::kRel},           {"type", AttributeName::kType},
    {"name", AttributeName::kName},         {"content", AttributeName::kContent},
    {"property", AttributeName::kProperty}, {"hidden", AttributeName::kHidden},
    {"aria-hidden", AttributeName::kAriaHidden}, {"start", AttributeName::kStart},
};

const KnownAttribute* find_attribute(std::string_view name) {
  if (name.size() < 2 || name.size() > 11) return nullptr;
  const uint8_t first = lower(static_cast<uint8_t>(name[0]));
  for (const KnownAttribute& known : kKnownAttributes)
    if (static_cast<uint8_t>(known.text[0]) == first && equals_ignoring_case(name, known.text)) return &known;
  return nullptr;
}

}  // namespace

bool equals_ignoring_case(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (size_t i = 0; i < text.size(); ++i)
    if (lower(static_cast<uint8_t>(text[i])) != static_cast<uint8_t>(word[i])) return false;
  return true;
}

Scanner::Kind Scanner::next(bool foreign) {
  while (p_ < end_) {
    const uint8_t* from = p_;
    const uint8_t* open = find_byte(p_, end_, '<');
    // A "<" that begins nothing is text itself.
    while (open < end_) {
      const uint8_t follows = open + 1 < end_ ? open[1] : 0;
      if (is_letter(follows) || follows == '!' || follows == '?' || follows == '/') break;
      open = find_byte(open + 1, end_, '<');
    }
    if (open > from) {
      text_ = view(from, open);
      p_ = open;
      return Kind::kText;
    }
    if (is_letter(open[1])) {
      p_ = open + 1;
      start_.first_attribute = static_cast<uint32_t>(attributes_.size());
      if (read_tag_name(start_.tag) && read_attributes()) return Kind::kStartTag;
      attributes_.resize(start_.first_attribute);
      return Kind::kEnd;
    }
    if (open[1] == '/' && open + 2 < end_ && is_letter(open[2])) {
      p_ = open + 2;
      const size_t kept = attributes_.size();
      const bool whole = read_tag_name(end_tag_) && read_attributes();
      attributes_.resize(kept);
      return whole ? Kind::kEndTag : Kind::kEnd;
    }
    bool cdata = false;
    skip_markup(foreign, cdata);
    if (cdata) return Kind::kCdata;
  }
  return Kind::kEnd;
}

bool Scanner::read_tag_name(Tag& tag) {
  uint8_t name[kLongestTagName];
  size_t length = 0;
  while (p_ < end_ && !is_space(*p_) && *p_ != '/' && *p_ != '>') {
    if (length < kLongestTagName) name[length] = lower(*p_);
    ++length;
    ++p_;
  }
  tag = find_tag(name, length);
  return p_ < end_;
}

// From behind the tag's name to behind its ">"; false when the source ends before.
bool Scanner::read_attributes() {
  start_.self_closing = false;
  while (p_ < end_) {
    const uint8_t c = *p_;
    if (c == '>') {
      ++p_;
      return true;
    }
    if (is_space(c) || c == '/') {
      start_.self_closing = c == '/' && p_ + 1 < end_ && p_[1] == '>';
      ++p_;
      continue;
    }
    const uint8_t* name = p_++;  // which may begin with "="
    while (p_ < end_ && !is_space(*p_) && *p_ != '/' && *p_ != '>' && *p_ != '=') ++p_;
    const std::string_view written = view(name, p_);
    const uint8_t* behind = p_;
    while (behind < end_ && is_space(*behind)) ++behind;
    std::string_view value;
    if (behind < end_ && *behind == '=') {
      p_ = behind + 1;
      while (p_ < end_ && is_space(*p_)) ++p_;
      if (p_ == end_) return false;
      if (*p_ != '>') read_attribute_value(value);
    }
    if (const KnownAttribute* known = find_attribute(written)) attributes_.push_back({known->name, value});
  }
  return false;
}

void Scanner::read_attribute_value(std::string_view& value) {
  if (*p_ == '"' || *p_ == '\'') {
    const uint8_t* close = find_byte(p_ + 1, end_, *p_);
    value = view(p_ + 1, close);
    p_ = close < end_ ? close + 1 : end_;
    return;
  }
  const uint8_t* from = p_;
  while (p_ < end_ && !is_space(*p_) && *p_ != '>') ++p_;
  value = view(from, p_);
}

// From "<!", "<?" or "</" followed by no letter.
void Scanner::skip_markup(bool foreign, bool& cdata) {
  const std::string_view rest = view(p_, end_);
  if (rest.starts_with("<!--")) {
    p_ += 4;
    skip_comment();
  } else if (foreign && rest.starts_with("<![CDATA[")) {
    const size_t close = rest.find("]]>");
    const uint8_t* text_end = close == std::string_view::npos ? end_ : p_ + close;
    text_ = view(p_ + 9, std::max(text_end, p_ + 9));
    p_ = close == std::string_view::npos ? end_ : text_end + 3;
    cdata = true;
  } else if (p_ + 2 >= end_) {
    p_ = end_;
  } else {
    const uint8_t* close = find_byte(p_ + 2, end_, '>');
    p_ = close < end_ ? close + 1 : end_;
  }
}

// From behind "<!--".
void Scanner::skip_comment() {
  if (p_ < end_ && *p_ == '>') {
    ++p_;
    return;
  }
  if (p_ + 1 < end_ && p_[0] == '-' && p_[1] == '>') {
    p_ += 2;
    return;
  }
  for (const uint8_t* close = p_; (close = find_byte(close, end_, '>')) < end_; ++close) {
    if ((close - p_ >= 2 && close[-1] == '-' && close[-2] == '-') ||
        (close - p_ >= 3 && close[-1] == '!' && close[-2] == '-' && close[-3] == '-')) {
      p_ = close + 1;
      return;
    }
  }
  p_ = end_;
}

// Whether a tag's name, and not only the beginning of a longer one, is at p.
bool Scanner::starts_tag(const uint8_t* p, std::string_view name) const {
  if (static_cast<size_t>(end_ - p) <= name.size()) return false;
  const uint8_t behind = p[name.size()];
  return (is_space(behind) || behind == '/' || behind == '>') && equals_ignoring_case(view(p, p + name.size()), name);
}

const uint8_t* Scanner::find_raw_end(const uint8_t* from, std::string_view name) const {
  for (const uint8_t* open = from; (open = find_byte(open, end_, '<')) < end_; ++open)
    if (open + 1 < end_ && open[1] == '/' && starts_tag(open + 2, name)) return open;
  return end_;
}

// A script inside "<!--" may hold "<script>" with an end tag of its own.
const uint8_t* Scanner::find_script_end() const {
  enum { kData, kEscaped, kDoubleEscaped } state = kData;
  const uint8_t* dashes = nullptr;  // behind the "<!--" or "--" from which a "-->" may end
  for (const uint8_t* p = p_; p < end_; ++p) {
    if (state == kData) {
      p = find_byte(p, end_, '<');
      if (p == end_) break;
    }
    if (*p == '<') {
      const bool closes = p + 1 < end_ && p[1] == '/';
      if (closes && starts_tag(p + 2, "script")) {
        if (state != kDoubleEscaped) return p;
        state = kEscaped;
      } else if (state == kEscaped && starts_tag(p + 1, "script")) {
        state = kDoubleEscaped;
      } else if (state == kData && end_ - p >= 4 && std::memcmp(p, "<!--", 4) == 0) {
        state = kEscaped;
        dashes = p + 2;
        p += 3;
      }
    } else if (*p == '>' && p - dashes >= 2 && p[-1] == '-' && p[-2] == '-') {
      state = kData;
    }
  }
  return end_;
}

void Scanner::read_raw(Tag tag) {
  const uint8_t* close = tag == Tag::kScript ? find_script_end() : find_raw_end(p_, tag_name(tag));
  text_ = view(p_, close);
  p_ = close;
  if (close == end_) return;
  p_ += 2;
  const size_t kept = attributes_.size();
  Tag ended;
  if (!read_tag_name(ended) || !read_attributes()) p_ = end_;
  attributes_.resize(kept);
}

void Scanner::read_rest() {
  text_ = view(p_, end_);
  p_ = end_;
}

}  // namespace kernels::html
