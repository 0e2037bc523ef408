// The checksum of gzip (RFC 1952, section 8), with carry-less multiplication where the processor has it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kernels {

// The polynomial without its highest power, bits reversed.
inline constexpr uint32_t kCrcPolynomial = 0xEDB88320;

uint32_t crc32(const uint8_t* p, size_t size);

// Turns the first bytes of a message, many at a time, into 16 bytes that would have the same effect on what follows.
struct CrcFold {
  size_t fewest;  // bytes it can take
  // Takes as many multiples of 16 bytes as there are, and writes the 16 they amount to, where `crc` comes before them.
  // Returns where it stopped.
  const uint8_t* (*take)(const uint8_t* p, size_t size, uint32_t crc, uint8_t* folded);
};

// Null where this machine cannot run it.
const CrcFold* accelerated_crc_fold();

}  // namespace kernels
