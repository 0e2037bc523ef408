// Which of many strings begin a text: a double-array trie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace kernels::unigram {

class Trie {
 public:
  using Node = uint32_t;
  static constexpr Node kNone = 0;  // without children or score
  static constexpr Node kRoot = 1;
  static constexpr float kNothing = -std::numeric_limits<float>::infinity();

  struct Entry {
    std::string_view key;
    int32_t value;
    float score;
  };

  Trie() : Trie(std::vector<Entry>()) {}

  // Distinct keys that are not empty; scores larger than kNothing. Throws InvalidModel when there are more than there is
  // room for.
  explicit Trie(std::vector<Entry> entries);

  // The node one byte further, kNone if no key goes on so.
  Node child(Node node, uint8_t byte) const {
    const Node at = units_[node].link >> kLabelBits ^ byte;
    return at & (0 - static_cast<Node>((units_[at].link & kLabelMask) == byte));
  }

  // The score of the key that ends here, kNothing if none does.
  float score(Node node) const { return units_[node].score; }
  // The value of the key that ends here; only if one does.
  int32_t value(Node node) const { return values_[node]; }

  // Bytes of the longest key that begins the text; 0 if none does. Of more than 64 such keys the shortest 64 count, as
  // in sentencepiece.
  size_t longest_prefix(const uint8_t* p, const uint8_t* end) const;

 private:
  // The children of a node are at its offset XOR their labels. Offsets are distinct and never 0, so that a label of 9
  // bits says whose child a unit is: 0 is the offset of nodes without children, and no unit of no child has a label
  // that is a byte.
  static constexpr uint32_t kLabelBits = 9, kLabelMask = (1u << kLabelBits) - 1, kNoLabel = kLabelMask;
  static constexpr size_t kBlock = 256, kMostUnits = size_t{1} << (32 - kLabelBits);

  struct Unit {
    uint32_t link = kNoLabel;  // offset, then the label
    float score = kNothing;
  };

  static constexpr size_t kMostPrefixes = 64;

  class Builder;

  std::vector<Unit> units_;
  std::vector<int32_t> values_;
};

}  // namespace kernels::unigram
