// Offsets that say which hashes belong to which document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace kernels {

// Throws std::invalid_argument unless the documents + 1 offsets ascend from 0 to the number of hashes.
inline void check_offsets(const int64_t* offsets, size_t documents, size_t hash_count) {
  bool consistent = offsets[0] == 0 && offsets[documents] == static_cast<int64_t>(hash_count);
  for (size_t i = 0; i < documents && consistent; ++i) consistent = offsets[i] <= offsets[i + 1];
  if (!consistent) throw std::invalid_argument("offsets do not ascend from 0 to the number of hashes");
}

}  // namespace kernels
