// The rules of a sentencepiece normaliser: strings, found by a double array in Darts-clone's format, and what replaces
// each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kernels::unigram {

class CharsMap {
 public:
  struct Match {
    size_t length = 0;  // bytes of the text that the rule replaces; 0: no rule applies
    std::string_view replacement;
  };

  // `blob` as in NormalizerSpec.precompiled_charsmap; empty for no rules. Throws InvalidModel.
  explicit CharsMap(std::string_view blob);

  // The longest rule that applies at p; p < end.
  Match longest(const uint8_t* p, const uint8_t* end) const;

  // Whether a rule may apply at this ASCII byte when another ASCII byte or the end follows.
  bool may_change(uint8_t byte) const;

 private:
  bool is_sound() const;

  std::vector<uint32_t> units_;
  std::string replacements_;  // each ends with a zero byte
};

}  // namespace kernels::unigram
