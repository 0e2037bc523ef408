// The checksum of gzip (CRC-32, ISO 3309).
#pragma once

#include <cstddef>
#include <cstdint>

namespace kernels {

uint32_t crc32(const uint8_t* p, size_t size);

}  // namespace kernels
