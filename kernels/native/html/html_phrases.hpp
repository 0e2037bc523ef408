// Lines that say nothing of their page: invitations to share, subscribe, read on, comment.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kernels::html {

enum class Phrase : uint8_t {
  kNone,
  kFiller,     // the line is of no use
  kBoundary,   // what follows is not the article any more
};

// `line`: decoded, in lower case, white space collapsed.
Phrase find_phrase(std::string_view line);

// ASCII, Latin-1, Greek and Cyrillic capitals of UTF-8 in lower case, in place.
void fold(std::string& line);

}  // namespace kernels::html
