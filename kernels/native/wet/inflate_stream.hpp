// Decoding of one deflate stream (RFC 1951) that lies whole in memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "buffer.hpp"
#include "inflate_codes.hpp"

namespace kernels {

// What a block decodes with; kept from one to the next for the memory.
struct InflateTables {
  LiteralTable literal;
  DistanceTable distance;
  LengthsTable lengths;
};

// Bytes behind the stream that must be readable, or its end is taken for damage.
inline constexpr size_t kInflateReach = 32;

// Appends the content of the stream at `p` to `out`, which is empty. Returns where the stream ends; null where it is
// damaged, comes within kInflateReach bytes of `end`, has an incomplete code, or its content is larger than `limit`.
const uint8_t* inflate(InflateTables& tables, const uint8_t* p, const uint8_t* end, size_t limit, Buffer<uint8_t>& out);

}  // namespace kernels
