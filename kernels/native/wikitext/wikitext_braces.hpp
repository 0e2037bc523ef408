// Which braces and brackets of a page belong together.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace kernels::wikitext {

// {{template}}, {{{parameter}}} or [[link]]; `close` is where its closing brackets begin.
struct Bracket {
  uint32_t open, close;
  uint8_t width;  // of either end: 2 or 3
  bool link;

  uint32_t end() const { return close + width; }
};

// In order of `open`; those inside lie between. Linear in the length of the text, whatever it holds.
std::vector<Bracket> match_brackets(std::string_view text);

}  // namespace kernels::wikitext
