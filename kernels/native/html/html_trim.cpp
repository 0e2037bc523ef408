#include <algorithm>
#include <string>

#include "html_hints.hpp"
#include "html_phrases.hpp"
#include "html_prune.hpp"
#include "html_text.hpp"
#include "html_weights.hpp"

namespace kernels::html {
namespace {

class Trimmer {
 public:
  Trimmer(const Outline& page, uint32_t root, std::vector<uint8_t>& dropped)
      : page_(page), tree_(page.tree()), root_(root), dropped_(dropped) {
    find_kept();
  }

  // Lines known by their words.
  void drop_phrases() {
    uint32_t seen = 0;
    bool over = false;
    std::erase_if(kept_, [&](const Block* block) {
      seen += block->counts.characters;
      const Phrase phrase = over ? Phrase::kFiller : phrase_of(*block);
      const bool late = static_cast<float>(seen) > kWeights.boundary_share * static_cast<float>(total_);
      over = over || (phrase == Phrase::kBoundary && late);
      if (phrase != Phrase::kNone) drop(*block);
      return phrase != Phrase::kNone;
    });
  }

  uint32_t count() const {
    uint32_t characters = 0;
    for (const Block* block : kept_) characters += block->counts.characters - block->counts.linked;
    return characters;
  }

  // Lines before the first sentence and after the last.
  void drop_edges() {
    const auto first = std::find_if(kept_.begin(), kept_.end(), is_prose);
    if (first == kept_.end()) return;
    const auto last = std::find_if(kept_.rbegin(), kept_.rend(), is_prose).base();
    // What its author calls the body of the article begins with the article.
    if (!(page_[root_].inherited & kArticleBody))
      std::for_each(kept_.begin(), first, [this](const Block* block) { drop_before(*block); });
    std::for_each(last, kept_.end(), [this](const Block* block) { drop_behind(*block); });
  }

 private:
  void find_kept() {
    const uint32_t end = tree_.nodes[root_].end;
    // Whether a node, or one that it is in, is dropped.
    std::vector<uint8_t> gone(end - root_);
    for (uint32_t i = root_; i < end; ++i)
      gone[i - root_] = dropped_[i] || (i > root_ && gone[tree_.nodes[i].parent - root_]);
    for (const Block& block : page_.blocks()) {
      if (block.first < root_ || block.first >= end || gone[block.first - root_]) continue;
      kept_.push_back(&block);
      total_ += block.counts.characters;
    }
  }

  Phrase phrase_of(const Block& block) {
    if (static_cast<float>(block.counts.characters) >= kWeights.phrase_most) return Phrase::kNone;
    buffer_.clear();
    write_block(tree_, block.first, block.last, buffer_);
    line_.assign(reinterpret_cast<const char*>(buffer_.data()), buffer_.size());
    fold(line_);
    return find_phrase(line_);
  }

  static bool is_prose(const Block* block) {
    const TextCounts& counts = block->counts;
    return static_cast<float>(counts.characters) >= kWeights.edge_prose && link_share(counts) < kWeights.edge_links &&
           counts.stops + counts.commas > 0;
  }

  Tag tag_of(const Block& block) const { return tree_.nodes[block.parent].tag; }

  void drop_before(const Block& block) {
    const bool heading = has(tag_of(block), kHeading);
    if (!heading && static_cast<float>(block.counts.characters) < kWeights.leading_most) drop(block);
  }

  void drop_behind(const Block& block) {
    const Tag tag = tag_of(block);
    const bool item = tag == Tag::kLi || tag == Tag::kTd || tag == Tag::kTh || tag == Tag::kDd || tag == Tag::kDt;
    const bool short_line = static_cast<float>(block.counts.characters) < kWeights.trailing_most && !item;
    if (((has(tag, kHeading) || short_line) && block.counts.stops == 0) || link_share(block.counts) > 0.5f) drop(block);
  }

  void drop(const Block& block) {
    for (uint32_t i = block.first; i <= block.last; ++i)
      if (tree_.nodes[i].is_text()) dropped_[i] = 1;
  }

  const Outline& page_;
  const Tree& tree_;
  uint32_t root_;
  std::vector<uint8_t>& dropped_;
  std::vector<const Block*> kept_;
  uint32_t total_ = 0;
  Buffer<uint8_t> buffer_;
  std::string line_;
};

}  // namespace

uint32_t trim(const Outline& page, uint32_t root, bool edges, std::vector<uint8_t>& dropped) {
  Trimmer trimmer(page, root, dropped);
  trimmer.drop_phrases();
  const uint32_t left = trimmer.count();
  if (edges) trimmer.drop_edges();
  return left;
}

}  // namespace kernels::html
