// Reading the arguments of a macro's use, and making its replacement.
#include "tex_expander.hpp"

#include <algorithm>

namespace kernels::tex {
namespace {

// A whole argument in braces loses them.
View without_braces(View argument) {
  if (argument.size() < 2 || argument.front() != '{') return argument;
  const char* end = argument.data() + argument.size();
  return group_end(argument.data(), end) == end ? argument.substr(1, argument.size() - 2) : argument;
}

// `text` at p, not running on as a longer control word.
bool matches(const char* p, const char* end, View text) {
  if (!between(p, end).starts_with(text)) return false;
  const size_t name = text.rfind('\\');
  const bool word = name != View::npos && name + 1 < text.size() &&
                    std::all_of(text.begin() + static_cast<std::ptrdiff_t>(name) + 1, text.end(),
                                [](char c) { return is_letter(c, true); });
  return !word || p + text.size() == end || !is_letter(p[text.size()]);
}

// Past the blanks behind a name, and one line end, which TeX does not see.
const char* skip_name_end(const char* p, const char* end) {
  p = skip_blanks(p, end);
  return p < end && *p == '\n' ? skip_blanks(p + 1, end) : p;
}

bool ends_paragraph(const char* p, const char* end) {
  p = skip_blanks(p + 1, end);
  return p < end && *p == '\n';
}

}  // namespace

std::optional<std::string> Expander::replacement(const Macro& macro, bool& took) {
  bool starred = false;
  if (macro.has_star && settle() && *top().p == '*') {
    starred = took = true;
    ++top().p;
  }
  const bool delimited = !macro.parameters.empty() && macro.parameters[0].kind == Parameter::Kind::delimited;
  if (delimited && macro.prefix.empty() && settle()) top().p = skip_name_end(top().p, top().end);
  if (!macro.prefix.empty()) {
    if (!settle()) return std::nullopt;
    if (!matches(top().p, top().end, macro.prefix)) {
      top().p = skip_name_end(top().p, top().end);
      if (!matches(top().p, top().end, macro.prefix)) return std::nullopt;
    }
    top().p += macro.prefix.size();
    took = true;
  }
  std::vector<View> arguments(macro.parameters.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Parameter& parameter = macro.parameters[i];
    if (!read_argument(parameter, macro, arguments[i])) return std::nullopt;
    const bool absent = arguments[i].data() == parameter.text.data() && parameter.kind != Parameter::Kind::delimited;
    took |= !absent;
    if (!absent) gobble_ = false;
  }
  auto text = substitute(starred ? macro.starred : macro.body, arguments, macro.at_letter, work_);
  if (!text) work_ = 0;
  return text;
}

bool Expander::read_argument(const Parameter& parameter, const Macro& macro, View& argument) {
  switch (parameter.kind) {
    case Parameter::Kind::plain:
      return read_plain(argument);
    case Parameter::Kind::delimited:
      return read_delimited(parameter, macro.is_long, argument);
    case Parameter::Kind::optional:
      return read_optional(parameter, argument);
    case Parameter::Kind::star:
      argument = peek() == '*' ? View("\\BooleanTrue") : View(parameter.text);
      if (argument.data() != parameter.text.data()) ++top().p;
      return true;
  }
  return false;
}

bool Expander::read_plain(View& argument) {
  const char first = peek();
  if (!first || first == '}') return false;
  Frame& frame = top();
  const char* begin = frame.p;
  if (first == '{') {
    const char* end = group_end(begin, frame.end);
    if (!spend(static_cast<size_t>((end ? end : frame.end) - begin)) || !end) return false;
    argument = between(begin + 1, end - 1);
    frame.p = end;
  } else {
    frame.p = first == '\\' ? read_control(begin, frame.end, frame.at_letter).end : next_character(begin, frame.end);
    argument = between(begin, frame.p);
  }
  return true;
}

bool Expander::read_optional(const Parameter& parameter, View& argument) {
  argument = parameter.text;
  if (!settle()) return true;
  const Frame& here = top();
  const char* p = skip_blanks(here.p, here.end);
  if (p == here.end || *p != parameter.open) return true;
  const char* end = parameter.open == '[' ? bracket_end(p, here.end) : nullptr;
  if (parameter.open != '[') {
    const size_t at = between(p, here.end).find(parameter.close);
    end = at == View::npos ? nullptr : p + at + 1;
  }
  if (!spend(static_cast<size_t>((end ? end : here.end) - p)) || !end) return false;
  argument = without_braces(between(p + 1, end - 1));
  top().p = end;
  return true;
}

bool Expander::read_delimited(const Parameter& parameter, bool is_long, View& argument) {
  if (!settle()) return false;
  Frame& frame = top();
  const View delimiter = parameter.text;
  const char* p = frame.p;
  while (p < frame.end) {
    const bool space_ends = delimiter[0] == ' ' && *p == '\n';
    if (space_ends || (*p == delimiter[0] && matches(p, frame.end, delimiter))) {
      if (!spend(static_cast<size_t>(p - frame.p))) return false;
      argument = without_braces(between(frame.p, p));
      frame.p = p + (space_ends ? 1 : delimiter.size());
      return true;
    }
    const char* next = p + 1;
    if (*p == '\\')
      next = read_control(p, frame.end, frame.at_letter).end;
    else if (*p == '{')
      next = group_end(p, frame.end);
    if (!next || *p == '}' || (*p == '\n' && !is_long && ends_paragraph(p, frame.end))) break;
    p = next;
  }
  spend(static_cast<size_t>(p - frame.p));
  return false;
}

bool Expander::read_group(std::string& content) {
  View argument;
  if (!read_plain(argument)) return false;
  content.assign(argument);
  return true;
}

}  // namespace kernels::tex
