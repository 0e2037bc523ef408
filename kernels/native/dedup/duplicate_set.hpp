// A set of line keys for fast membership tests: the sorted keys themselves and an index of their leading bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include "buffer.hpp"

namespace kernels {

class DuplicateSet {
 public:
  // `keys` stays with the caller and must outlive the set. Throws std::invalid_argument unless strictly ascending.
  DuplicateSet(const uint64_t* keys, size_t size);

  size_t size() const { return size_; }
  size_t index_bytes() const;

  // found[i] = the position of hashes[i] among the keys, kAbsent where it is no member.
  void find(const uint64_t* hashes, size_t count, size_t* found) const;
  static constexpr size_t kAbsent = SIZE_MAX;

 private:
  template <class Start>
  void build(Buffer<Start>& starts);
  template <class Start>
  void probe(const Buffer<Start>& starts, const uint64_t* hashes, size_t count, size_t* found) const;

  const uint64_t* keys_;
  size_t size_;
  unsigned shift_;
  // starts[b] is the position of the first key whose leading bits are at least b. Sets under 2^32 keys use the
  // narrow one.
  Buffer<uint32_t> narrow_starts_;
  Buffer<uint64_t> wide_starts_;
};

}  // namespace kernels
