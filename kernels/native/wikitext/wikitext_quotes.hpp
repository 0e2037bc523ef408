// Bold and italics.
#pragma once

#include <string>

namespace kernels::wikitext {

// Removes runs of apostrophes that mark bold and italics in one line, as MediaWiki reads them; others stay.
void remove_quotes(std::string& line);

}  // namespace kernels::wikitext
