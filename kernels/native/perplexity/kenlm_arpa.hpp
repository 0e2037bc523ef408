// Back-off models in the ARPA format, turned into KenLM's binary format in memory.
#pragma once

#include <cstdint>
#include <string_view>

#include "buffer.hpp"

namespace kernels::kenlm {

// The file that KenLM's build_binary would write with larger tables, without the words behind it. Throws InvalidModel
// where KenLM refuses a model, and for words or n-grams given twice.
Buffer<uint8_t> read_arpa(std::string_view file);

}  // namespace kernels::kenlm
