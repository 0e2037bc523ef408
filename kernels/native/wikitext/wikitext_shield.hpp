// Characters that look like markup but are not: between the passes they are control bytes, which XML text cannot hold.
#pragma once

#include <string>
#include <string_view>

#include "wikitext_site.hpp"

namespace kernels::wikitext {

// Stands where something was removed, so that what surrounds it can be mended.
inline constexpr char kGap = 0x01;

// The control byte for a character with a meaning in wikitext, the character itself for others.
char shielded(char c);
// The inverse.
char unshielded(char c);

inline bool is_shielded(char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != kGap; }

void append_shielded(std::string_view text, std::string& out);

// The character reference at text[at] == '&' decoded into `out`, shielded; bytes read, 0 where there is none.
size_t append_entity(std::string_view text, size_t at, const Names<std::string>& entities, std::string& out);

// `text` with its character references decoded, all of it shielded.
void append_shielded_decoded(std::string_view text, const Names<std::string>& entities, std::string& out);

// `text` with no-break and thin spaces as spaces, without invisible characters and control characters (which XML cannot
// hold either; the passes use them among themselves).
void append_plain(std::string_view text, std::string& out);

// Puts the characters back.
void unshield(std::string& text);

}  // namespace kernels::wikitext
