// What is known of every element of a page before its main content is looked for: what its names tell of it, and how
// much text of which kind is in it.
#pragma once

#include <cstdint>
#include <vector>

#include "html_blocks.hpp"
#include "html_tree.hpp"

namespace kernels::html {

// How far the names of elements are believed when they say that something is not content.
enum class Trust { kFull, kFurniture, kComments };

struct Element {
  uint16_t named;      // hints of its name and attributes
  uint16_t hints;      // those of them that are believed
  uint16_t inherited;  // believed hints of it and of all it is in
  TextCounts counts;   // of all text in it
  uint32_t prose;      // characters of sentences in it, links left out
};

// Reused from page to page for its memory.
class Outline {
 public:
  void read(const Tree& tree);
  void believe(Trust trust);

  const Tree& tree() const { return *tree_; }
  const Element& operator[](uint32_t number) const { return elements_[number]; }
  const std::vector<Block>& blocks() const { return blocks_; }

  // Whether an element and what is in it are never shown, or hidden by its author.
  bool is_hidden(uint32_t number) const;

  // Whether the element, of those believed to be content, holds an <h1> that is no link.
  bool holds_title(uint32_t number) const;

 private:
  void read_names();
  void count_text();
  void find_titles();
  bool may_be_article(uint32_t number) const;

  const Tree* tree_ = nullptr;
  std::vector<Element> elements_;
  std::vector<uint8_t> unseen_;
  std::vector<uint8_t> holds_article_;
  std::vector<uint32_t> titles_;
  std::vector<Block> blocks_;
};

// Share of the characters that are in links.
inline float link_share(const TextCounts& counts) {
  return counts.characters ? static_cast<float>(counts.linked) / static_cast<float>(counts.characters) : 0.0f;
}

}  // namespace kernels::html
