#include "crc32.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define KERNELS_PCLMUL __attribute__((target("pclmul,sse4.1")))

namespace kernels {
namespace {

constexpr size_t kLanes = 4;
constexpr size_t kLaneBytes = 16;

// x^power modulo the polynomial, in reversed bits; one place up, since the product of two reversed numbers of 64 bits is
// reversed in 127.
constexpr uint64_t power_of_x(unsigned power) {
  uint32_t value = uint32_t{1} << 31;
  for (; power > 0; --power) value = value >> 1 ^ (value & 1 ? kCrcPolynomial : 0);
  return uint64_t{value} << 1;
}

// What carries 16 bytes over the `bytes` that follow: factors for their first and last eight (Gopal et al., "Fast CRC
// Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009).
struct Carry {
  uint64_t first, last;
};

constexpr Carry carry_over(size_t bytes) {
  const auto bits = static_cast<unsigned>(8 * bytes);
  return {power_of_x(bits + 32), power_of_x(bits - 32)};
}

constexpr Carry kOverLanes = carry_over(kLanes * kLaneBytes), kOverLane = carry_over(kLaneBytes);

inline __m128i load_lane(const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }

KERNELS_PCLMUL inline __m128i fold(__m128i value, __m128i carry, __m128i next) {
  const __m128i first = _mm_clmulepi64_si128(value, carry, 0x00), last = _mm_clmulepi64_si128(value, carry, 0x11);
  return _mm_xor_si128(_mm_xor_si128(first, last), next);
}

KERNELS_PCLMUL const uint8_t* take(const uint8_t* p, size_t size, uint32_t crc, uint8_t* folded) {
  const auto factors = [](Carry carry) {
    return _mm_set_epi64x(static_cast<int64_t>(carry.last), static_cast<int64_t>(carry.first));
  };
  const __m128i over_lanes = factors(kOverLanes), over_lane = factors(kOverLane);
  __m128i lanes[kLanes];
  for (size_t lane = 0; lane < kLanes; ++lane) lanes[lane] = load_lane(p + kLaneBytes * lane);
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128(static_cast<int>(crc)));
  p += kLanes * kLaneBytes;
  size -= kLanes * kLaneBytes;
  for (; size >= kLanes * kLaneBytes; p += kLanes * kLaneBytes, size -= kLanes * kLaneBytes)
    for (size_t lane = 0; lane < kLanes; ++lane)
      lanes[lane] = fold(lanes[lane], over_lanes, load_lane(p + kLaneBytes * lane));
  __m128i all = lanes[0];
  for (size_t lane = 1; lane < kLanes; ++lane) all = fold(all, over_lane, lanes[lane]);
  for (; size >= kLaneBytes; p += kLaneBytes, size -= kLaneBytes) all = fold(all, over_lane, load_lane(p));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(folded), all);
  return p;
}

}  // namespace

const CrcFold* accelerated_crc_fold() {
  static constexpr CrcFold kFold{kLanes * kLaneBytes, take};
  static const bool available = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
  return available ? &kFold : nullptr;
}

}  // namespace kernels

#else

namespace kernels {

const CrcFold* accelerated_crc_fold() { return nullptr; }

}  // namespace kernels

#endif
