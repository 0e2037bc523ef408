#include "fasttext_ngrams.hpp"

#include <algorithm>
#include <numeric>

namespace kernels::fasttext {
namespace {

// fastText chooses 2,000,000 by default and 10,000,000 at most. Groups take a quarter of a byte per bucket.
constexpr uint32_t kMostPrunedBuckets = 1 << 26;

}  // namespace

BucketRows::BucketRows(Reader& file, const Vocabulary& vocabulary, uint32_t buckets, Buffer<uint32_t>& order)
    : pruned_(vocabulary.pruned() >= 0), first_row_(vocabulary.words()) {
  if (!pruned_) return;
  expect(buckets <= kMostPrunedBuckets, "a pruned model has more than 2^26 buckets");
  expect(vocabulary.pruned() <= buckets, "more n-grams are left after pruning than there are buckets");
  read_pruned(file, static_cast<uint32_t>(vocabulary.pruned()), buckets, order);
}

void BucketRows::read_pruned(Reader& file, uint32_t count, uint32_t buckets, Buffer<uint32_t>& order) {
  const Buffer<uint32_t> pairs = file.array<uint32_t>(2 * uint64_t{count});
  present_ = Buffer<uint64_t>((buckets / 64 / kGroup + 1) * kGroup);
  std::fill_n(present_.data(), present_.size(), 0);
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t bucket = pairs[2 * i];
    expect(bucket < buckets, "a bucket left after pruning does not exist");
    uint64_t& present = present_[bucket / 64];
    expect(!(present >> bucket % 64 & 1), "a bucket is left twice after pruning");
    present |= uint64_t{1} << bucket % 64;
  }
  before_ = Buffer<uint32_t>(present_.size() / kGroup);
  uint32_t total = 0;
  for (size_t i = 0; i < present_.size(); ++i) {
    if (i % kGroup == 0) before_[i / kGroup] = total;
    total += count_bits(present_[i]);
  }
  order = Buffer<uint32_t>(first_row_ + count);
  std::iota(order.data(), order.data() + first_row_, 0u);
  for (uint32_t i = 0; i < count; ++i) {
    expect(pairs[2 * i + 1] < UINT32_MAX - first_row_, "a row left after pruning does not exist");
    order[first_row_ + rank(pairs[2 * i])] = first_row_ + pairs[2 * i + 1];
  }
}

}  // namespace kernels::fasttext
