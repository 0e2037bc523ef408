// Sixteen bytes at a time with the compiler's portable vectors: one source for every architecture.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace kernels {

static_assert(std::endian::native == std::endian::little, "the kernels assume little-endian words");

inline constexpr size_t kBlock = 16;
// Signed, because baseline x86-64 compares signed bytes only; non-ASCII bytes are the negative ones.
using Block = int8_t __attribute__((vector_size(kBlock)));

inline Block load_block(const uint8_t* p) {
  Block block;
  std::memcpy(&block, p, kBlock);
  return block;
}

inline void store_block(uint8_t* p, Block block) { std::memcpy(p, &block, kBlock); }

// A bit for each byte of a comparison mask, the first lowest.
inline uint64_t set_bits(Block mask) {
#if defined(__SSE2__)
  __m128i bytes;
  std::memcpy(&bytes, &mask, kBlock);
  return static_cast<uint32_t>(_mm_movemask_epi8(bytes));
#else
  uint64_t halves[2];
  std::memcpy(halves, &mask, kBlock);
  const auto gathered = [](uint64_t half) { return (half & 0x0101010101010101) * 0x0102040810204080 >> 56; };
  return gathered(halves[0]) | gathered(halves[1]) << 8;
#endif
}

// Position of the first byte set in a comparison mask, kBlock if none is.
inline size_t first_set(Block mask) {
#if defined(__SSE2__)
  __m128i bytes;
  std::memcpy(&bytes, &mask, kBlock);
  return static_cast<size_t>(std::countr_zero(static_cast<uint32_t>(_mm_movemask_epi8(bytes)) | 1u << kBlock));
#else
  uint64_t halves[2];
  std::memcpy(halves, &mask, kBlock);
  if (halves[0]) return static_cast<size_t>(std::countr_zero(halves[0])) / 8;
  if (halves[1]) return 8 + static_cast<size_t>(std::countr_zero(halves[1])) / 8;
  return kBlock;
#endif
}

// Number of bytes for which `matches` holds: a function of a Block (giving a mask) and of one signed byte.
template <class Matches>
size_t count_bytes(const uint8_t* p, const uint8_t* end, Matches matches) {
  size_t total = 0;
  while (static_cast<size_t>(end - p) >= kBlock) {
    Block counts{};  // per-lane counters, emptied before they can overflow
    for (int round = 0; round < 127 && static_cast<size_t>(end - p) >= kBlock; ++round, p += kBlock)
      counts -= matches(load_block(p));
    for (size_t lane = 0; lane < kBlock; ++lane) total += static_cast<size_t>(counts[lane]);
  }
  for (; p < end; ++p) total += matches(static_cast<int8_t>(*p)) ? 1 : 0;
  return total;
}

inline size_t count_newlines(const uint8_t* p, const uint8_t* end) {
  return count_bytes(p, end, [](auto bytes) { return bytes == '\n'; });
}

inline const uint8_t* find_byte(const uint8_t* p, const uint8_t* end, uint8_t byte) {
  if (p == end) return end;
  const void* found = std::memchr(p, byte, static_cast<size_t>(end - p));
  return found ? static_cast<const uint8_t*>(found) : end;
}

inline uint8_t* append(uint8_t* out, const uint8_t* begin, const uint8_t* end) {
  if (begin == end) return out;
  std::memcpy(out, begin, static_cast<size_t>(end - begin));
  return out + (end - begin);
}

}  // namespace kernels
