#include "utf8_valid.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#include <array>

#define KERNELS_SSE41 __attribute__((target("sse4.1")))

namespace kernels::utf8 {
namespace {

constexpr size_t kLane = 16, kLanes = 4;

// What may be wrong with two bytes that follow each other: a set of high halves of the first, of its low halves, and of
// high halves of the second, each a bit (after Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per
// Byte", 2021). Two continuations in a row are right where a third or fourth byte is due.
struct Fault {
  uint16_t first_high, first_low, second_high;
};

constexpr uint16_t from_to(unsigned first, unsigned last) {
  return static_cast<uint16_t>((2u << last) - (1u << first));
}
constexpr uint16_t only(unsigned half) { return from_to(half, half); }

constexpr uint16_t kAny = from_to(0, 15), kContinuation = from_to(8, 11), kAscii = from_to(0, 7);
constexpr unsigned kTwoContinuations = 7;  // number of the fault, in the bit that tells a third or fourth byte
constexpr Fault kFaults[8] = {
    {from_to(12, 15), kAny, static_cast<uint16_t>(kAny ^ kContinuation)},       // too short
    {kAscii, kAny, kContinuation},                                              // too long
    {only(12), from_to(0, 1), kContinuation},                                   // less than U+0080 in two
    {only(14), only(0), from_to(8, 9)},                                         // less than U+0800 in three
    {only(14), only(13), from_to(10, 11)},                                      // surrogates
    {only(15), from_to(4, 15), from_to(9, 11)},                                 // more than U+10FFFF
    {only(15), static_cast<uint16_t>(only(0) | from_to(5, 15)), only(8)},       // less than U+10000 in four, or more
    {kContinuation, kAny, kContinuation},
};
static_assert(kFaults[kTwoContinuations].first_low == kAny);

using Table = std::array<uint8_t, 16>;

constexpr Table table_of(uint16_t Fault::*halves) {
  Table table{};
  for (unsigned half = 0; half < 16; ++half)
    for (unsigned fault = 0; fault < 8; ++fault)
      if (kFaults[fault].*halves >> half & 1) table[half] = static_cast<uint8_t>(table[half] | 1u << fault);
  return table;
}

constexpr Table kFirstHigh = table_of(&Fault::first_high), kFirstLow = table_of(&Fault::first_low),
                kSecondHigh = table_of(&Fault::second_high);

inline __m128i load(const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }

KERNELS_SSE41 inline __m128i look_up(const Table& table, __m128i halves) {
  return _mm_shuffle_epi8(load(table.data()), halves);
}

// Not zero where `bytes`, that follow `before`, are ill-formed, but for a character that goes on behind them.
KERNELS_SSE41 inline __m128i faults(__m128i bytes, __m128i before) {
  const __m128i low_half = _mm_set1_epi8(0x0F);
  const auto high = [&](__m128i value) { return _mm_and_si128(_mm_srli_epi16(value, 4), low_half); };
  const __m128i one_before = _mm_alignr_epi8(bytes, before, 15);
  const __m128i two_before = _mm_alignr_epi8(bytes, before, 14);
  const __m128i three_before = _mm_alignr_epi8(bytes, before, 13);
  const __m128i found = _mm_and_si128(look_up(kFirstHigh, high(one_before)),
                                      _mm_and_si128(look_up(kFirstLow, _mm_and_si128(one_before, low_half)),
                                                    look_up(kSecondHigh, high(bytes))));
  // From 80 up where the byte two before begins three or four bytes, or that three before begins four.
  const __m128i third = _mm_subs_epu8(two_before, _mm_set1_epi8(0xE0 - 0x80));
  const __m128i fourth = _mm_subs_epu8(three_before, _mm_set1_epi8(0xF0 - 0x80));
  const __m128i due = _mm_and_si128(_mm_or_si128(third, fourth), _mm_set1_epi8(static_cast<char>(1u << kTwoContinuations)));
  return _mm_xor_si128(found, due);
}

KERNELS_SSE41 const uint8_t* skip(const uint8_t* p, const uint8_t* end) {
  __m128i before = _mm_setzero_si128();
  const uint8_t* const begin = p;
  for (; static_cast<size_t>(end - p) >= kLanes * kLane; p += kLanes * kLane) {
    __m128i lanes[kLanes];
    for (size_t lane = 0; lane < kLanes; ++lane) lanes[lane] = load(p + kLane * lane);
    const __m128i any = _mm_or_si128(_mm_or_si128(lanes[0], lanes[1]), _mm_or_si128(lanes[2], lanes[3]));
    __m128i found = faults(lanes[0], before);
    if (_mm_movemask_epi8(any))
      for (size_t lane = 1; lane < kLanes; ++lane) found = _mm_or_si128(found, faults(lanes[lane], lanes[lane - 1]));
    if (!_mm_testz_si128(found, found)) break;
    before = lanes[kLanes - 1];
  }
  // The last character may go on.
  for (ptrdiff_t back = 1; back <= 3 && back <= p - begin && p[-back] >= 0x80; ++back)
    if (p[-back] >= 0xC0) return p - back;
  return p;
}

}  // namespace

SkipValid accelerated_skip_valid() {
  static const bool available = __builtin_cpu_supports("sse4.1");
  return available ? skip : nullptr;
}

}  // namespace kernels::utf8

#else

namespace kernels::utf8 {

SkipValid accelerated_skip_valid() { return nullptr; }

}  // namespace kernels::utf8

#endif
