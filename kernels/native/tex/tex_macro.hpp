// A macro: what it takes and what it stands for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tex_lexer.hpp"

namespace kernels::tex {

struct NameHash {
  using is_transparent = void;
  size_t operator()(View name) const { return std::hash<View>()(name); }
};
template <class T>
using ByName = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;

struct Parameter {
  enum class Kind { plain, delimited, optional, star };
  Kind kind = Kind::plain;
  std::string text{};  // delimited: what ends it; optional: its default
  char open = '[', close = ']';
};

struct Macro {
  std::string prefix{};  // must follow the name, as / in \def\name/{}
  std::vector<Parameter> parameters{};
  std::string body{};
  std::string starred{};   // body of the starred form, where `has_star`
  bool has_star = false;
  bool at_letter = false;  // @ is a letter in the body
  bool is_long = true;     // arguments may contain paragraph ends
  bool usable = true;      // false: a use of it cannot be replaced
};

using MacroPtr = std::shared_ptr<const Macro>;

struct Environment {
  MacroPtr begin;
  std::string end;
  bool at_letter = false;
  bool verbatim = false;  // its content is not TeX
};

// `body` with #1 to #9 replaced and ## made one #; blanks keep control words apart from letters that come behind them.
// Nothing when that is more than `limit` bytes.
std::optional<std::string> substitute(View body, const std::vector<View>& arguments, bool at_letter, size_t limit);

// Names that make up the structure of a document. Papers and classes redefine how they look, not what they mean: their
// redefinitions are removed, their uses stay.
bool is_structural(View name);

// Commands of LaTeX and its common packages whose arguments may be single tokens, and how many there are.
size_t token_arguments(View name);
std::vector<View> token_argument_names();

// Whether a definition in a style file is the kind of abbreviation a paper makes for itself, rather than code of a
// package: no internal names, no programming.
bool is_abbreviation(View name, View body);

// Whether a macro changes how TeX reads what follows it, or writes files: its replacement says nothing to a reader.
bool is_machinery(View body);

// TeX's own conditionals that are not decided by a name given with \newif.
bool is_conditional(View name);

// Environments of LaTeX that keep their meaning whatever a paper makes of them.
bool is_standard_environment(View name);

bool is_math_environment(View name);

// Commands whose argument is text, inside mathematics too.
std::vector<View> text_command_names();

}  // namespace kernels::tex
