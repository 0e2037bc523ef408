#include "unigram_trie.hpp"

#include <algorithm>
#include <bit>

#include "model_error.hpp"

namespace kernels::unigram {

class Trie::Builder {
 public:
  using Entries = std::vector<Entry>;

  Builder(const Entries& entries, std::vector<Unit>& units, std::vector<int32_t>& values)
      : entries_(entries), units_(units), values_(values) {
    grow();
    take(kNone);
    take(kRoot);
    offset_taken_[0] = true;
  }

  void build() {
    // The nodes near the root, which every walk meets, come to lie together.
    std::vector<Range> waiting{{kRoot, 0, entries_.size(), 0}};
    std::vector<Range> children;
    for (size_t next = 0; next < waiting.size(); ++next) {
      Range range = waiting[next];
      if (range.begin < range.end && entries_[range.begin].key.size() == range.depth) {
        units_[range.node].score = entries_[range.begin].score;
        values_[range.node] = entries_[range.begin++].value;
      }
      if (range.begin == range.end) continue;
      split(range, children);
      place(range.node, children);
      waiting.insert(waiting.end(), children.begin(), children.end());
    }
  }

 private:
  // Entries that share their first `depth` bytes, the last of which is that of the node.
  struct Range {
    Node node;
    size_t begin, end, depth;
  };

  uint8_t label(const Range& child) const { return static_cast<uint8_t>(entries_[child.begin].key[child.depth - 1]); }

  void split(const Range& range, std::vector<Range>& children) const {
    children.clear();
    for (size_t begin = range.begin; begin < range.end;) {
      size_t end = begin + 1;
      while (end < range.end && entries_[end].key[range.depth] == entries_[begin].key[range.depth]) ++end;
      children.push_back({0, begin, end, range.depth + 1});
      begin = end;
    }
  }

  void place(Node parent, std::vector<Range>& children) {
    const uint32_t offset = find_offset(children);
    offset_taken_[offset] = true;
    units_[parent].link = offset << kLabelBits | (units_[parent].link & kLabelMask);
    for (Range& child : children) {
      child.node = offset ^ label(child);
      take(child.node);
      units_[child.node].link = label(child);
    }
  }

  // The free units tried are the latest, or a large trie would take quadratic time.
  uint32_t find_offset(const std::vector<Range>& children) {
    constexpr size_t kBlocksTried = 16, kTries = 64;
    const size_t words = free_.size(), first = words - std::min(words, kBlocksTried * kBlock / 64);
    size_t tries = 0;
    for (size_t word = first; word < words; ++word) {
      for (uint64_t bits = free_[word]; bits && tries < kTries; bits &= bits - 1, ++tries) {
        const auto unit = static_cast<uint32_t>(word * 64 + static_cast<size_t>(std::countr_zero(bits)));
        const uint32_t offset = unit ^ label(children[0]);
        const auto fits = [&](const Range& child) { return is_free(offset ^ label(child)); };
        if (!offset_taken_[offset] && std::all_of(children.begin(), children.end(), fits)) return offset;
      }
    }
    const auto offset = static_cast<uint32_t>(units_.size());
    grow();
    return offset;
  }

  bool is_free(uint32_t unit) const { return free_[unit / 64] >> (unit % 64) & 1; }
  void take(uint32_t unit) { free_[unit / 64] &= ~(uint64_t{1} << (unit % 64)); }

  void grow() {
    if (units_.size() >= kMostUnits) throw InvalidModel("too many pieces");
    units_.resize(units_.size() + kBlock);
    values_.resize(units_.size());
    free_.resize(units_.size() / 64, ~uint64_t{0});
    offset_taken_.resize(units_.size());
  }

  const Entries& entries_;
  std::vector<Unit>& units_;
  std::vector<int32_t>& values_;
  std::vector<uint64_t> free_;
  std::vector<bool> offset_taken_;
};

Trie::Trie(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
  Builder(entries, units_, values_).build();
}

size_t Trie::longest_prefix(const uint8_t* p, const uint8_t* end) const {
  size_t longest = 0, found = 0;
  Node node = kRoot;
  for (const uint8_t* at = p; at < end && found < kMostPrefixes && (node = child(node, *at)); ++at) {
    if (score(node) == kNothing) continue;
    longest = static_cast<size_t>(at + 1 - p);
    ++found;
  }
  return longest;
}

}  // namespace kernels::unigram
