// The rows of a Stack Exchange site's Posts.xml.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "buffer.hpp"

namespace kernels {

// Of a number or date that is not there or is none.
inline constexpr int64_t kMissing = std::numeric_limits<int64_t>::min();

// Why a row is not among those read.
enum class RowFault : uint8_t {
  kTruncated,  // the data ends in it
  kMalformed,  // it is not well-formed XML
  kEntity,     // it refers to an entity that XML itself does not define; none is ever expanded
  kNoNumber,   // it lacks Id or PostTypeId
};

struct PostRows {
  Buffer<int64_t> position;  // of the row's "<" in the data
  Buffer<int64_t> id, type, parent, score, accepted;
  Buffer<int64_t> created, changed;  // milliseconds since 1970; `changed` is the latest date of the row
  Buffer<uint8_t> repaired;          // whether ill-formed UTF-8 was read as U+FFFD
  TextBuffer title, tags, body;
  Buffer<int64_t> fault_position;
  Buffer<uint8_t> fault;
  size_t consumed = 0;  // bytes that need not be seen again
};

// Reads <row> elements wherever they are, but in comments, CDATA sections, processing instructions and document types.
// What is not well-formed costs its row alone. Unless the data is the file's `last`, what may go on stays unconsumed.
PostRows read_post_rows(const uint8_t* data, size_t size, bool last);

}  // namespace kernels
