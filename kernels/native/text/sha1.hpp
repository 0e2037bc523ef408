// SHA-1 (FIPS 180-4), with the processor's SHA instructions where it has them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kernels::sha1 {

using State = std::array<uint32_t, 5>;
using Compress = void (*)(State& state, const uint8_t* blocks, size_t count);  // blocks of 64 bytes

inline constexpr size_t kPaddingRoom = 72;
inline constexpr State kInitial = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};

void compress_portable(State& state, const uint8_t* blocks, size_t count);
// The SHA-NI version, or nullptr where this machine cannot run it.
Compress accelerated_compress();
// The fastest that runs here.
Compress best_compress();

// Hashes message[0, length), writing the padding into the kPaddingRoom bytes after it.
State hash_in_place(uint8_t* message, size_t length, Compress compress);

// Hashes a message without copying it.
State hash(const uint8_t* message, size_t length, Compress compress);

// The first 8 bytes of the digest read as a little-endian integer: cc_net's line key.
inline uint64_t key_of(const State& state) {
  return __builtin_bswap64(static_cast<uint64_t>(state[0]) << 32 | state[1]);
}

}  // namespace kernels::sha1
