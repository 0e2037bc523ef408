// Whether a text holds one of a list of words, whatever their case.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "column.hpp"

namespace kernels {

class WordList {
 public:
  // `words` in lower case, none empty. flanked: whether what stands before and behind a word must not be of \w.
  WordList(const std::vector<std::string>& words, bool flanked);

  bool occurs_in(Text text);

 private:
  bool starts_at(const uint8_t* p, const uint8_t* end) const;

  std::vector<std::string> by_first_[256];
  bool flanked_;
  std::string lowered_;
};

}  // namespace kernels
