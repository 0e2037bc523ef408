#include "sha1.hpp"

#include <bit>
#include <cstring>

namespace kernels::sha1 {
namespace {

constexpr size_t kBlockBytes = 64;
constexpr State kInitial = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};

uint32_t load_big_endian(const uint8_t* p) {
  uint32_t word;
  std::memcpy(&word, p, sizeof word);
  return __builtin_bswap32(word);
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
  const size_t blocks = (length + 9 + kBlockBytes - 1) / kBlockBytes;
  const size_t padded = blocks * kBlockBytes;
  message[length] = 0x80;
  std::memset(message + length + 1, 0, padded - length - 9);
  const uint64_t bits = __builtin_bswap64(static_cast<uint64_t>(length) * 8);
  std::memcpy(message + padded - 8, &bits, sizeof bits);
  State state = kInitial;
  compress(state, message, blocks);
  return state;
}

}  // namespace kernels::sha1
