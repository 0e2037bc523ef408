// Decoding of small gzip members (RFC 1951, RFC 1952) that lie whole in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "buffer.hpp"

namespace kernels {

struct InflateTables;

// Members of a crawl hold a page each: what sets up the decoding of one counts as much as the decoding.
class Inflater {
 public:
  Inflater();
  ~Inflater();

  // Puts the content of the gzip member at `p` in `out`. Returns how many bytes the member takes; 0 where it is damaged,
  // unusual (a header checksum, an incomplete code), within a few bytes of `end`, or its content larger than `limit`.
  size_t member(const uint8_t* p, const uint8_t* end, size_t limit, Buffer<uint8_t>& out);

 private:
  std::unique_ptr<InflateTables> tables_;
};

}  // namespace kernels
