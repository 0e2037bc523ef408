#include "crc32.hpp"

#include <array>
#include <cstring>

namespace kernels {
namespace {

constexpr size_t kSlices = 16;  // bytes taken at a time

// By byte and slice: what a byte does to the checksum when so many bytes follow it in its group.
constexpr auto kTables = [] {
  std::array<std::array<uint32_t, 256>, kSlices> tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kCrcPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t slice = 1; slice < kSlices; ++slice)
    for (uint32_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[slice - 1][byte];
      tables[slice][byte] = before >> 8 ^ tables[0][before & 0xFF];
    }
  return tables;
}();

// The checksum so far, not yet inverted, after `size` more bytes.
uint32_t extend(uint32_t crc, const uint8_t* p, size_t size) {
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
  return crc;
}

}  // namespace

uint32_t crc32(const uint8_t* p, size_t size) {
  const CrcFold* const fold = accelerated_crc_fold();
  uint32_t crc = ~uint32_t{0};
  const uint8_t* const end = p + size;
  if (fold && size >= fold->fewest) {
    uint8_t folded[16];
    p = fold->take(p, size, crc, folded);
    crc = extend(0, folded, sizeof folded);
  }
  return ~extend(crc, p, static_cast<size_t>(end - p));
}

}  // namespace kernels
