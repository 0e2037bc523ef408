// Rendering templates: arguments are rendered when they are asked for, so what is dropped costs nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wikitext_braces.hpp"
#include "wikitext_site.hpp"

namespace kernels::wikitext {

class Expander;

// The arguments of one template call, and their rendered values.
class Arguments {
 public:
  Arguments(Expander& expander, uint32_t begin, uint32_t end, int depth);

  size_t positional() const { return positional_; }
  // Rendered and trimmed; empty where there is none. Names of digits count positions from 1.
  std::string value(std::string_view name) const;
  std::string positional_value(size_t number) const { return value(std::to_string(number)); }
  bool has(std::string_view name) const;
  // Parts between bars as they stand, rendered whole: parser functions know no names.
  size_t parts() const { return parts_.size(); }
  std::string part(size_t index) const;
  // The part split at its first "=": name and value, rendered; without "=" the name is empty and `named` false.
  std::string part_name(size_t index) const;
  std::string part_value(size_t index) const;
  bool part_named(size_t index) const { return parts_[index].equals != 0; }

 private:
  struct Part {
    uint32_t begin, end, equals;  // equals: where its value begins, 0 without a name
    std::string name;
  };

  const Part* find(std::string_view name) const;

  Expander& expander_;
  std::vector<Part> parts_;
  mutable Names<const Part*> index_;  // by name, where there are many
  size_t positional_ = 0;
  int depth_;
};

class Expander {
 public:
  Expander(std::string_view in, std::string_view title, const Site& site);

  void expand(uint32_t begin, uint32_t end, int depth, std::string& out);
  std::string rendered(uint32_t begin, uint32_t end, int depth);

  std::string_view text() const { return in_; }
  std::string_view title() const { return title_; }
  const Site& site() const { return site_; }
  const std::vector<Bracket>& brackets() const { return brackets_; }
  // The first bracket that opens at or after `at`.
  size_t first_from(uint32_t at) const;
  bool disambiguation() const { return disambiguation_; }

 private:
  void parameter(const Bracket& bracket, int depth, std::string& out);
  void call(const Bracket& bracket, int depth, std::string& out);
  void apply(const Rule& rule, const Arguments& arguments, std::string& out);
  const Rule* find_rule(std::string_view name) const;

  std::string_view in_, title_;
  const Site& site_;
  std::vector<Bracket> brackets_;
  size_t budget_;  // bytes that may still be rendered: arguments used many times must not grow without bound
  bool disambiguation_ = false;
};

// {{#if: ...}} and its like, {{PAGENAME}}, {{formatnum: ...}}; false where `name` is none of these.
bool call_function(std::string_view name, const Arguments& arguments, const Expander& expander, std::string& out);

// A built-in form: its words are those of the rule, without "@".
void call_built_in(const std::vector<std::string>& words, const Arguments& arguments, const Site& site,
                   std::string& out);

// {{convert|...}}: a measure in its own and in another unit; abbreviated: both by their symbols.
void convert_measure(const Arguments& arguments, bool abbreviated, const Site& site, std::string& out);

// An arithmetic expression as #expr understands it; false where it is not well formed.
bool evaluate(std::string_view expression, double& value);

// The shortest decimal that #expr shows.
std::string plain_number(double value);

// "1234567.8" as the wiki writes it, "1,234,567.8"; anything that is no number unchanged.
std::string format_number(std::string_view text, const NumberFormat& format);

// Whether text is a decimal number, after "," as a group separator, "−" as a minus sign; `decimals` may be null.
bool parse_number(std::string_view text, double& value, int* decimals);

// Nothing but white space and gaps.
bool is_blank(std::string_view text);

}  // namespace kernels::wikitext
