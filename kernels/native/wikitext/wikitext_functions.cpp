#include "wikitext_expander.hpp"

namespace kernels::wikitext {
namespace {

using Function = void (*)(const Arguments&, const Expander&, std::string&);

bool is_true(const std::string& expression) {
  double value = 0;
  return evaluate(expression, value) && value != 0;
}

void if_filled(const Arguments& arguments, const Expander&, std::string& out) {
  out += arguments.part(is_blank(arguments.part(0)) ? 2 : 1);
}

void if_equal(const Arguments& arguments, const Expander&, std::string& out) {
  const std::string left = arguments.part(0), right = arguments.part(1);
  double a = 0, b = 0;
  const bool equal = left == right || (parse_number(left, a, nullptr) && parse_number(right, b, nullptr) && a == b);
  out += arguments.part(equal ? 2 : 3);
}

void if_expression(const Arguments& arguments, const Expander&, std::string& out) {
  out += arguments.part(is_true(arguments.part(0)) ? 1 : 2);
}

// Nothing here raises MediaWiki's errors, and whether a page exists cannot be known: both take the usual branch.
void if_error(const Arguments& arguments, const Expander&, std::string& out) {
  out += arguments.part(arguments.parts() > 2 ? 2 : 0);
}

void if_exists(const Arguments& arguments, const Expander&, std::string& out) { out += arguments.part(1); }

// The value of the first case equal to the subject; cases without "=" fall through to the next that has one.
void choose(const Arguments& arguments, const Expander&, std::string& out) {
  const std::string subject = arguments.part(0);
  bool matched = false;
  size_t fallback = 0;
  for (size_t i = 1; i < arguments.parts(); ++i) {
    if (!arguments.part_named(i)) {
      if (i + 1 == arguments.parts() && !matched) fallback = i;
      matched |= arguments.part(i) == subject;
      continue;
    }
    const std::string name = arguments.part_name(i);
    if (matched || name == subject) {
      out += arguments.part_value(i);
      return;
    }
    if (name == "#default") fallback = i;
  }
  if (fallback) out += arguments.part_value(fallback);
}

void calculate(const Arguments& arguments, const Expander&, std::string& out) {
  double value = 0;
  if (evaluate(arguments.part(0), value)) out += plain_number(value);
}

void format(const Arguments& arguments, const Expander& expander, std::string& out) {
  const std::string option = arguments.part(1);
  const std::string value = arguments.part(0);
  if (option == "R" || option == "r") {
    for (char c : value)
      if (c != ',') out += c;
  } else {
    out += format_number(value, expander.site().numbers);
  }
}

void lower_case(const Arguments& arguments, const Expander&, std::string& out) { out += lower(arguments.part(0)); }

void first_argument(const Arguments& arguments, const Expander&, std::string& out) { out += arguments.part(0); }
void second_argument(const Arguments& arguments, const Expander&, std::string& out) { out += arguments.part(1); }
void first_capital(const Arguments& arguments, const Expander&, std::string& out) {
  std::string value = arguments.part(0);
  if (!value.empty() && value[0] >= 'a' && value[0] <= 'z') value[0] = static_cast<char>(value[0] - 32);
  out += value;
}

void plural(const Arguments& arguments, const Expander&, std::string& out) {
  double value = 0;
  const bool one = parse_number(arguments.part(0), value, nullptr) && value == 1;
  out += arguments.part(one || arguments.parts() < 3 ? 1 : arguments.parts() - 1);
}

void page_name(const Arguments&, const Expander& expander, std::string& out) { out += expander.title(); }

const Names<Function>& functions() {
  static const Names<Function> kFunctions = {
      {"#if", if_filled},        {"#ifeq", if_equal},       {"#ifexpr", if_expression}, {"#iferror", if_error},
      {"#ifexist", if_exists},   {"#switch", choose},       {"#expr", calculate},       {"formatnum", format},
      {"lc", lower_case},        {"lcfirst", first_argument}, {"uc", first_argument},   {"ucfirst", first_capital},
      {"plural", plural},        {"grammar", second_argument}, {"#formatdate", first_argument},
      {"#dateformat", first_argument}, {"padleft", first_argument}, {"padright", first_argument},
      {"pagename", page_name},   {"fullpagename", page_name}, {"basepagename", page_name}, {"subpagename", page_name},
  };
  return kFunctions;
}

}  // namespace

bool call_function(std::string_view name, const Arguments& arguments, const Expander& expander, std::string& out) {
  const auto found = functions().find(name);
  if (found == functions().end()) return false;
  found->second(arguments, expander, out);
  return true;
}

}  // namespace kernels::wikitext
