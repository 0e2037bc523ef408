// Wikitext to text in passes over a page, each linear in its length, as MediaWiki's own parser works: extension tags
// and comments, templates, then tables, links and HTML, then lines.
#pragma once

#include <string>
#include <string_view>

#include "wikitext_site.hpp"

namespace kernels::wikitext {

// Comments removed; what references, galleries and the like hold removed; code, <nowiki> and formulas shielded.
void remove_extensions(std::string_view in, const Site& site, std::string& out);

// Templates and parser functions rendered or removed. Returns whether one marks the page as a disambiguation.
bool expand_templates(std::string_view in, std::string_view title, const Site& site, std::string& out);

// {| tables |} removed.
void remove_tables(std::string_view in, std::string& out);

// Links to their labels, files and categories removed, HTML tags removed, character references decoded.
void resolve_inline(std::string_view in, const Site& site, std::string& out);

// Headings, lists, quotes, leftovers; sections that end the prose and empty ones removed; gaps mended.
void render_lines(std::string_view in, const Site& site, std::string& out);

// One line with its gaps mended, appended: "a ( , b) c ." and doubled spaces are what removal left behind.
void append_mended(std::string_view line, const Site& site, std::string& out);

}  // namespace kernels::wikitext
