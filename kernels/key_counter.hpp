// Which line keys occur in two or more documents of a shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "buffer.hpp"

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

  size_t size() const { return size_; }

  // The keys so far; empties the counter.
  DocumentKeys finish();

 private:
  // All keys with the same leading byte: an open-addressing table that grows by itself, so that growing never copies
  // more than a 256th of all keys and sorting works on a part at a time. A slot holds the other 7 bytes of the key
  // above 8 bits of state.
  struct Part {
    std::vector<uint64_t> slots;
    size_t used = 0;
  };

  void mark_if_present(uint64_t key);
  void insert_if_absent(uint64_t key);
  void prefetch(uint64_t key) const;

  std::vector<Part> parts_;
  size_t size_ = 0;
};

}  // namespace kernels
