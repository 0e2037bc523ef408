// The main content of a page.
#pragma once

#include <cstdint>
#include <vector>

#include "html_blocks.hpp"
#include "html_tree.hpp"

namespace kernels::html {

struct Content {
  uint32_t root = 0;             // number of the node whose text it is
  std::vector<uint8_t> dropped;  // per node: whether it, and what is in it, is left out
};

// Reused from page to page for its memory.
class ContentFinder {
 public:
  // The main content; what that leaves out beside what is never shown are navigation, comments and the like.
  const Content& find(const Tree& tree);

  // All that is shown.
  const Content& find_all(const Tree& tree);

  struct Element;
  const std::vector<Element>& elements() const { return elements_; }
  const std::vector<uint8_t>& unseen() const { return unseen_; }

 public:
  void read_hints(const Tree& tree);
  void count(const Tree& tree);
  void judge_hints(const Tree& tree);
  void sum_blocks(const Tree& tree);
  uint32_t choose_root(const Tree& tree);
  void prune(const Tree& tree);
  uint32_t trim(const Tree& tree);
  uint32_t attempt(const Tree& tree, int level);
  int level_ = 0;
  float weigh(const Tree& tree, const Block& block) const;

  struct Element {
    uint16_t hints;      // its own
    uint16_t inherited;  // of it and what it is in
    float gain;          // sum of the weights of its blocks
    uint32_t prose;      // characters of sentences in it, links left out
    TextCounts counts;   // of all text in it
  };

  std::vector<Element> elements_;
  std::vector<uint8_t> unseen_;
  std::vector<Block> blocks_;
  Content content_;
};

}  // namespace kernels::html
