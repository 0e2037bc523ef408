// The regular part of a compressed WET file, which is nearly all of it: gzip members that hold one conversion record each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "buffer.hpp"
#include "inflate.hpp"

namespace kernels {

// Strings one behind the other, as Arrow's string keeps them.
struct ShortTextBuffer {
  Buffer<int32_t> offsets;
  Buffer<uint8_t> bytes;

  ShortTextBuffer() { offsets.push_back(0); }
  void append(std::string_view text);
};

struct WetRecords {
  size_t members_bytes = 0;  // of the members they are in
  TextBuffer payload;
  ShortTextBuffer id;        // without urn:uuid: and angle brackets, after a prefix
  ShortTextBuffer url;       // without angle brackets
  ShortTextBuffer digest;    // WARC-Block-Digest
  Buffer<int64_t> seconds;   // WARC-Date, since 1970
  Buffer<int64_t> offset;    // of the member in the file
};

class WetReader {
 public:
  // The records of the members from `begin` on, which is at `offset` of the file, up to the first that is not followed by a member that begins with a
  // record, or is itself irregular: damaged, not exactly one whole record of type conversion with all fields above, in
  // ASCII without folded lines. Stops early where the payloads get large.
  WetRecords read(std::string_view bytes, size_t begin, int64_t offset, std::string_view id_prefix);

 private:
  MemberReader members_;
};

}  // namespace kernels
