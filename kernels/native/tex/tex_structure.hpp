// Where the parts of a paper begin and end.
#pragma once

#include <cstdint>
#include <vector>

#include "tex_lexer.hpp"

namespace kernels::tex {

enum class Part : int8_t {
  begin_document,
  end_document,
  heading,    // \part, \chapter, \section to \subsubsection, and plain TeX's
  paragraph,  // \paragraph, \subparagraph
  title,
  begin_abstract,
  end_abstract,
  appendix,
  bibliography,  // a command that stands for the list of references, or sets its style
  begin_references,
  end_references,
};

struct Mark {
  Part part;
  int64_t begin;  // bytes from the start of the text
  int64_t end;    // behind the command and its argument
};

// The marks of `text` outside verbatim text, in order.
std::vector<Mark> structure(View text, const RawNames& names);

}  // namespace kernels::tex
