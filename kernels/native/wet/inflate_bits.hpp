// The input of deflate (RFC 1951) as bits, and what its symbols do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "bytes.hpp"
#include "inflate_codes.hpp"

// Shifts by a variable count take most of the time; newer processors have better ones. The sanitizers' runtimes are not
// ready yet when such a function is chosen.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define KERNELS_BEST_SHIFTS __attribute__((target_clones("bmi2", "default")))
#else
#define KERNELS_BEST_SHIFTS
#endif

namespace kernels {

// The next bits of the input. Lives in registers, where it is copied to around loops.
struct InflateBits {
  uint64_t bits = 0;
  // How many of them are valid: the low 6 bits; those above are whatever is left from the entries subtracted.
  uint32_t count = 0;
  const uint8_t* in = nullptr;

  // Tops up to 56 bits or more; reads eight bytes.
  void fill() {
    uint64_t next;
    std::memcpy(&next, in, sizeof next);
    bits |= next << (count & 63);
    in += 7 - (count >> 3 & 7);
    count |= 56;
  }
  void consume(Entry entry) {
    bits >>= entry & 63;
    count -= entry;
  }
  // Undoes the taking of so many.
  void put_back(uint32_t size) {
    const uint32_t ahead = (count & 63) + size;
    *this = {.in = in - (ahead + 7) / 8};
    fill();
    consume(-ahead & 7);
  }
  uint32_t take(unsigned size) {
    const auto taken = static_cast<uint32_t>(bits & ((uint64_t{1} << size) - 1));
    consume(size);
    return taken;
  }
  // Where the byte begins that holds the first bit not taken, or the one after it if that bit is its first.
  const uint8_t* position() const { return in - (count >> 3 & 7); }
};

inline uint8_t literal_of(Entry entry) { return static_cast<uint8_t>(entry >> 16); }

// Of kShortMatch bytes or fewer that does not repeat itself; writes that many.
inline void copy_short_match(uint8_t* out, const uint8_t* from) {
  static_assert(kShortMatch == 2 * kBlock);
  const Block first = load_block(from), second = load_block(from + kBlock);
  store_block(out, first);
  store_block(out + kBlock, second);
}

}  // namespace kernels
