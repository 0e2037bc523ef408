// A fast 64-bit hash of bytes, for tables in memory and for samples; no output holds its values.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace kernels {

inline uint64_t multiply_fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t hash64(const uint8_t* begin, const uint8_t* end) {
  constexpr uint64_t kA = 0x9E3779B97F4A7C15u, kB = 0xC2B2AE3D27D4EB4Fu;
  auto length = static_cast<size_t>(end - begin);
  const uint64_t size = length;
  uint64_t state = kA;
  for (; length >= 8; length -= 8, begin += 8) {
    uint64_t word;
    std::memcpy(&word, begin, 8);
    state = multiply_fold(state ^ word, kB);
  }
  uint64_t rest = size << 56;  // the last word holds seven bytes at most: the eighth tells "" from "\0"
  if (length) std::memcpy(&rest, begin, length);
  return multiply_fold(state ^ rest ^ 0x5555555555555555u, kA ^ kB);
}

}  // namespace kernels
