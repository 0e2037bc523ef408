#include "html_blocks.hpp"

#include "html_tokens.hpp"
#include "utf8.hpp"

namespace kernels::html {
namespace {

// Ideographs, kana and Hangul: one of them says about as much as two letters of an alphabet, and needs no spaces.
bool is_dense(uint32_t code) {
  return (code >= 0x2E80 && code <= 0x9FFF && code >= 0x3040) || (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0x20000 && code <= 0x3FFFF);
}

bool is_stop(uint32_t code) {
  return code == 0x3002 || code == 0xFF01 || code == 0xFF1F || code == 0x0964 || code == 0x061F || code == 0x06D4 || code == 0x2026 || code == 0x104B;
}

bool is_comma(uint32_t code) { return code == 0x3001 || code == 0xFF0C || code == 0x060C || code == 0xFF1B; }

}  // namespace

TextCounts count_text(std::string_view text, bool linked) {
  TextCounts counts;
  const uint8_t* p = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = p + text.size();
  bool in_word = false;
  while (p < end) {
    const uint8_t c = *p;
    if (c <= ' ') {
      in_word = false;
      ++p;
      continue;
    }
    if (c < 0x80) {
      if (c == '&') {
        const uint8_t* q = p + 1;
        while (q < end && q - p < 10 && *q != ';' && *q > ' ') ++q;
        if (q < end && *q == ';') {
          const bool space = q - p == 5 && p[1] == 'n' && p[2] == 'b' && p[3] == 's' && p[4] == 'p';
          p = q + 1;
          if (space) {
            in_word = false;
            continue;
          }
          ++counts.characters;
          counts.words += !in_word;
          in_word = true;
          continue;
        }
      }
      const bool last = p + 1 == end || p[1] <= ' ' || p[1] == '"' || p[1] == '\'' || p[1] == ')' || p[1] >= 0x80;
      if (c == '.' || c == '!' || c == '?') counts.stops += last;
      if (c == ',' || c == ';') counts.commas += last;
      ++counts.characters;
      counts.words += !in_word;
      in_word = true;
      ++p;
      continue;
    }
    const utf8::Decoded character = utf8::decode_multibyte(p, end);
    p += character.length;
    if (character.code == 0xA0 || character.code == 0x3000 || (character.code >= 0x2000 && character.code <= 0x200F)) {
      in_word = false;
      continue;
    }
    if (is_dense(character.code)) {
      counts.characters += 2;
      ++counts.words;
      in_word = false;
      continue;
    }
    if (is_stop(character.code)) ++counts.stops;
    if (is_comma(character.code)) ++counts.commas;
    ++counts.characters;
    counts.words += !in_word;
    in_word = true;
  }
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
