#include "minhash.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "hash64.hpp"
#include "sha1.hpp"
#include "shingles.hpp"

#if defined(__x86_64__)
#define KERNELS_TARGET(name) __attribute__((target(name)))
#else
#define KERNELS_TARGET(name)
#endif

namespace kernels {
namespace {

constexpr size_t kLanes = 32;        // permutations whose minima stay in registers
constexpr size_t kHashesBatch = 512;

// MurmurHash3's finalizer.
uint32_t mix(uint32_t h) {
  h = (h ^ h >> 16) * 0x85EBCA6B;
  h = (h ^ h >> 13) * 0xC2B2AE35;
  return h ^ h >> 16;
}

// minima[k] = min(minima[k], a[k] * h + b[k] for every h of the hashes); `lanes` is a multiple of kLanes.
using Minimize = void (*)(const uint32_t* a, const uint32_t* b, size_t lanes, const uint32_t* hashes, size_t count,
                          uint32_t* minima);

inline __attribute__((always_inline)) void minimize_lanes(const uint32_t* a, const uint32_t* b, size_t lanes,
                                                          const uint32_t* hashes, size_t count, uint32_t* minima) {
  for (size_t block = 0; block < lanes; block += kLanes) {
    uint32_t factor[kLanes], offset[kLanes], least[kLanes];
    std::memcpy(factor, a + block, sizeof factor);
    std::memcpy(offset, b + block, sizeof offset);
    std::memcpy(least, minima + block, sizeof least);
    for (size_t i = 0; i < count; ++i) {
      const uint32_t h = hashes[i];
      for (size_t k = 0; k < kLanes; ++k) {
        const uint32_t value = factor[k] * h + offset[k];
        least[k] = value < least[k] ? value : least[k];
      }
    }
    std::memcpy(minima + block, least, sizeof least);
  }
}

void minimize_portable(const uint32_t* a, const uint32_t* b, size_t lanes, const uint32_t* hashes, size_t count,
                       uint32_t* minima) {
  minimize_lanes(a, b, lanes, hashes, count, minima);
}

KERNELS_TARGET("avx2")
void minimize_avx2(const uint32_t* a, const uint32_t* b, size_t lanes, const uint32_t* hashes, size_t count,
                   uint32_t* minima) {
  minimize_lanes(a, b, lanes, hashes, count, minima);
}

KERNELS_TARGET("avx512f,avx512vl,avx512bw,avx512dq,prefer-vector-width=512")
void minimize_avx512(const uint32_t* a, const uint32_t* b, size_t lanes, const uint32_t* hashes, size_t count,
                     uint32_t* minima) {
  minimize_lanes(a, b, lanes, hashes, count, minima);
}

Minimize best_minimize() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    return minimize_avx512;
  if (__builtin_cpu_supports("avx2")) return minimize_avx2;
#endif
  return minimize_portable;
}

// SHA-1 keys of byte ranges behind which Shingler::kSlack bytes can be read.
class ShingleHash {
 public:
  uint64_t operator()(const uint8_t* begin, const uint8_t* end) {
    const auto length = static_cast<size_t>(end - begin);
    constexpr size_t kBlock = 64, kLongest = kBlock - 9;  // with its padding in one block
    if (length > kLongest) {
      long_.clear();
      long_.make_room(length + sha1::kPaddingRoom);
      std::memcpy(long_.data(), begin, length);
      return sha1::key_of(sha1::hash_in_place(long_.data(), length, compress_));
    }
    // Copies of a fixed length, which are a few instructions each.
    uint8_t block[2 * kBlock];
    std::memcpy(block, begin, kBlock);
    std::memset(block + length, 0, kBlock);
    block[length] = 0x80;
    const uint64_t bits = __builtin_bswap64(static_cast<uint64_t>(length) * 8);
    std::memcpy(block + kBlock - 8, &bits, sizeof bits);
    sha1::State state = sha1::kInitial;
    compress_(state, block, 1);
    return sha1::key_of(state);
  }

 private:
  sha1::Compress compress_ = sha1::best_compress();
  Buffer<uint8_t> long_;
};

// Sorts hashes: as even as they are, their leading bits put all but a few in place.
class HashSort {
 public:
  void operator()(uint64_t* begin, uint64_t* end) {
    const auto size = static_cast<size_t>(end - begin);
    if (size < kSmall) return std::sort(begin, end);
    const int shift = 64 - std::min(static_cast<int>(std::bit_width(size / kPerBucket)), kMostBits);
    ends_.assign((size_t{1} << (64 - shift)) + 1, 0);
    for (const uint64_t* p = begin; p < end; ++p) ++ends_[(*p >> shift) + 1];
    std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
    scattered_.clear();
    scattered_.make_room(size);
    for (const uint64_t* p = begin; p < end; ++p) scattered_[ends_[*p >> shift]++] = *p;
    for (size_t bucket = 0, first = 0; bucket + 1 < ends_.size(); first = ends_[bucket++])
      std::sort(scattered_.data() + first, scattered_.data() + ends_[bucket]);
    std::copy_n(scattered_.data(), size, begin);
  }

 private:
  static constexpr size_t kSmall = 256, kPerBucket = 4;
  static constexpr int kMostBits = 16;  // as many buckets as a cache holds the ends of
  std::vector<size_t> ends_;
  Buffer<uint64_t> scattered_;
};

// Makes a set of the hashes from `before` on.
void end_set(ShingleSets& sets, size_t before, HashSort& sort) {
  uint64_t* own = sets.hashes.data() + before;
  sort(own, sets.hashes.end());
  sets.hashes.set_end(std::unique(own, sets.hashes.end()));
  sets.offsets.push_back(static_cast<int64_t>(sets.hashes.size()));
}

}  // namespace

void minhash(const Column& text, size_t words, const Permutations& permutations, uint32_t* signatures,
             int64_t* shingles) {
  const size_t lanes = (permutations.count + kLanes - 1) / kLanes * kLanes;
  std::vector<uint32_t> a(lanes, 1), b(lanes, 0), minima(lanes);
  std::copy_n(permutations.a, permutations.count, a.begin());
  std::copy_n(permutations.b, permutations.count, b.begin());
  const Minimize minimize = best_minimize();
  Shingler shingler(words);
  ShingleHash hash;
  uint32_t hashes[kHashesBatch];
  for (size_t i = 0; i < text.size(); ++i) {
    std::fill(minima.begin(), minima.end(), UINT32_MAX);
    size_t count = 0;
    int64_t total = 0;
    shingler.each(text[i], [&](const uint8_t* begin, const uint8_t* end) {
      hashes[count++] = mix(static_cast<uint32_t>(hash(begin, end)));
      ++total;
      if (count == kHashesBatch) {
        minimize(a.data(), b.data(), lanes, hashes, count, minima.data());
        count = 0;
      }
    });
    minimize(a.data(), b.data(), lanes, hashes, count, minima.data());
    std::copy_n(minima.begin(), permutations.count, signatures + i * permutations.count);
    shingles[i] = total;
  }
}

ShingleSets shingle_sets(const Column& text, size_t words) {
  ShingleSets sets;
  sets.offsets.push_back(0);
  Shingler shingler(words);
  ShingleHash hash;
  HashSort sort;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t before = sets.hashes.size();
    shingler.each(text[i],
                  [&](const uint8_t* begin, const uint8_t* end) { sets.hashes.push_back(hash(begin, end)); });
    end_set(sets, before, sort);
  }
  return sets;
}

ShingleSets shingle_samples(const Column& text, size_t words, uint64_t highest, int64_t* shingles) {
  ShingleSets samples;
  samples.offsets.push_back(0);
  Shingler shingler(words);
  HashSort sort;
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t before = samples.hashes.size();
    int64_t count = 0;
    shingler.each(text[i], [&](const uint8_t* begin, const uint8_t* end) {
      ++count;
      const uint64_t hash = hash64(begin, end);
      if (hash <= highest) samples.hashes.push_back(hash);
    });
    end_set(samples, before, sort);
    shingles[i] = count;
  }
  return samples;
}

void count_common(const uint64_t* hashes, const int64_t* offsets, const int64_t* left, const int64_t* right,
                  size_t pairs, int64_t* common) {
  for (size_t i = 0; i < pairs; ++i) {
    const uint64_t *a = hashes + offsets[left[i]], *a_end = hashes + offsets[left[i] + 1];
    const uint64_t *b = hashes + offsets[right[i]], *b_end = hashes + offsets[right[i] + 1];
    int64_t found = 0;
    while (a < a_end && b < b_end) {  // without branches that depend on the data
      const uint64_t x = *a, y = *b;
      found += x == y;
      a += x <= y;
      b += y <= x;
    }
    common[i] = found;
  }
}

}  // namespace kernels
