// Which line keys occur in two or more documents of a shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "buffer.hpp"
#include "seen_keys.hpp"

namespace kernels {

struct DocumentKeys {
  Buffer<uint64_t> keys;  // sorted, unique
  Buffer<uint8_t> flags;  // 1 where at least two documents have the key
};

class KeyCounter {
 public:
  KeyCounter();

  // One batch of documents: hashes[offsets[i], offsets[i + 1]) are those of document i. Throws std::invalid_argument
  // unless the offsets ascend from 0 to hash_count.
  void add(const uint64_t* hashes, size_t hash_count, const int64_t* offsets, size_t documents);

  // Memory held for the keys so far.
  size_t nbytes() const;

  // The keys so far; empties the counter.
  DocumentKeys finish();

 private:
  // All keys with the same leading byte, small enough to be sorted and merged within the processor's caches. An entry
  // is the other 7 bytes of a key above a byte that is 1 if two documents have it.
  struct Part {
    Buffer<uint64_t> entries;  // `sorted` unique ones, then the latest in the order of arrival
    size_t sorted = 0;
    size_t limit = 0;  // of entries.size(), where the latest are merged into the sorted
  };

  void compact(Part& part);

  std::vector<Part> parts_;
  SeenKeys seen_;
  Buffer<uint64_t> scratch_;
};

}  // namespace kernels
