// What the names web authors give to elements (class, id, role) tell of their content.
#pragma once

#include <cstdint>
#include <string_view>

#include "html_tree.hpp"

namespace kernels::html {

enum Hint : uint16_t {
  kArticleBody = 1 << 0,  // holds the text of the main article
  kArticlePart = 1 << 1,  // belongs to an article
  kComments = 1 << 2,     // what readers wrote
  kBoilerplate = 1 << 3,  // repeated on every page of a site, or leading away from this one
  kSuspect = 1 << 4,      // boilerplate more often than not
  kHidden = 1 << 5,
  kByline = 1 << 6,       // author, date, categories
  kCaptionHint = 1 << 7,
  kPost = 1 << 9,         // one of the articles or posts of a page
  kFurniture = 1 << 8,    // boilerplate however much text is in it
};

// The hints of an element's attributes.
uint16_t find_hints(const Tree& tree, const Node& node);

}  // namespace kernels::html
