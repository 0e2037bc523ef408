// The langdetect package's language identification, number for number: n-grams drawn at random from a text until one
// language is sure, seven times over, from a fixed seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "buffer.hpp"
#include "column.hpp"

namespace kernels::langdetect {

using Code = char32_t;

struct Profiles {
  size_t languages = 0;
  std::vector<double> probabilities;               // of each gram in each language, gram by gram
  std::vector<uint64_t> slots;                     // hash table: packed grams, 0 where there is none
  std::vector<uint32_t> numbers;                   // of the grams in the slots
  std::unordered_map<Code, Code> normal;           // characters that stand for others
  std::unordered_map<uint64_t, Code> compositions; // letter << 32 | mark -> one character (Vietnamese)

  // `grams`: of one to three characters each, without repeats; `probabilities` are in their order.
  void index(const std::vector<std::u32string>& grams);

  // The number of a packed gram; `numbers.size()` where it is unknown.
  uint32_t find(uint64_t gram) const;
};

struct Detection {
  int32_t language;    // -1 where the text has no known gram
  double probability;
};

class Detector {
 public:
  explicit Detector(const Profiles& profiles);

  Detection detect(Text text);

 private:
  void read(Text text);
  void clean();
  void extract();
  void update(uint32_t gram, double weight);
  double normalize();

  const Profiles& profiles_;
  std::vector<Code> normal_;  // of the characters below kDirect
  std::vector<Code> first_, second_, text_;
  std::vector<uint32_t> grams_;
  std::vector<double> probability_, sum_;
};

}  // namespace kernels::langdetect
