// The pieces of HTML source: tags with their attributes, and what lies between them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "html_tree.hpp"

namespace kernels::html {

inline bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v'); }
inline uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? static_cast<uint8_t>(c | 0x20) : c; }
inline bool is_letter(uint8_t c) { return static_cast<uint8_t>((c | 0x20) - 'a') < 26; }

// Whether `text` is `word`, which is in lower case, in any case.
bool equals_ignoring_case(std::string_view text, std::string_view word);

struct StartTag {
  Tag tag;
  bool self_closing;
  uint32_t first_attribute;
};

class Scanner {
 public:
  Scanner(std::string_view source, std::vector<Attribute>& attributes)
      : begin_(reinterpret_cast<const uint8_t*>(source.data())),
        p_(begin_),
        end_(begin_ + source.size()),
        attributes_(attributes) {}

  enum class Kind { kEnd, kText, kStartTag, kEndTag, kCdata };

  // Reads the next piece; comments, declarations and processing instructions are passed over.
  Kind next(bool foreign);

  // Reads the text up to the end tag of a raw-text element, and that tag; all that is left without one.
  void read_raw(Tag tag);

  void read_rest();

  std::string_view text() const { return text_; }
  size_t position(std::string_view part) const {
    return static_cast<size_t>(reinterpret_cast<const uint8_t*>(part.data()) - begin_);
  }
  const StartTag& start() const { return start_; }
  Tag end_tag() const { return end_tag_; }

 private:
  bool read_tag_name(Tag& tag);
  bool read_attributes();
  void read_attribute_value(std::string_view& value);
  void skip_markup(bool foreign, bool& cdata);
  void skip_comment();
  const uint8_t* find_raw_end(const uint8_t* from, std::string_view name) const;
  const uint8_t* find_script_end() const;
  bool starts_tag(const uint8_t* p, std::string_view name) const;

  const uint8_t* begin_;
  const uint8_t* p_;
  const uint8_t* end_;
  std::vector<Attribute>& attributes_;
  std::string_view text_;
  StartTag start_{};
  Tag end_tag_ = Tag::kOther;
};

}  // namespace kernels::html
