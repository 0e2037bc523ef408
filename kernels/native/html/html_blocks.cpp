#include "html_blocks.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "utf8.hpp"

namespace kernels::html {
namespace {

// Ideographs, kana and Hangul: one of them says about as much as two letters of an alphabet, and needs no spaces.
bool is_dense(uint32_t code) {
  return (code >= 0x3040 && code <= 0x9FFF) || (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0x20000 && code <= 0x3FFFF);
}

bool is_wide_space(uint32_t code) {
  return code == 0xA0 || code == 0x3000 || (code >= 0x2000 && code <= 0x200F);
}

// Ends of sentences in Chinese and Japanese, Hindi, Arabic, Urdu and Burmese; the ellipsis.
bool is_stop(uint32_t code) {
  constexpr uint32_t kStops[] = {0x3002, 0xFF01, 0xFF1F, 0x0964, 0x061F, 0x06D4, 0x104B, 0x2026};
  return std::find(std::begin(kStops), std::end(kStops), code) != std::end(kStops);
}

bool is_comma(uint32_t code) { return code == 0x3001 || code == 0xFF0C || code == 0x060C || code == 0xFF1B; }

// Goes through a text character by character.
class Counter {
 public:
  explicit Counter(std::string_view text)
      : p_(reinterpret_cast<const uint8_t*>(text.data())), end_(p_ + text.size()) {}

  TextCounts count() {
    while (p_ < end_) {
      if (*p_ <= ' ') space(1);
      else if (*p_ == '&') reference();
      else if (*p_ < 0x80) ascii();
      else wide();
    }
    return counts_;
  }

 private:
  void space(size_t length) {
    in_word_ = false;
    p_ += length;
  }

  void letter(size_t length) {
    ++counts_.characters;
    counts_.words += !in_word_;
    in_word_ = true;
    p_ += length;
  }

  // Not decoded: what matters is whether it is a space.
  void reference() {
    constexpr ptrdiff_t kLongest = 10;
    const uint8_t* stop = p_ + 1;
    while (stop < end_ && stop - p_ < kLongest && *stop != ';' && *stop > ' ') ++stop;
    if (stop == end_ || *stop != ';') return letter(1);
    const size_t length = static_cast<size_t>(stop + 1 - p_);
    if (length == 6 && std::memcmp(p_, "&nbsp;", 6) == 0) return space(length);
    letter(length);
  }

  void ascii() {
    const uint8_t c = *p_, next = p_ + 1 < end_ ? p_[1] : ' ';
    const bool last = next <= ' ' || next == '"' || next == '\'' || next == ')' || next >= 0x80;
    if (last && (c == '.' || c == '!' || c == '?')) ++counts_.stops;
    if (last && (c == ',' || c == ';')) ++counts_.commas;
    letter(1);
  }

  void wide() {
    const utf8::Decoded character = utf8::decode_multibyte(p_, end_);
    if (is_wide_space(character.code)) return space(character.length);
    if (is_dense(character.code)) {
      counts_.characters += 2;
      ++counts_.words;
      return space(character.length);
    }
    counts_.stops += is_stop(character.code);
    counts_.commas += is_comma(character.code);
    letter(character.length);
  }

  const uint8_t* p_;
  const uint8_t* end_;
  TextCounts counts_;
  bool in_word_ = false;
};

}  // namespace

TextCounts count_text(std::string_view text, bool linked) {
  TextCounts counts = Counter(text).count();
  if (linked) counts.linked = counts.characters;
  return counts;
}

void find_blocks(const Tree& tree, const std::vector<uint8_t>& unseen, std::vector<Block>& blocks) {
  blocks.clear();
  std::vector<uint32_t> open;  // block elements
  bool running = false;        // whether text may still join the last block
  for (uint32_t i = tree.body; i < tree.nodes[tree.body].end;) {
    const Node& node = tree.nodes[i];
    while (!open.empty() && i >= tree.nodes[open.back()].end) {
      open.pop_back();
      running = false;
    }
    if (node.is_text()) {
      const TextCounts counts = count_text(tree.text(node), (node.flags & kInLink) != 0);
      if (counts.characters) {
        if (!running) blocks.push_back({i, i, open.back(), {}});
        running = true;
        blocks.back().last = i;
        blocks.back().counts += counts;
      }
      ++i;
    } else if (unseen[i]) {
      i = node.end;
    } else {
      if (has(node.tag, kBlock)) {
        open.push_back(i);
        running = false;
      } else if (node.tag == Tag::kBr) {
        running = false;
      }
      ++i;
    }
  }
}

}  // namespace kernels::html
