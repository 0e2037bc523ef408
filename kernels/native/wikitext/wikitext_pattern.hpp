// How a template is written as text: a little language of literals and references to the template's arguments.
//
//   {1}  {text}      an argument by position or name
//   {1|text|=none}   the first of these that is not empty; after "=" a literal
//   {1:number}       an argument passed through a function: number, lower, ipa (in brackets)
//   [ ... ]          left out unless an argument inside it is not empty
//   a || b           chosen by how many positional arguments there are, the last for that many and more
//   @name words      a built-in form (dates, measures) with its own parameters
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kernels::wikitext {

struct Reference {
  std::vector<std::string> names;  // of arguments, first non-empty counts; one starting with '=' is a literal
  std::string function;
};

struct Node {
  enum class Kind : uint8_t { literal, reference, optional } kind;
  std::string literal;
  Reference reference;
  std::vector<Node> children;
};

struct Rule {
  enum class Kind : uint8_t { drop, pattern, built_in, disambiguation } kind = Kind::drop;
  std::vector<std::vector<Node>> forms;
  std::vector<std::string> words;  // of a built-in form: its name and parameters

  // Raises std::invalid_argument for a pattern that is not well formed.
  static Rule parse(std::string_view pattern);
};

}  // namespace kernels::wikitext
