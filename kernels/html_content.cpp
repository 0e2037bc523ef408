#include "html_content.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "html_hints.hpp"
#include "html_phrases.hpp"
#include "html_text.hpp"
#include "html_tokens.hpp"
#include "html_weights.hpp"

namespace kernels::html {
namespace {

bool is_boilerplate_tag(Tag tag) {
  return tag == Tag::kNav || tag == Tag::kAside || tag == Tag::kFooter || tag == Tag::kMenu || tag == Tag::kDialog || tag == Tag::kSearch;
}

float link_share(const TextCounts& counts) {
  return counts.characters ? static_cast<float>(counts.linked) / static_cast<float>(counts.characters) : 0.0f;
}

}  // namespace

void ContentFinder::read_hints(const Tree& tree) {
  const size_t size = tree.nodes.size();
  elements_.assign(size, {});
  unseen_.assign(size, 0);
  content_.dropped.assign(size, 0);
  for (uint32_t i = tree.body + 1; i < size; ++i) {
    const Node& node = tree.nodes[i];
    if (node.is_text()) continue;
    uint16_t hints = node.size ? find_hints(tree, node) : 0;
    if (is_boilerplate_tag(node.tag)) hints |= kBoilerplate | kFurniture;
    if (node.tag == Tag::kArticle || node.tag == Tag::kMain) hints |= kArticlePart;
    if (node.tag == Tag::kFigcaption) hints |= kCaptionHint;
    if (has(node.tag, kUnseen) || node.tag == Tag::kButton) unseen_[i] = content_.dropped[i] = 1;
    elements_[i].hints = hints;
  }
}

void ContentFinder::count(const Tree& tree) {
  for (const Block& block : blocks_) {
    Element& parent = elements_[block.parent];
    parent.counts += block.counts;
    if (block.counts.stops + block.counts.commas > 0 && block.counts.characters > 40)
      parent.prose += block.counts.characters - block.counts.linked;
  }
  for (uint32_t i = static_cast<uint32_t>(tree.nodes.size()); --i > tree.body;) {
    Element& parent = elements_[tree.nodes[i].parent];
    parent.prose += elements_[i].prose;
    parent.counts += elements_[i].counts;
  }
}

// A name that says an element is not content is wrong where nearly all there is, or the article, is in it.
void ContentFinder::judge_hints(const Tree& tree) {
  const float all = static_cast<float>(elements_[tree.body].counts.characters);
  const float prose = static_cast<float>(elements_[tree.body].prose);
  std::vector<uint8_t> holds_article(tree.nodes.size());
  for (uint32_t i = static_cast<uint32_t>(tree.nodes.size()); --i > tree.body;) {
    const Node& node = tree.nodes[i];
    if (node.is_text()) continue;
    const Element& e = elements_[i];
    if ((node.tag == Tag::kArticle || node.tag == Tag::kMain || (e.hints & kArticleBody)) && static_cast<float>(e.prose) > kWeights.article_share * prose) holds_article[i] = 1;
    if (holds_article[i]) holds_article[node.parent] = 1;
  }
  for (uint32_t i = tree.body + 1; i < tree.nodes.size(); ++i) {
    const Node& node = tree.nodes[i];
    if (node.is_text()) continue;
    Element& e = elements_[i];
    const bool most = static_cast<float>(e.prose) > kWeights.most_share * prose && !(e.hints & kFurniture);
    if (holds_article[i] || most || static_cast<float>(e.counts.characters) > kWeights.whole_share * all)
      e.hints &= static_cast<uint16_t>(~(kBoilerplate | kSuspect | kByline | kCaptionHint | kComments | kHidden));
    if (level_ == 1 && !(e.hints & kFurniture)) e.hints &= static_cast<uint16_t>(~(kBoilerplate | kSuspect | kByline | kHidden));
    if (level_ == 2) e.hints &= kComments | kArticleBody | kArticlePart | kFurniture;
    if (e.hints & kHidden) content_.dropped[i] = 17;
    e.inherited = e.hints | elements_[node.parent].inherited;
  }
}

float ContentFinder::weigh(const Tree& tree, const Block& block) const {
  const TextCounts& c = block.counts;
  const Tag tag = tree.nodes[block.parent].tag;
  const uint16_t hints = elements_[block.parent].inherited;
  const float share = link_share(c), chars = static_cast<float>(c.characters);
  float weight;
  if (share > 0.5f) weight = -(kWeights.link_block + std::min(chars, kWeights.link_block_most));
  else if (has(tag, kHeading)) weight = kWeights.heading;
  else if (chars < kWeights.short_line && c.stops + c.commas == 0) weight = -kWeights.short_line_loss;
  else {
    weight = chars * (1 - share) - kWeights.prose_offset;
    if (c.stops + c.commas > 0) weight *= kWeights.sentence_factor;
    if (tag == Tag::kP) weight *= kWeights.paragraph_factor;
    weight = std::min(weight, kWeights.block_most);
  }
  if (hints & kHidden) weight = 0;
  else if (hints & kComments) weight = weight > 0 ? -kWeights.comments_factor * weight : weight;
  else if (hints & kBoilerplate) weight = weight > 0 ? -kWeights.boilerplate_factor * weight : weight;
  else if (hints & kSuspect) weight = weight > 0 ? kWeights.suspect_factor * weight : weight;
  else if (hints & kArticleBody) weight = weight > 0 ? kWeights.body_factor * weight : weight;
  else if (hints & kArticlePart) weight = weight > 0 ? kWeights.part_factor * weight : weight;
  return weight;
}

void ContentFinder::sum_blocks(const Tree& tree) {
  for (const Block& block : blocks_) elements_[block.parent].gain += weigh(tree, block);
  for (uint32_t i = static_cast<uint32_t>(tree.nodes.size()); --i > tree.body;) {
    const uint16_t hints = elements_[i].hints;
    if (hints && elements_[i].prose > 0 && !(elements_[i].inherited & (kBoilerplate | kComments | kHidden | kSuspect))) {
      if (hints & kArticleBody) elements_[i].gain += kWeights.body_bonus;
      else if (tree.nodes[i].tag == Tag::kArticle || tree.nodes[i].tag == Tag::kMain) elements_[i].gain += kWeights.article_bonus;
    }
    Element& parent = elements_[tree.nodes[i].parent];
    parent.gain += elements_[i].gain;
  }
}

uint32_t ContentFinder::choose_root(const Tree& tree) {
  uint32_t best = tree.body;
  float gain = elements_[best].gain;
  for (uint32_t i = tree.body + 1; i < tree.nodes.size(); ++i) {
    if (!has(tree.nodes[i].tag, kBlock)) continue;
    if (elements_[i].gain >= gain) {
      gain = elements_[i].gain;
      best = i;
    }
  }
  // What it stands in may hold its first and last lines.
  while (best > tree.body) {
    const uint32_t parent = tree.nodes[best].parent;
    const float floor = gain > 0 ? kWeights.climb_share * gain : gain;
    if (elements_[parent].gain < floor) break;
    best = parent;
  }
  return best;
}

void ContentFinder::prune(const Tree& tree) {
  const uint32_t root = content_.root;
  const float total = static_cast<float>(elements_[root].counts.characters);
  for (uint32_t i = root + 1; i < tree.nodes[root].end;) {
    const Node& node = tree.nodes[i];
    if (node.is_text() || content_.dropped[i]) {
      i = node.is_text() ? i + 1 : node.end;
      continue;
    }
    const Element& e = elements_[i];
    const float chars = static_cast<float>(e.counts.characters), share = link_share(e.counts);
    const bool large = chars > kWeights.large_share * total;
    uint8_t drop = 0;
    if ((e.hints & kComments) && chars < kWeights.comments_share * total) drop = 2;
    else if ((e.hints & kBoilerplate) && !large) drop = 3;
    else if ((e.hints & kByline) && chars < kWeights.byline_most) drop = 4;
    else if ((e.hints & kSuspect) && share > kWeights.suspect_links && !large) drop = 5;
    if ((e.hints & kCaptionHint) && chars < kWeights.caption_most) drop = 6;
    if (node.tag == Tag::kForm && !large && e.gain < kWeights.form_gain) drop = 7;
    if (node.tag == Tag::kHeader && chars < kWeights.header_most) drop = 8;
    if (has(node.tag, kBlock) && node.tag != Tag::kP && !has(node.tag, kHeading) && node.tag != Tag::kBlockquote && node.tag != Tag::kTd && node.tag != Tag::kTr && node.tag != Tag::kTbody) {
      if (share > kWeights.container_links && !large && static_cast<float>(e.counts.stops) < kWeights.container_stops) drop = 9;
    }
    if (node.tag == Tag::kP && share > kWeights.paragraph_links && chars < kWeights.paragraph_most) drop = 10;
    if (node.tag == Tag::kH1) drop = 11;
    if (drop) {
      content_.dropped[i] = drop;
      i = node.end;
    } else {
      ++i;
    }
  }
}

uint32_t ContentFinder::trim(const Tree& tree) {
  const uint32_t root = content_.root, end = tree.nodes[root].end;
  std::vector<uint32_t> kept;
  uint32_t total = 0;
  std::vector<uint8_t> gone(tree.nodes.size());
  for (uint32_t i = root; i < end; ++i) gone[i] = content_.dropped[i] || (i > root && gone[tree.nodes[i].parent]);
  for (uint32_t b = 0; b < blocks_.size(); ++b)
    if (blocks_[b].first >= root && blocks_[b].first < end && !gone[blocks_[b].first] && !gone[tree.nodes[blocks_[b].first].parent]) {
      kept.push_back(b);
      total += blocks_[b].counts.characters;
    }
  const auto drop = [&](uint32_t b, uint8_t why) {
    for (uint32_t i = blocks_[b].first; i <= blocks_[b].last; ++i)
      if (tree.nodes[i].is_text()) content_.dropped[i] = why;
  };
  Buffer<uint8_t> buffer;
  std::string line;
  uint32_t seen = 0;
  bool over = false;
  std::vector<uint32_t> rest;
  for (const uint32_t b : kept) {
    const Block& block = blocks_[b];
    if (over) {
      drop(b, 12);
      continue;
    }
    seen += block.counts.characters;
    if (block.counts.characters < kWeights.phrase_most) {
      buffer.clear();
      write_block(tree, block.first, block.last, buffer);
      line.assign(reinterpret_cast<const char*>(buffer.data()), buffer.size());
      fold(line);
      const Phrase phrase = find_phrase(line);
      if (phrase == Phrase::kBoundary && static_cast<float>(seen) > kWeights.boundary_share * static_cast<float>(total)) {
        over = true;
        drop(b, 13);
        continue;
      }
      if (phrase != Phrase::kNone) {
        drop(b, 14);
        continue;
      }
    }
    rest.push_back(b);
  }
  const auto is_prose = [&](uint32_t b) {
    const TextCounts& c = blocks_[b].counts;
    return static_cast<float>(c.characters) >= kWeights.edge_prose && link_share(c) < kWeights.edge_links && c.stops + c.commas > 0;
  };
  const auto first = std::find_if(rest.begin(), rest.end(), is_prose);
  const auto last = std::find_if(rest.rbegin(), rest.rend(), is_prose).base();
  uint32_t left = 0;
  for (const uint32_t b : rest) left += blocks_[b].counts.characters - blocks_[b].counts.linked;
  if (first == rest.end() || level_ == 2) return left;
  for (auto it = rest.begin(); it != first; ++it)
    if (static_cast<float>(blocks_[*it].counts.characters) < kWeights.leading_most && !has(tree.nodes[blocks_[*it].parent].tag, kHeading)) drop(*it, 15);
  for (auto it = last; it != rest.end(); ++it) {
    const TextCounts& c = blocks_[*it].counts;
    if (has(tree.nodes[blocks_[*it].parent].tag, kHeading) || (static_cast<float>(c.characters) < kWeights.trailing_most && c.stops == 0 && tree.nodes[blocks_[*it].parent].tag != Tag::kLi) || link_share(c) > 0.5f) drop(*it, 16);
  }
  return left;
}

const Content& ContentFinder::find(const Tree& tree) {
  uint32_t most = 0;
  int best = 0;
  for (int level = 0; level < 3; ++level) {
    const uint32_t kept = attempt(tree, level);
    if (level == 0 || kept > 2 * most) {
      most = kept;
      best = level;
    }
    if (static_cast<float>(most) >= kWeights.enough) break;
    if (level == 2 && best != 2) attempt(tree, best);
  }
  return content_;
}

const Content& ContentFinder::find_all(const Tree& tree) {
  content_.root = tree.body;
  content_.dropped.assign(tree.nodes.size(), 0);
  for (uint32_t i = tree.body; i < tree.nodes.size(); ++i)
    if (has(tree.nodes[i].tag, kUnseen)) content_.dropped[i] = 1;
  return content_;
}

uint32_t ContentFinder::attempt(const Tree& tree, int level) {
  level_ = level;
  read_hints(tree);
  find_blocks(tree, unseen_, blocks_);
  count(tree);
  judge_hints(tree);
  sum_blocks(tree);
  content_.root = level == 2 ? tree.body : choose_root(tree);
  prune(tree);
  return trim(tree);
}

}  // namespace kernels::html
