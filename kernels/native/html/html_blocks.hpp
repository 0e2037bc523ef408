// The lines a page is shown in: runs of text between the beginnings and ends of block elements.
#pragma once

#include <cstdint>
#include <vector>

#include "html_tree.hpp"

namespace kernels::html {

struct TextCounts {
  uint32_t characters = 0;  // that are not white space; ideographs and syllables count as two
  uint32_t linked = 0;      // those of them in links
  uint32_t words = 0;
  uint32_t stops = 0;   // ends of sentences
  uint32_t commas = 0;

  TextCounts& operator+=(const TextCounts& other) {
    characters += other.characters;
    linked += other.linked;
    words += other.words;
    stops += other.stops;
    commas += other.commas;
    return *this;
  }
};

struct Block {
  uint32_t first;   // number of its first text node
  uint32_t last;    // of its last
  uint32_t parent;  // number of the block element it is directly in
  TextCounts counts;
};

TextCounts count_text(std::string_view text, bool linked);

// The blocks of what is in the body, in order, without text that is never shown.
void find_blocks(const Tree& tree, const std::vector<uint8_t>& unseen, std::vector<Block>& blocks);

}  // namespace kernels::html
