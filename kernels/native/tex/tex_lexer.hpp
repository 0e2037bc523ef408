// What every pass over LaTeX source needs: control sequences, groups, and stretches that are not to be read as TeX.
#pragma once

#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace kernels::tex {

using View = std::string_view;

inline bool is_letter(char c, bool at_letter = false) {
  const char lower = static_cast<char>(c | 0x20);
  return (lower >= 'a' && lower <= 'z') || (at_letter && c == '@');
}
inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_space(char c) { return is_blank(c) || c == '\n'; }

inline View between(const char* begin, const char* end) { return {begin, static_cast<size_t>(end - begin)}; }

inline const char* skip_blanks(const char* p, const char* end) {
  while (p < end && is_blank(*p)) ++p;
  return p;
}
inline const char* skip_space(const char* p, const char* end) {
  while (p < end && is_space(*p)) ++p;
  return p;
}

// End of the character at p: UTF-8 sequences are not taken apart.
inline const char* next_character(const char* p, const char* end) {
  ++p;
  while (p < end && (static_cast<uint8_t>(*p) & 0xC0) == 0x80) ++p;
  return p;
}

// A control sequence: its name without the backslash, and where it ends. The name is letters, or one other character;
// it is empty at the end of the text.
struct Control {
  View name;
  const char* end;

  bool is_word() const { return name.size() > 1 ? is_letter(name[0], true) : !name.empty() && is_letter(name[0]); }
};

// p is at the backslash.
inline Control read_control(const char* p, const char* end, bool at_letter = false) {
  const char* q = ++p;
  while (q < end && is_letter(*q, at_letter)) ++q;
  if (q == p && q < end) q = next_character(q, end);
  return {between(p, q), q};
}

// Past the closing brace of the group that opens at p; null when it does not close.
const char* group_end(const char* p, const char* end);

// Past the `]` of the bracket that opens at p, braces inside balanced; null when it does not close.
const char* bracket_end(const char* p, const char* end);

// The word in braces at p, blanks around it cut, and the end of the group; the end is null when there is none of at
// most `limit` bytes without a brace.
struct Word {
  View text;
  const char* end;
};
Word braced_word(const char* p, const char* end, size_t limit = 256);

// Environments whose content is not TeX (raw) or not text (comment), and characters that work as \verb. Starts with
// those of LaTeX and its well-known packages.
struct RawNames {
  std::unordered_set<std::string> raw, comment;
  std::unordered_map<std::string, std::string> commands;  // that begin verbatim text, and what ends it
  std::array<bool, 256> short_verb{};

  RawNames();

  // Adds those that `text` declares: \DefineVerbatimEnvironment, \lstnewenvironment, \newminted, \MakeShortVerb,
  // \excludecomment, \newenvironment with \verbatim, \comment and the like for its beginning, and \beginNAME ...
  // \endNAME whose definition changes what characters mean.
  void discover(View text);

 private:
  void discover_environment(const Word& name, const char* end);
  void discover_short_verb(const char* p, const char* end);
  void discover_command(const char* p, const char* end);
};

enum class Raw { no, verbatim, comment };

// The environment of this kind (verbatim, alltt, lstlisting, comment) that the beginning of an environment's definition
// starts; empty when it starts none.
View raw_beginning(View body);

// Finds where text stops being TeX. One scanner reads one text from front to back, and remembers what it looked for in
// vain, so that text full of unclosed beginnings takes no longer than other text.
class RawScanner {
 public:
  RawScanner(const RawNames& names, View text)
      : names_(names), begin_(text.data()), end_(text.data() + text.size()) {}

  struct Stretch {
    Raw kind;
    const char* end;
    View environment;     // its name, where it is one
    size_t opening = 0;   // bytes of the command and of its counterpart, where it is a pair of commands
    size_t closing = 0;
  };

  // The stretch that begins at p, a backslash or a short verb character.
  Stretch at(const char* p);

  // Whether a stretch can begin with c.
  bool may_start(char c) const { return c == '\\' || names_.short_verb[static_cast<uint8_t>(c)]; }

 private:
  Stretch delimited(const char* start, const char* p);
  Stretch environment(const char* p);
  Stretch braced(const char* p) const;
  Stretch pair(const char* start, const Control& control);
  Stretch command(const char* start, const Control& control);

  const RawNames& names_;
  const char* begin_;
  const char* end_;
  std::array<const char*, 256> absent_until_{};  // no such delimiter before this place
  std::unordered_set<std::string> unclosed_;     // environments that do not end any more
};

}  // namespace kernels::tex
