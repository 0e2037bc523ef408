#include "duplicate_set.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <stdexcept>

namespace kernels {
namespace {

constexpr size_t kKeysPerBucket = 4;   // two to four on average, within one or two cache lines
constexpr size_t kLinearSearch = 32;   // longer buckets come from keys that are not hashes; they are bisected
constexpr size_t kBatch = 32;          // probes in flight

}  // namespace

DuplicateSet::DuplicateSet(const uint64_t* keys, size_t size) : keys_(keys), size_(size) {
  if (std::adjacent_find(keys, keys + size, std::greater_equal<>()) != keys + size)
    throw std::invalid_argument("keys are not sorted and unique");
  const unsigned bits = std::max(1, static_cast<int>(std::bit_width(size / kKeysPerBucket)));
  shift_ = 64 - bits;
  if (size <= std::numeric_limits<uint32_t>::max())
    build(narrow_starts_);
  else
    build(wide_starts_);
}

template <class Start>
void DuplicateSet::build(Buffer<Start>& starts) {
  const size_t buckets = size_t{1} << (64 - shift_);
  starts = Buffer<Start>(buckets + 1);
  size_t bucket = 0;
  for (size_t at = 0; at < size_; ++at)
    for (const size_t own = keys_[at] >> shift_; bucket <= own; ++bucket) starts[bucket] = static_cast<Start>(at);
  std::fill(starts.data() + bucket, starts.end(), static_cast<Start>(size_));
}

size_t DuplicateSet::index_bytes() const {
  return narrow_starts_.size() * sizeof(uint32_t) + wide_starts_.size() * sizeof(uint64_t);
}

template <class Start>
void DuplicateSet::probe(const Buffer<Start>& starts, const uint64_t* hashes, size_t count, size_t* found) const {
  // Both memory accesses of a probe are likely cache misses; a batch has them all under way at once.
  size_t first[kBatch], last[kBatch];
  for (size_t at = 0; at < count; ++at) __builtin_prefetch(&starts[hashes[at] >> shift_]);
  for (size_t at = 0; at < count; ++at) {
    const size_t bucket = hashes[at] >> shift_;
    first[at] = starts[bucket];
    last[at] = starts[bucket + 1];
    __builtin_prefetch(keys_ + first[at]);
  }
  for (size_t at = 0; at < count; ++at) {
    const uint64_t *p = keys_ + first[at], *end = keys_ + last[at];
    if (last[at] - first[at] > kLinearSearch) {
      p = std::lower_bound(p, end, hashes[at]);
    } else {
      while (p < end && *p < hashes[at]) ++p;
    }
    found[at] = p < end && *p == hashes[at] ? static_cast<size_t>(p - keys_) : kAbsent;
  }
}

void DuplicateSet::find(const uint64_t* hashes, size_t count, size_t* found) const {
  for (size_t at = 0; at < count; at += kBatch) {
    const size_t batch = std::min(kBatch, count - at);
    if (wide_starts_.size() == 0)
      probe(narrow_starts_, hashes + at, batch, found + at);
    else
      probe(wide_starts_, hashes + at, batch, found + at);
  }
}

}  // namespace kernels
