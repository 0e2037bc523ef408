#include "html_outline.hpp"

#include <algorithm>

#include "html_hints.hpp"
#include "html_weights.hpp"

namespace kernels::html {
namespace {

constexpr uint16_t kNoContent = kBoilerplate | kFurniture | kSuspect | kByline | kCaptionHint | kComments | kHidden;

uint16_t hints_of_tag(Tag tag) {
  switch (tag) {
    case Tag::kAside:
    case Tag::kDialog:
    case Tag::kFooter:
    case Tag::kMenu:
    case Tag::kNav:
    case Tag::kSearch:
      return kBoilerplate | kFurniture;
    case Tag::kArticle:
    case Tag::kMain:
      return kArticlePart;
    case Tag::kFigcaption:
      return kCaptionHint;
    default:
      return 0;
  }
}

float as_float(uint32_t count) { return static_cast<float>(count); }

}  // namespace

void Outline::read(const Tree& tree) {
  tree_ = &tree;
  elements_.assign(tree.nodes.size(), {});
  unseen_.assign(tree.nodes.size(), 0);
  holds_article_.assign(tree.nodes.size(), 0);
  read_names();
  find_blocks(tree, unseen_, blocks_);
  count_text();
}

void Outline::read_names() {
  for (uint32_t i = tree_->body + 1; i < elements_.size(); ++i) {
    const Node& node = tree_->nodes[i];
    if (node.is_text()) continue;
    elements_[i].named = hints_of_tag(node.tag) | (node.size ? find_hints(*tree_, node) : 0);
    unseen_[i] = has(node.tag, kUnseen) || node.tag == Tag::kButton;
  }
}

void Outline::count_text() {
  for (const Block& block : blocks_) {
    Element& parent = elements_[block.parent];
    parent.counts += block.counts;
    if (block.counts.stops + block.counts.commas > 0 && block.counts.characters > kShortestProse)
      parent.prose += block.counts.characters - block.counts.linked;
  }
  for (uint32_t i = static_cast<uint32_t>(elements_.size()); --i > tree_->body;) {
    Element& parent = elements_[tree_->nodes[i].parent];
    parent.prose += elements_[i].prose;
    parent.counts += elements_[i].counts;
  }
  for (uint32_t i = static_cast<uint32_t>(elements_.size()); --i > tree_->body;)
    if (holds_article_[i] || may_be_article(i)) holds_article_[i] = holds_article_[tree_->nodes[i].parent] = 1;
}

bool Outline::may_be_article(uint32_t number) const {
  const Node& node = tree_->nodes[number];
  if (node.is_text()) return false;
  const bool named = node.tag == Tag::kArticle || node.tag == Tag::kMain || (elements_[number].named & kArticleBody);
  const float page = as_float(elements_[tree_->body].prose);
  return named && as_float(elements_[number].prose) > kWeights.article_share * page;
}

// A name that says an element is not content is wrong where nearly all there is, or the article, is in it.
void Outline::believe(Trust trust) {
  const float characters = as_float(elements_[tree_->body].counts.characters);
  const float prose = as_float(elements_[tree_->body].prose);
  for (uint32_t i = tree_->body + 1; i < elements_.size(); ++i) {
    const Node& node = tree_->nodes[i];
    if (node.is_text()) continue;
    Element& element = elements_[i];
    element.hints = element.named;
    const bool fixed = (element.named & kFurniture) != 0;
    if (holds_article_[i] || (as_float(element.prose) > kWeights.most_share * prose && !fixed) ||
        as_float(element.counts.characters) > kWeights.whole_share * characters)
      element.hints &= static_cast<uint16_t>(~kNoContent);
    if (trust == Trust::kFurniture && !fixed)
      element.hints &= static_cast<uint16_t>(~(kBoilerplate | kSuspect | kByline | kHidden));
    if (trust == Trust::kComments) element.hints &= kComments | kArticleBody | kArticlePart;
    element.inherited = element.hints | elements_[node.parent].inherited;
  }
  find_titles();
}

void Outline::find_titles() {
  titles_.clear();
  for (uint32_t i = tree_->body + 1; i < elements_.size(); ++i) {
    const Element& element = elements_[i];
    if (tree_->nodes[i].tag == Tag::kH1 && element.counts.characters > 0 && link_share(element.counts) < 0.5f &&
        !(element.inherited & (kBoilerplate | kHidden | kComments)))
      titles_.push_back(i);
  }
}

bool Outline::is_hidden(uint32_t number) const {
  return unseen_[number] || (!tree_->nodes[number].is_text() && (elements_[number].hints & kHidden));
}

bool Outline::holds_title(uint32_t number) const {
  const auto first = std::lower_bound(titles_.begin(), titles_.end(), number);
  return first != titles_.end() && *first < tree_->nodes[number].end;
}

}  // namespace kernels::html
