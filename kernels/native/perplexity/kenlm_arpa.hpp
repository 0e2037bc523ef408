// Back-off models in the ARPA format, turned into hash tables in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "kenlm_format.hpp"

namespace kernels::kenlm {

// What KenLM's build_binary would write, with other tables: fewer memory accesses to a search.
struct ArpaImage {
  Layout layout;
  std::shared_ptr<const uint8_t> bytes;
};

// Throws InvalidModel where KenLM refuses a model, and for words or n-grams given twice.
ArpaImage read_arpa(std::string_view file);

}  // namespace kernels::kenlm
