#include "sha1.hpp"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#include <utility>

#define KERNELS_SHA_NI __attribute__((target("sha,sse4.1")))

namespace kernels::sha1 {
namespace {

struct Rounds {
  __m128i abcd;
  __m128i e;         // before the first group: e in the top lane; later: abcd before the last group
  __m128i words[4];  // the sliding window of the message schedule
};

// Rounds 4 * group to 4 * group + 3.
template <int group>
KERNELS_SHA_NI inline __attribute__((always_inline)) void four_rounds(Rounds& r) {
  __m128i& oldest = r.words[group % 4];
  const __m128i input = group == 0 ? _mm_add_epi32(r.e, oldest) : _mm_sha1nexte_epu32(r.e, oldest);
  r.e = r.abcd;
  r.abcd = _mm_sha1rnds4_epu32(r.abcd, input, group / 5);
  if (group < 16) {
    const __m128i mixed = _mm_xor_si128(_mm_sha1msg1_epu32(oldest, r.words[(group + 1) % 4]), r.words[(group + 2) % 4]);
    oldest = _mm_sha1msg2_epu32(mixed, r.words[(group + 3) % 4]);
  }
}

template <int... group>
KERNELS_SHA_NI inline __attribute__((always_inline)) void all_rounds(Rounds& r, std::integer_sequence<int, group...>) {
  (four_rounds<group>(r), ...);
}

KERNELS_SHA_NI void compress_sha_ni(State& state, const uint8_t* blocks, size_t count) {
  const __m128i byte_order = _mm_set_epi64x(0x0001020304050607, 0x08090A0B0C0D0E0F);
  __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(state.data())), 0x1B);
  __m128i e = _mm_set_epi32(static_cast<int>(state[4]), 0, 0, 0);
  for (; count > 0; --count, blocks += 64) {
    Rounds rounds{abcd, e, {}};
    for (int at = 0; at < 4; ++at) {
      const __m128i raw = _mm_loadu_si128(reinterpret_cast<const __m128i*>(blocks) + at);
      rounds.words[at] = _mm_shuffle_epi8(raw, byte_order);
    }
    all_rounds(rounds, std::make_integer_sequence<int, 20>());
    e = _mm_sha1nexte_epu32(rounds.e, e);
    abcd = _mm_add_epi32(rounds.abcd, abcd);
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data()), _mm_shuffle_epi32(abcd, 0x1B));
  state[4] = static_cast<uint32_t>(_mm_extract_epi32(e, 3));
}

// The compiler's own __builtin_cpu_supports does not know SHA in GCC 12.
bool has_sha_ni() {
  constexpr unsigned kSsse3 = 1u << 9, kSse41 = 1u << 19, kSha = 1u << 29;
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & kSsse3) || !(c & kSse41)) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & kSha);
}

}  // namespace

Compress accelerated_compress() {
  static const bool available = has_sha_ni();
  return available ? compress_sha_ni : nullptr;
}

}  // namespace kernels::sha1

#else

namespace kernels::sha1 {

Compress accelerated_compress() { return nullptr; }

}  // namespace kernels::sha1

#endif
