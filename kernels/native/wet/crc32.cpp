#include "crc32.hpp"

#include <array>
#include <cstring>

namespace kernels {
namespace {

constexpr uint32_t kPolynomial = 0xEDB88320;  // bits reversed
constexpr size_t kSlices = 16;                // bytes taken at a time

// By byte and slice: what a byte does to the checksum when so many bytes follow it in its group.
constexpr auto kTables = [] {
  std::array<std::array<uint32_t, 256>, kSlices> tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t slice = 1; slice < kSlices; ++slice)
    for (uint32_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[slice - 1][byte];
      tables[slice][byte] = before >> 8 ^ tables[0][before & 0xFF];
    }
  return tables;
}();

}  // namespace

uint32_t crc32(const uint8_t* p, size_t size) {
  uint32_t crc = ~uint32_t{0};
  for (; size >= kSlices; p += kSlices, size -= kSlices) {
    uint64_t halves[2];
    std::memcpy(halves, p, kSlices);
    halves[0] ^= crc;
    crc = 0;
    for (size_t half = 0; half < 2; ++half)
      for (size_t byte = 0; byte < 8; ++byte)
        crc ^= kTables[kSlices - 1 - 8 * half - byte][halves[half] >> 8 * byte & 0xFF];
  }
  for (; size > 0; ++p, --size) crc = crc >> 8 ^ kTables[0][(crc ^ *p) & 0xFF];
  return ~crc;
}

}  // namespace kernels
