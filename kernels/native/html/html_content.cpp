#include "html_content.hpp"

#include "html_prune.hpp"
#include "html_weights.hpp"

namespace kernels::html {

const Content& ContentFinder::find(const Tree& tree) {
  constexpr Attempt kAttempts[] = {
      {Trust::kFull, false}, {Trust::kFurniture, false}, {Trust::kComments, false}, {Trust::kComments, true}};
  page_.read(tree);
  const Attempt* best = kAttempts;
  uint32_t most = attempt(tree, *best);
  const Attempt* last = best;
  // Where next to nothing is left, too much was believed of what the elements are called.
  for (const Attempt& other : kAttempts) {
    if (static_cast<float>(most) >= kWeights.enough) break;
    if (&other == kAttempts) continue;
    last = &other;
    const uint32_t left = attempt(tree, other);
    if (left <= 2 * most) continue;
    most = left;
    best = &other;
  }
  if (last != best) attempt(tree, *best);
  content_.characters = most;
  return content_;
}

uint32_t ContentFinder::attempt(const Tree& tree, Attempt how) {
  page_.believe(how.trust);
  find_root(page_, root_);
  if (how.whole_page) root_.number = tree.body;
  content_.root = root_.number;
  content_.dropped.assign(tree.nodes.size(), 0);
  prune(page_, root_, content_.dropped);
  return trim(page_, content_.root, !how.whole_page, content_.dropped);
}

const Content& ContentFinder::find_all(const Tree& tree) {
  content_.root = tree.body;
  content_.dropped.assign(tree.nodes.size(), 0);
  for (uint32_t i = tree.body; i < tree.nodes.size(); ++i) content_.dropped[i] = has(tree.nodes[i].tag, kUnseen);
  return content_;
}

}  // namespace kernels::html
