// Which line keys occur twice in a group of shards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "buffer.hpp"

namespace kernels {

struct ShardKeys {
  const uint64_t* keys;  // strictly ascending
  const uint8_t* flags;  // not 0 where the key occurs twice in the shard itself
  size_t size;
};

// Sorted keys that are flagged in any shard or present in at least two. Reads every shard once, front to back.
// Throws std::invalid_argument if a shard's keys do not ascend.
Buffer<uint64_t> duplicate_keys(const std::vector<ShardKeys>& shards);

}  // namespace kernels
