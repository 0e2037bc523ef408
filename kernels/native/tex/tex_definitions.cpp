#include "tex_definitions.hpp"

#include <algorithm>

namespace kernels::tex {
namespace {

constexpr size_t kLongestParameterText = 256;
constexpr size_t kLongestTags = 4096;
constexpr const char* kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@";

// Commands that packages may provide where the paper only makes sure they exist.
bool is_provided(View name) {
  static const std::unordered_set<View> names{
      "toprule", "midrule", "bottomrule", "cmidrule", "citep", "citet", "citealt", "cref", "Cref", "autoref", "nameref",
      "url", "href", "text", "operatorname", "xspace", "ensuremath", "textsc", "texttt", "doi", "eprint", "natexlab",
      "degree", "micron", "sun", "bm", "textsubscript", "textsuperscript", "mathbb", "mathfrak", "mathscr"};
  return names.contains(name) || primitive_of(name).kind != Primitive::none || token_arguments(name) > 0;
}

}  // namespace

bool Definitions::command(Primitive kind, const Control& control) {
  if (!is_definition(kind)) return false;
  const Expander::Frame& frame = expander_.top();
  p_ = control.end;
  end_ = frame.end;
  at_letter_ = frame.at_letter;
  switch (kind) {
    case Primitive::new_command:
    case Primitive::provide_command:
    case Primitive::two_optional_command:
      return new_command(kind);
    case Primitive::def:
    case Primitive::gdef:
      return def(global_ || kind == Primitive::gdef, false);
    case Primitive::edef:
    case Primitive::xdef:
      return def(global_ || kind == Primitive::xdef, true);
    case Primitive::let:
      return let(global_);
    case Primitive::name_def:
      return name_def();
    case Primitive::math_operator:
      return math_operator();
    case Primitive::paired_delimiter:
      return paired_delimiter();
    case Primitive::general_delimiter:
      return general_delimiter(control);
    case Primitive::document_command:
      return document_command(control);
    case Primitive::new_environment:
      return new_environment();
    case Primitive::new_theorem:
      return new_theorem();
    case Primitive::new_if:
      return new_if();
    case Primitive::prefix:
      return prefix(control);
    default:
      return false;
  }
}

void Definitions::finish() { expander_.top().p = p_; }

// \newcommand*{\name}[count][default]{body}
bool Definitions::new_command(Primitive kind) {
  std::string target;
  Macro macro;
  macro.is_long = !skip_star();
  macro.at_letter = at_letter_;
  if (!name(target) || !counted_parameters(macro, kind == Primitive::two_optional_command ? 2 : 1) ||
      !group_or_token(macro.body))
    return false;
  finish();
  if (kind != Primitive::provide_command || (!expander_.meaning(target) && !is_provided(target)))
    expander_.define_macro(target, std::move(macro), false);
  return true;
}

// \def\name prefix #1 delimiter #2 ... {body}
bool Definitions::def(bool global, bool expanded_now) {
  skip_space();
  std::string target;
  Macro macro;
  macro.is_long = is_long_;
  macro.at_letter = at_letter_;
  if (p_ == end_) return false;
  const bool active = *p_ != '\\';
  if (active) {
    p_ = next_character(p_, end_);  // an active character; its uses look like text
  } else if (!csname(target)) {
    const Control control = read_control(p_, end_, at_letter_);
    if (control.name.empty()) return false;
    target.assign(control.name);
    p_ = control.end;
  }
  if (!parameter_text(macro) || !group(macro.body)) return false;
  finish();
  if (active) return true;
  if (expanded_now && macro.parameters.empty()) macro.body = expander_.expansion(std::move(macro.body), expander_.top().depth + 1, at_letter_);
  expander_.define_macro(target, std::move(macro), global);
  return true;
}

// \let\name=token
bool Definitions::let(bool global) {
  skip_space();
  std::string target;
  if (p_ == end_ || *p_ != '\\') return false;
  if (!csname(target)) {
    const Control control = read_control(p_, end_, at_letter_);
    target.assign(control.name);
    p_ = control.end;
  }
  p_ = skip_blanks(p_, end_);
  if (p_ < end_ && *p_ == '=') p_ = skip_blanks(p_ + 1, end_);
  if (target.empty() || p_ == end_ || *p_ == '\n') return false;
  const char* begin = p_;
  Expander::Meaning meaning;
  if (*p_ == '\\') {
    const Control control = read_control(p_, end_, at_letter_);
    p_ = control.end;
    if (const Expander::Meaning* known = expander_.meaning(control.name)) {
      meaning = *known;
    } else if (control.name == "relax" || control.name == "empty" || control.name == "@empty") {
      meaning.kind = Expander::Meaning::Kind::macro;
      meaning.macro = std::make_shared<const Macro>();
    } else if (control.name != target) {
      meaning.kind = Expander::Meaning::Kind::alias;
      meaning.alias.assign(begin, p_);
    }
  } else {
    p_ = next_character(p_, end_);
    meaning.kind = Expander::Meaning::Kind::alias;
    meaning.alias.assign(begin, p_);
  }
  finish();
  ++expander_.counts_.definitions;
  if (expander_.style_ && meaning.kind == Expander::Meaning::Kind::alias)
    meaning.internal = !is_abbreviation(target, meaning.alias) || meaning.alias.size() == 1;
  if (!is_structural(target)) expander_.define(target, std::move(meaning), global);
  return true;
}

// \@namedef{name}parameters{body}
bool Definitions::name_def() {
  skip_space();
  const Word word = braced_word(p_, end_);
  Macro macro;
  macro.at_letter = at_letter_;
  macro.is_long = is_long_;
  if (!word.end) return false;
  p_ = word.end;
  if (!parameter_text(macro) || !group(macro.body)) return false;
  finish();
  expander_.define_macro(word.text, std::move(macro), global_);
  return true;
}

bool Definitions::math_operator() {
  const bool star = skip_star();
  std::string target;
  Macro macro;
  macro.at_letter = at_letter_;
  if (!name(target) || !group(macro.body)) return false;
  macro.body = (star ? "\\operatorname*{" : "\\operatorname{") + macro.body + "}";
  finish();
  expander_.define_macro(target, std::move(macro), false);
  return true;
}

// mathtools: \DeclarePairedDelimiterX{\name}[count]{left}{right}{body}, and with XPP what comes before and behind them.
bool Definitions::general_delimiter(const Control& control) {
  const bool around = control.name.ends_with("XPP");
  std::string target, count, before, left, right, behind, body;
  if (!name(target) || !bracket(count) || (around && !group(before)) || !group(left) || !group(right) ||
      (around && !group(behind)) || !group(body))
    return false;
  Macro macro;
  macro.has_star = true;
  macro.parameters = {{Parameter::Kind::optional}};
  for (char number = '1'; number <= '8' && number <= count[0]; ++number) macro.parameters.push_back({});
  for (std::string* text : {&before, &body, &behind})  // #1 is the size now
    for (size_t at = 1; at < text->size(); ++at)
      if ((*text)[at - 1] == '#' && (*text)[at] >= '1' && (*text)[at] < '9') ++(*text)[at];
  const auto sized = [&body](View size) {
    std::string result = body;
    constexpr View kSize = "\\delimsize";
    for (size_t at = 0; (at = result.find(kSize, at)) != std::string::npos;) result.replace(at, kSize.size(), size);
    return result;
  };
  macro.body = before + "#1" + left + " " + sized("#1") + " #1" + right + behind;
  macro.starred = before + "\\left" + left + " " + sized("\\middle") + " \\right" + right + behind;
  finish();
  expander_.define_macro(target, std::move(macro), false);
  return true;
}

// mathtools: \name{x} is left x right, \name*{x} lets the delimiters grow, \name[\big]{x} says how far.
bool Definitions::paired_delimiter() {
  std::string target, left, right;
  if (!name(target) || !group(left) || !group(right)) return false;
  Macro macro;
  macro.has_star = true;
  macro.parameters = {{Parameter::Kind::optional}, {Parameter::Kind::plain}};
  macro.body = "#1" + left + " #2 #1" + right;
  macro.starred = "\\left" + left + " #2 \\right" + right;
  finish();
  expander_.define_macro(target, std::move(macro), false);
  return true;
}

// \NewDocumentCommand{\name}{m o O{default} s d() ...}{body}
bool Definitions::document_command(const Control& control) {
  std::string target, spec;
  Macro macro;
  macro.at_letter = at_letter_;
  if (!name(target) || !group(spec) || !group(macro.body)) return false;
  finish();
  const char* p = spec.data();
  const char* const end = p + spec.size();
  while (p < end) {
    const char type = *p++;
    if (is_space(type) || type == '+' || type == '!') continue;
    Parameter parameter;
    if (type == 's') {
      parameter = {Parameter::Kind::star, "\\BooleanFalse"};
    } else if (type == 'o' || type == 'd') {
      parameter = {Parameter::Kind::optional, "\\NoValue"};
    } else if (type == 'O' || type == 'D') {
      parameter = {Parameter::Kind::optional};
    } else if (type != 'm') {
      macro.usable = false;
      break;
    }
    if ((type == 'd' || type == 'D') && end - p >= 2) {
      parameter.open = *p++;
      parameter.close = *p++;
    }
    if (type == 'O' || type == 'D') {
      const char* after = p < end && *p == '{' ? group_end(p, end) : nullptr;
      if (after) {
        parameter.text.assign(p + 1, after - 1);
        p = after;
      }
    }
    macro.parameters.push_back(std::move(parameter));
  }
  if (control.name != "ProvideDocumentCommand" || !expander_.meaning(target))
    expander_.define_macro(target, std::move(macro), false);
  return true;
}

// \newenvironment{name}[count][default]{beginning}{end}
bool Definitions::new_environment() {
  skip_star();
  skip_space();
  const Word word = braced_word(p_, end_, 64);
  Macro begin;
  Environment environment;
  if (!word.end) return false;
  p_ = word.end;
  begin.at_letter = environment.at_letter = at_letter_;
  if (!counted_parameters(begin, 1) || !group(begin.body) || !group(environment.end)) return false;
  finish();
  ++expander_.counts_.definitions;
  const bool wanted = !expander_.style_ || (is_abbreviation(word.text, begin.body) && is_abbreviation({}, environment.end));
  if (!wanted || is_standard_environment(word.text)) return true;
  const View raw = raw_beginning(begin.body);
  environment.verbatim = raw == "verbatim" || raw == "lstlisting";
  if (raw.empty()) write_tags(begin.body, environment.end);
  environment.begin = std::make_shared<const Macro>(std::move(begin));
  expander_.environments_[std::string(word.text)] = std::move(environment);
  return true;
}

// \name in the beginning with \endname in the end, by \csname too, is how environments are made of others: they become
// the tags of that environment.
void Definitions::write_tags(std::string& begin, std::string& end) const {
  if (begin.size() > kLongestTags || end.size() > kLongestTags) return;
  for (const bool spelt : {false, true}) {
    const std::string opening = spelt ? "\\csname end" : "\\end", closing = spelt ? "\\endcsname" : "";
    for (size_t at = end.find(opening); at != std::string::npos; at = end.find(opening, at + 1)) {
      const size_t from = at + opening.size();
      const size_t to = spelt ? end.find(closing, from) : end.find_first_not_of(kLetters, from);
      const std::string name = end.substr(from, (to == std::string::npos ? end.size() : to) - from);
      if (name.empty() || name == "csname" || expander_.meaning(name) || expander_.meaning("end" + name)) continue;
      const std::string used = (spelt ? "\\csname " : "\\") + name + closing;
      const size_t where = begin.find(used);
      if (where == std::string::npos || (!spelt && is_letter(begin.c_str()[where + used.size()], true))) continue;
      begin.replace(where, used.size(), "\\begin{" + name + "}");
      end.replace(at, opening.size() + name.size() + closing.size(), "\\end{" + name + "}");
    }
  }
}

// Declares an environment whose uses stay.
bool Definitions::new_theorem() {
  std::string text;
  skip_star();
  if (!group(text)) return false;
  bracket(text);
  if (!group(text)) return false;
  bracket(text);
  finish();
  return true;
}

bool Definitions::new_if() {
  skip_space();
  if (p_ == end_ || *p_ != '\\') return false;
  const Control control = read_control(p_, end_, at_letter_);
  if (!control.name.starts_with("if")) return false;
  p_ = control.end;
  finish();
  ++expander_.counts_.definitions;
  const std::string flag(control.name.substr(2));
  expander_.flags_[flag] = false;
  for (const auto& [suffix, kind] : {std::pair{"true", Expander::Meaning::Kind::set_true},
                                     std::pair{"false", Expander::Meaning::Kind::set_false}}) {
    Expander::Meaning meaning;
    meaning.kind = kind;
    meaning.flag = flag;
    expander_.define(flag + suffix, std::move(meaning), true);
  }
  Expander::Meaning test;
  test.kind = Expander::Meaning::Kind::test;
  test.flag = flag;
  expander_.define(control.name, std::move(test), true);
  return true;
}

// \long, \global, \expandafter and the like, before a definition.
bool Definitions::prefix(const Control& control) {
  Control next = control;
  for (int count = 0; count < 8; ++count) {
    is_long_ |= next.name == "long";
    global_ |= next.name == "global";
    const char* p = tex::skip_space(next.end, end_);
    if (p == end_ || *p != '\\') return false;
    next = read_control(p, end_, at_letter_);
    const Primitive kind = primitive_of(next.name).kind;
    if (!is_definition(kind)) return false;
    if (kind != Primitive::prefix) return command(kind, next);
  }
  return false;
}

bool Definitions::skip_star() {
  const char* p = tex::skip_space(p_, end_);
  if (p == end_ || *p != '*') return false;
  p_ = p + 1;
  return true;
}

// \name, {\name}, or \csname name\endcsname
bool Definitions::name(std::string& text) {
  skip_space();
  const bool braced = p_ < end_ && *p_ == '{';
  if (braced) {
    ++p_;
    skip_space();
  }
  if (p_ == end_ || *p_ != '\\') return false;
  if (!csname(text)) {
    const Control control = read_control(p_, end_, at_letter_);
    if (control.name.empty()) return false;
    text.assign(control.name);
    p_ = control.end;
  }
  if (!braced) return true;
  skip_space();
  if (p_ == end_ || *p_ != '}') return false;
  ++p_;
  return true;
}

bool Definitions::csname(std::string& text) {
  constexpr View kBegin = "\\csname", kEnd = "\\endcsname";
  const View rest = between(p_, p_ + std::min<size_t>(static_cast<size_t>(end_ - p_), kLongestParameterText));
  if (!rest.starts_with(kBegin)) return false;
  const size_t end = rest.find(kEnd);
  if (end == View::npos) return false;
  const char* begin = tex::skip_space(p_ + kBegin.size(), end_);
  text.assign(begin, std::max(begin, p_ + end));
  p_ += end + kEnd.size();
  return true;
}

bool Definitions::group(std::string& content) {
  skip_space();
  if (p_ == end_ || *p_ != '{' || expander_.work_ == 0) return false;
  const char* after = group_end(p_, end_);
  if (!after) {
    expander_.spend(static_cast<size_t>(end_ - p_));
    return false;
  }
  content.assign(p_ + 1, after - 1);
  p_ = after;
  return true;
}

bool Definitions::group_or_token(std::string& content) {
  skip_space();
  if (p_ == end_ || *p_ == '}') return false;
  if (*p_ == '{') return group(content);
  const char* after = *p_ == '\\' ? read_control(p_, end_, at_letter_).end : next_character(p_, end_);
  content.assign(p_, after);
  p_ = after;
  return true;
}

bool Definitions::bracket(std::string& content) {
  const char* p = tex::skip_space(p_, end_);
  if (p == end_ || *p != '[' || expander_.work_ == 0) return false;
  const char* after = bracket_end(p, end_);
  if (!after) {
    expander_.spend(static_cast<size_t>(end_ - p));
    return false;
  }
  content.assign(p + 1, after - 1);
  p_ = after;
  return true;
}

bool Definitions::counted_parameters(Macro& macro, size_t optionals) {
  std::string text;
  if (!bracket(text)) return true;
  const View digits(text.data() + std::min(text.find_first_not_of(" \n"), text.size()));
  if (digits.empty() || digits[0] < '0' || digits[0] > '9') return false;
  macro.parameters.resize(static_cast<size_t>(digits[0] - '0'));
  for (size_t i = 0; i < optionals && i < macro.parameters.size(); ++i) {
    if (!bracket(text)) break;
    if (text.size() > 1 && text.front() == '{' && group_end(text.data(), text.data() + text.size()) == text.data() + text.size())
      text = text.substr(1, text.size() - 2);
    macro.parameters[i] = {Parameter::Kind::optional, text};
  }
  return true;
}

bool Definitions::parameter_text(Macro& macro) {
  const char* stop = p_ + std::min<size_t>(static_cast<size_t>(end_ - p_), kLongestParameterText);
  const char* open = std::find(p_, stop, '{');
  if (open == stop) return false;
  const View text = between(p_, open);
  if (text.find('}') != View::npos || text.find("\n\n") != View::npos) return false;
  p_ = open;
  // Blanks behind a control word are not part of the text.
  std::string clean;
  for (const char* p = text.data(); p < open;) {
    if (*p == '\\') {
      const Control control = read_control(p, open, at_letter_);
      clean.append(p, control.end);
      p = control.is_word() ? tex::skip_space(control.end, open) : control.end;
    } else {
      clean.push_back(*p == '\n' ? ' ' : *p);
      ++p;
    }
  }
  size_t at = clean.find('#');
  macro.prefix = clean.substr(0, at);
  if (macro.prefix.find_first_not_of(' ') == std::string::npos) macro.prefix.clear();
  while (at != std::string::npos) {
    const size_t next = clean.find('#', at + 1);
    if (at + 1 >= clean.size() || clean[at + 1] < '1' || clean[at + 1] > '9') {
      macro.usable = false;  // #{: the brace itself ends the argument
      break;
    }
    std::string delimiter = clean.substr(at + 2, next == std::string::npos ? next : next - at - 2);
    Parameter parameter;
    if (!delimiter.empty()) parameter = {Parameter::Kind::delimited, std::move(delimiter)};
    macro.parameters.push_back(std::move(parameter));
    at = next;
  }
  return true;
}

}  // namespace kernels::tex
