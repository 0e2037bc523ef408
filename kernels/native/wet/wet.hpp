// The text of WET records as cc_net's reader sees it.
#pragma once

#include <cstdint>
#include <vector>

#include "buffer.hpp"
#include "column.hpp"

namespace kernels {

struct WetText {
  TextBuffer title;
  TextBuffer text;
  Buffer<int32_t> lines;       // of the body
  Buffer<int64_t> characters;  // of the body, code points
  Buffer<int64_t> replaced;    // ill-formed sequences replaced by U+FFFD in the payload
};

// The reader takes a file line by line, so the line ends of the two CRLF that close a record count too:
// payload + CRLF CRLF, decoded, is split at CR LF, LF and CR, and every line is stripped. If the last two lines are
// empty both are dropped. The first line is the title, the others are the body. A payload that does not end in a line
// end therefore has one empty line more than it shows, one that does has none.
// Takes the payloads of all columns, one column behind the other.
WetText wet_text(const std::vector<Column>& payloads);

}  // namespace kernels
