#include "html_root.hpp"

#include <algorithm>

#include "html_hints.hpp"
#include "html_weights.hpp"

namespace kernels::html {
namespace {

// Whether an element of this kind may hold all of an article.
bool is_container(Tag tag) {
  switch (tag) {
    case Tag::kArticle:
    case Tag::kBody:
    case Tag::kCenter:
    case Tag::kDiv:
    case Tag::kForm:
    case Tag::kMain:
    case Tag::kSection:
    case Tag::kTd:
      return true;
    default:
      return false;
  }
}

// What a block tells for its being in the content, more than nothing, or against it, less than nothing.
float weigh(const Block& block, Tag tag, uint16_t hints) {
  const TextCounts& counts = block.counts;
  const float share = link_share(counts), characters = static_cast<float>(counts.characters);
  const bool sentence = counts.stops + counts.commas > 0;
  if (hints & kHidden) return 0;
  if (share > 0.5f) return -(kWeights.link_block + std::min(characters, kWeights.link_block_most));
  if (has(tag, kHeading)) return 0;
  if (characters < kWeights.short_line && !sentence) return -kWeights.short_line_loss;
  float weight = characters * (1 - share) - kWeights.prose_offset;
  if (sentence) weight *= kWeights.sentence_factor;
  if (tag == Tag::kP) weight *= kWeights.paragraph_factor;
  weight = std::min(weight, kWeights.block_most);
  if (weight <= 0) return weight;
  if (hints & (kComments | kBoilerplate)) return 0;
  if (hints & kSuspect) return kWeights.suspect_factor * weight;
  if (hints & kArticleBody) return kWeights.body_factor * weight;
  return hints & kArticlePart ? kWeights.part_factor * weight : weight;
}

float bonus(const Element& element, Tag tag) {
  if (element.prose == 0 || (element.inherited & (kBoilerplate | kComments | kHidden | kSuspect))) return 0;
  if (element.hints & kArticleBody) return kWeights.body_bonus;
  return tag == Tag::kArticle || tag == Tag::kMain ? kWeights.article_bonus : 0;
}

void sum_gains(const Outline& page, std::vector<float>& gains) {
  const Tree& tree = page.tree();
  gains.assign(tree.nodes.size(), 0);
  for (const Block& block : page.blocks())
    gains[block.parent] += weigh(block, tree.nodes[block.parent].tag, page[block.parent].inherited);
  for (uint32_t i = static_cast<uint32_t>(tree.nodes.size()); --i > tree.body;) {
    const Node& node = tree.nodes[i];
    if (!node.is_text()) gains[i] += bonus(page[i], node.tag);
    gains[node.parent] += gains[i];
  }
}

// The innermost of those that gain most.
uint32_t find_best(const Tree& tree, const std::vector<float>& gains) {
  uint32_t best = tree.body;
  for (uint32_t i = tree.body + 1; i < tree.nodes.size(); ++i)
    if (has(tree.nodes[i].tag, kBlock) && gains[i] >= gains[best]) best = i;
  return best;
}

// Lines alone are hardly all there is; and what stands around the best element may hold its first and last lines.
uint32_t climb(const Outline& page, const std::vector<float>& gains, uint32_t best) {
  const Tree& tree = page.tree();
  const float gain = gains[best];
  while (best > tree.body) {
    const uint32_t parent = tree.nodes[best].parent;
    if (is_container(tree.nodes[best].tag) && gains[parent] < gain) break;
    best = parent;
  }
  if (gain <= 0 || page.holds_title(best)) return best;
  // What holds the heading of the page as well may hold a summary below it.
  uint32_t above = best;
  while (above > tree.body && !page.holds_title(above)) above = tree.nodes[above].parent;
  return above > tree.body && gains[above] >= kWeights.title_share * gain ? above : best;
}

// Of several articles the one whose heading leads nowhere is the page's own; the headings of the others are links.
uint32_t choose_article(const Outline& page, uint32_t root) {
  const Tree& tree = page.tree();
  uint32_t own = 0, articles = 0;
  for (uint32_t i = root + 1; i < tree.nodes[root].end;) {
    const Node& node = tree.nodes[i];
    const bool article = node.tag == Tag::kArticle || (has(node.tag, kBlock) && (page[i].hints & kPost));
    if (!article || page[i].prose == 0) {
      ++i;
      continue;
    }
    ++articles;
    if (!own && page.holds_title(i)) own = i;
    i = node.end;
  }
  const float prose = static_cast<float>(page[root].prose);
  const bool enough = own && static_cast<float>(page[own].prose) > kWeights.own_share * prose;
  return articles > 1 && enough ? own : root;
}

}  // namespace

void find_root(const Outline& page, Root& root) {
  sum_gains(page, root.gains);
  root.number = choose_article(page, climb(page, root.gains, find_best(page.tree(), root.gains)));
}

}  // namespace kernels::html
