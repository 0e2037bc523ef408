// Which keys several shards of a group have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kernels {

enum KeyMark : uint8_t {
  kUnique = 0,
  kRepeated = 1,  // an earlier shard has the key too
  kFirst = 2,     // no earlier shard has it, but a later one or the shard itself a second time
};

struct ShardKeys {
  const uint64_t* keys;  // strictly ascending
  uint8_t* marks;        // given: not 0 where the key occurs twice in the shard itself; becomes a KeyMark
  size_t size;
};

// Marks every key of every shard. Reads every shard once, front to back.
// Throws std::invalid_argument if a shard's keys do not ascend.
void mark_duplicates(const std::vector<ShardKeys>& shards);

}  // namespace kernels
