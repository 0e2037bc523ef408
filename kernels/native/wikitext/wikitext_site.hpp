// What rendering wikitext needs to know of one wiki: its names, its templates, its ways of writing numbers.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "wikitext_pattern.hpp"

namespace kernels::wikitext {

// What a link's prefix ("File:", "fr:") makes of the link.
enum class Prefix : uint8_t { none, file, category, language, interwiki };

struct NumberFormat {
  std::string group = ",", decimal = ".";
  int grouped_from = 4;  // digits of an integral part from which it is grouped
};

struct Unit {
  std::string symbol, name, plural;
  double scale = 1, offset = 0;  // of the SI unit: value * scale + offset
  std::string kind;              // units of one kind convert into each other
  std::string target;            // code of the unit converted to where none is given
};

struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

template <class Value>
using Names = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;
using NameSet = std::unordered_set<std::string, StringHash, std::equal_to<>>;

struct Site {
  Names<Rule> templates;        // by normal form of their name
  Names<Rule> template_stems;   // names that begin with "stem-", such as "lang-"
  Names<std::string> countries;  // by code, in capitals: {{ITA}}
  Names<std::string> functions;  // localised parser function -> its English name
  Names<Prefix> prefixes;       // lower case, without the colon
  NameSet template_prefixes;    // namespace names that may stand before a template's
  NameSet end_sections;         // lower case headings that end the prose
  NameSet switches;             // behaviour switches, without underscores
  Names<std::string> entities;  // named character references
  Names<Unit> units;
  NumberFormat numbers;
  std::vector<std::string> months;  // twelve, as they stand in dates
  std::string date;                 // pattern with D, M and Y
  bool variants = false;            // -{ }- marks conversion between scripts
  bool space_before_marks = false;  // French puts a space before ; : ! ?
  bool list_markers = true;
  bool render_templates = true;
  bool category_names = false;      // keep the names of categories where they stand
};

inline bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }

inline std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

inline char to_lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

inline bool starts_with_any_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i)
    if (to_lower_ascii(text[i]) != lower[i]) return false;
  return true;
}

// str.lower() of UTF-8.
std::string lower(std::string_view text);

// A name as templates and links are looked up: trimmed, underscores and runs of spaces as one space, lower case.
std::string normal_name(std::string_view text);

}  // namespace kernels::wikitext
