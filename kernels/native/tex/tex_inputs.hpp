// One text from the files of a paper.
#pragma once

#include <string>
#include <vector>

#include "tex_lexer.hpp"

namespace kernels::tex {

struct SourceFile {
  View name;  // path inside the archive
  View text;
};

struct Assembled {
  std::string text;
  std::vector<bool> used;            // per file
  std::vector<std::string> missing;  // named by an input command and not there
  bool over_limit = false;           // the text stops at max_bytes
};

// The file number `main` with \input, \include, \subfile, \import and their kin replaced by the files they name, as
// far as those are among `files`; commands that name others are removed. Reading a file stops behind \endinput and
// \end{document}; of a subfile only its document body is taken. A file that would include itself counts as missing.
Assembled assemble(const std::vector<SourceFile>& files, size_t main, size_t max_bytes);

}  // namespace kernels::tex
