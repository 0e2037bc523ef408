#include "sha1.hpp"

#include <bit>
#include <cstring>

namespace kernels::sha1 {
namespace {

constexpr size_t kBlockBytes = 64;

uint32_t load_big_endian(const uint8_t* p) {
  uint32_t word;
  std::memcpy(&word, p, sizeof word);
  return __builtin_bswap32(word);
}

// Writes what follows the last `size` bytes of a message of `length`; returns the number of blocks from `last` on.
size_t pad(uint8_t* last, size_t size, size_t length) {
  const size_t blocks = (size + 9 + kBlockBytes - 1) / kBlockBytes;
  const size_t padded = blocks * kBlockBytes;
  last[size] = 0x80;
  std::memset(last + size + 1, 0, padded - size - 9);
  const uint64_t bits = __builtin_bswap64(static_cast<uint64_t>(length) * 8);
  std::memcpy(last + padded - 8, &bits, sizeof bits);
  return blocks;
}

}  // namespace

void compress_portable(State& state, const uint8_t* blocks, size_t count) {
  for (; count > 0; --count, blocks += kBlockBytes) {
    uint32_t words[80];
    for (size_t t = 0; t < 16; ++t) words[t] = load_big_endian(blocks + 4 * t);
    for (size_t t = 16; t < 80; ++t)
      words[t] = std::rotl(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);
    auto [a, b, c, d, e] = state;
    for (size_t t = 0; t < 80; ++t) {
      const uint32_t mixed = t < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                             : t < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                             : t < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                      : (b ^ c ^ d) + 0xCA62C1D6;
      const uint32_t next = std::rotl(a, 5) + mixed + e + words[t];
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = next;
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
  }
}

Compress best_compress() {
  const Compress accelerated = accelerated_compress();
  return accelerated ? accelerated : compress_portable;
}

State hash_in_place(uint8_t* message, size_t length, Compress compress) {
  State state = kInitial;
  compress(state, message, pad(message, length, length));
  return state;
}

State hash(const uint8_t* message, size_t length, Compress compress) {
  const size_t whole = length / kBlockBytes, rest = length % kBlockBytes;
  uint8_t last[2 * kBlockBytes];
  if (rest) std::memcpy(last, message + whole * kBlockBytes, rest);
  State state = kInitial;
  compress(state, message, whole);
  compress(state, last, pad(last, rest, length));
  return state;
}

}  // namespace kernels::sha1
