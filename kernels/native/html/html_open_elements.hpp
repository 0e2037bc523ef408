// The elements of a tree that have begun and not ended while it is built.
#pragma once

#include <cstdint>
#include <vector>

#include "html_tree.hpp"

namespace kernels::html {

class OpenElements {
 protected:
  explicit OpenElements(Tree& tree) : tree_(tree) {}

  Tag current() const { return tag_at(stack_.size() - 1); }
  Tag tag_at(size_t depth) const { return tree_.nodes[stack_[depth]].tag; }

  void open(Tag tag, uint32_t first_attribute) {
    const uint32_t size = static_cast<uint32_t>(tree_.attributes.size()) - first_attribute;
    stack_.push_back(add_node(tag, first_attribute, size));
    if (tag == Tag::kP) ++paragraphs_;
    if (tag == Tag::kSvg) ++svg_;
  }

  uint32_t add_node(Tag tag, uint32_t begin, uint32_t size, uint8_t flags = 0) {
    const uint32_t number = static_cast<uint32_t>(tree_.nodes.size());
    tree_.nodes.push_back({stack_.empty() ? 0 : stack_.back(), number + 1, begin, size, tag, flags});
    return number;
  }

  void pop() {
    Node& node = tree_.nodes[stack_.back()];
    node.end = static_cast<uint32_t>(tree_.nodes.size());
    if (node.tag == Tag::kP) --paragraphs_;
    if (node.tag == Tag::kSvg) --svg_;
    if (node.tag == Tag::kA) in_link_ = false;
    stack_.pop_back();
  }

  void pop_to(size_t depth) {
    while (stack_.size() > depth) pop();
  }

  static constexpr size_t kNowhere = SIZE_MAX;

  // Depth of the innermost open element that is wanted; kNowhere when one that bounds the search is further in.
  template <class Wanted, class Bounds>
  size_t find(Wanted wanted, Bounds bounds) const {
    for (size_t depth = stack_.size(); depth-- > 0;) {
      const Tag tag = tag_at(depth);
      if (wanted(tag)) return depth;
      if (bounds(tag)) break;
    }
    return kNowhere;
  }

  size_t find_in_scope(Tag wanted) const {
    return find([wanted](Tag tag) { return tag == wanted; }, [](Tag tag) { return has(tag, kBarrier); });
  }

  size_t find_in_table(Tag wanted) const {
    return find([wanted](Tag tag) { return tag == wanted; },
                [](Tag tag) { return tag == Tag::kTable || tag == Tag::kTemplate || tag == Tag::kHtml; });
  }

  void close_paragraph() {
    if (paragraphs_ == 0) return;
    const size_t depth = find([](Tag tag) { return tag == Tag::kP; },
                              [](Tag tag) { return has(tag, kBarrier) || tag == Tag::kButton; });
    if (depth != kNowhere) pop_to(depth);
  }

  Tree& tree_;
  std::vector<uint32_t> stack_;
  uint32_t paragraphs_ = 0;  // open ones
  uint32_t svg_ = 0;         // open ones
  bool in_link_ = false;
};

}  // namespace kernels::html
