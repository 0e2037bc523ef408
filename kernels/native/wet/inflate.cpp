#include "inflate.hpp"

#include <cstring>

#include "crc32.hpp"
#include "inflate_stream.hpp"

namespace kernels {
namespace {

// The fewest bytes a member takes: header, an empty block, trailer.
constexpr size_t kHeaderBytes = 10, kTrailerBytes = 8;

// Bytes of a gzip header; 0 if it is none, or an unusual one.
size_t header_size(const uint8_t* p, const uint8_t* end) {
  constexpr uint8_t kExtra = 4, kName = 8, kComment = 16;
  const auto available = static_cast<size_t>(end - p);
  if (available < kHeaderBytes || p[0] != 0x1F || p[1] != 0x8B || p[2] != 8) return 0;
  const uint8_t flags = p[3];
  if (flags & ~(kExtra | kName | kComment)) return 0;
  size_t size = kHeaderBytes;
  if (flags & kExtra) {
    if (available < size + 2) return 0;
    size += 2 + (p[size] | size_t{p[size + 1]} << 8);
  }
  for (const uint8_t text : {kName, kComment}) {
    if (!(flags & text)) continue;
    if (size >= available) return 0;
    const void* zero = std::memchr(p + size, 0, available - size);
    if (!zero) return 0;
    size = static_cast<size_t>(static_cast<const uint8_t*>(zero) + 1 - p);
  }
  return size < available ? size : 0;
}

}  // namespace

Inflater::Inflater() : tables_(std::make_unique<InflateTables>()) {}
Inflater::~Inflater() = default;

size_t Inflater::member(const uint8_t* p, const uint8_t* end, size_t limit, Buffer<uint8_t>& out) {
  out.clear();
  const size_t header = header_size(p, end);
  if (!header) return 0;
  const uint8_t* trailer = inflate(*tables_, p + header, end, limit, out);
  if (!trailer || static_cast<size_t>(end - trailer) < kTrailerBytes) return 0;
  uint32_t checks[2];
  std::memcpy(checks, trailer, sizeof checks);
  if (checks[1] != static_cast<uint32_t>(out.size()) || checks[0] != crc32(out.data(), out.size())) return 0;
  return static_cast<size_t>(trailer + kTrailerBytes - p);
}

}  // namespace kernels
