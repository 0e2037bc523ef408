// The main content of a page.
#pragma once

#include <cstdint>
#include <vector>

#include "html_outline.hpp"
#include "html_root.hpp"
#include "html_tree.hpp"

namespace kernels::html {

struct Content {
  uint32_t root = 0;             // number of the node whose text it is
  std::vector<uint8_t> dropped;  // per node: whether it, and what is in it, is left out
  uint32_t characters = 0;       // of it, those in links left out
};

// Reused from page to page for its memory.
class ContentFinder {
 public:
  // The main content: without navigation, advertisements, comments and the like, and without the page's heading.
  const Content& find(const Tree& tree);

  // All that is shown.
  const Content& find_all(const Tree& tree);

 private:
  struct Attempt {
    Trust trust;
    bool whole_page;
  };
  uint32_t attempt(const Tree& tree, Attempt how);

  Outline page_;
  Root root_;
  Content content_;
};

}  // namespace kernels::html
