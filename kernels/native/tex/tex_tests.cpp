#include "tex_tests.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace kernels::tex {
namespace {

View stripped(View text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<long> to_number(View text) {
  text = stripped(text);
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

size_t branches_of(View name) {
  return name == "@ifundefined" || name == "@ifpackageloaded" || name == "@ifclassloaded" || name == "ifthenelse" ||
                 name == "ifstrempty" || name == "ifblank" || name == "ifdef" || name == "ifundef" ||
                 name == "ifdefempty" || name == "ifbool" || name == "iftoggle" || name == "IfFileExists" ||
                 name.starts_with("IfNoValue") || name.starts_with("IfValue") || name.starts_with("IfBoolean") ||
                 name == "ifcsdef" ||
                 name == "ifdefined@"
             ? 1
             : 2;  // \ifstrequal
}

}  // namespace

std::initializer_list<View> latex_tests() {
  static const std::initializer_list<View> names{
      "@ifundefined", "@ifpackageloaded", "@ifclassloaded", "ifthenelse", "ifstrempty", "ifblank", "ifdef", "ifundef",
      "ifdefempty",   "ifbool",           "iftoggle",       "IfFileExists", "IfNoValueTF", "IfValueTF", "IfBooleanTF",
      "IfNoValueT",   "IfValueT",       "IfBooleanT",      "IfNoValueF",   "IfValueF",     "IfBooleanF",  "ifcsdef",
      "ifstrequal"};
  return names;
}

bool Tests::command(Primitive kind, const Control& control) {
  switch (kind) {
    case Primitive::test:
      return test(control);
    case Primitive::latex_test:
      return latex_test(control);
    case Primitive::otherwise: {
      if (expander_.open_tests_ == 0) return false;
      const size_t height = expander_.frames_.size();
      const char* const start = std::exchange(expander_.top().p, control.end);
      if (!skip_branch(false, 0)) {
        if (expander_.frames_.size() != height) return true;
        expander_.top().p = start;
        return false;
      }
      --expander_.open_tests_;
      expander_.end_removal();
      return true;
    }
    case Primitive::end_test:
      if (expander_.open_tests_ == 0) return false;
      --expander_.open_tests_;
      expander_.top().p = control.end;
      expander_.gobble_ = true;
      expander_.end_removal();
      return true;
    default:
      return false;
  }
}

bool Tests::test(const Control& control) {
  Expander::Frame& frame = expander_.top();
  const char* const start = frame.p;
  const std::string name(control.name);
  const size_t height = expander_.frames_.size();
  frame.p = control.end;
  const bool is_case = name == "ifcase";
  const long cases = is_case ? chosen_case() : 0;
  const bool holds = is_case ? cases == 0 : decide(name);
  if (expander_.settle() && (holds || skip_branch(true, cases))) {
    if (holds) ++expander_.open_tests_;
    Expander::Frame& kept = expander_.top();
    kept.p = skip_blanks(kept.p, kept.end);
    expander_.gobble_ = true;
    expander_.end_removal();
    return true;
  }
  if (expander_.frames_.size() != height) return true;
  expander_.top().p = start;
  return false;
}

bool Tests::decide(View name) {
  if (const Expander::Meaning* known = expander_.meaning(name);
      known && known->kind == Expander::Meaning::Kind::test) {
    expander_.gobble_ = false;
    return expander_.flags_[known->flag];
  }
  if (name == "iftrue" || name == "ifhmode") return true;
  if (name == "ifmmode") return expander_.math_ != Expander::Math::none;
  if (name == "ifx") return same_meaning();
  if (name == "ifnum") return compare_numbers();
  if (name == "ifodd") return number().value_or(0) % 2 != 0;
  if (name == "ifdim") {
    compare_numbers();
    return false;
  }
  if (name == "ifdefined") {
    const View defined = token();
    return defined.size() > 1 && expander_.meaning(defined.substr(1));
  }
  if (name == "if" || name == "ifcat") {
    View first = token();
    View second = token();
    if (second == "\\detokenize") {  // \if\relax\detokenize{...}\relax: whether there is nothing
      std::string content;
      if (expander_.read_group(content) && content.empty()) second = token();
    }
    return !first.empty() && first == second;
  }
  return false;
}

// A control sequence or a character; empty at the end.
View Tests::token() {
  View argument;
  const char next = expander_.peek();
  if (!next) return {};
  Expander::Frame& frame = expander_.top();
  const char* begin = frame.p;
  frame.p = next == '\\' ? read_control(begin, frame.end, frame.at_letter).end : next_character(begin, frame.end);
  return between(begin, frame.p);
}

// What a command stands for that \let or \futurelet made.
View Tests::meant(View token) const {
  if (token.size() < 2 || token[0] != '\\') return token;
  const Expander::Meaning* meaning = expander_.meaning(token.substr(1));
  if (!meaning || meaning->kind != Expander::Meaning::Kind::alias) return token;
  return meaning->alias == "{" ? View("\\bgroup") : View(meaning->alias);
}

bool Tests::same_meaning() {
  const View first = meant(token()), second = meant(token());
  if (first == second) return !first.empty();
  if (first.size() < 2 || second.size() < 2 || first[0] != '\\' || second[0] != '\\') return false;
  const auto undefined = [](View name) { return name == "\\undefined" || name == "\\@undefined"; };
  const auto empty = [](View name) { return name == "\\empty" || name == "\\@empty"; };
  const Expander::Meaning* one = expander_.meaning(first.substr(1));
  const Expander::Meaning* other = expander_.meaning(second.substr(1));
  using Kind = Expander::Meaning::Kind;
  const auto is_empty = [](const Expander::Meaning* meaning) {
    return meaning && meaning->kind == Kind::macro && meaning->macro->body.empty() && meaning->macro->parameters.empty();
  };
  if (undefined(second)) return !one && !first.starts_with("\\pdf");
  if (undefined(first)) return !other && !second.starts_with("\\pdf");
  if (empty(second)) return is_empty(one);
  if (empty(first)) return is_empty(other);
  if (!one || !other || one->kind != Kind::macro || other->kind != Kind::macro) return false;
  return one->macro->body == other->macro->body && one->macro->parameters.size() == other->macro->parameters.size();
}

std::optional<long> Tests::number() {
  const char next = expander_.peek();
  if (!next) return std::nullopt;
  Expander::Frame& frame = expander_.top();
  const char* begin = frame.p;
  if (next == '\\') {
    const View name = token();
    const Expander::Meaning* meaning = expander_.meaning(name.substr(1));
    if (meaning && meaning->kind == Expander::Meaning::Kind::macro) return to_number(meaning->macro->body);
    return std::nullopt;
  }
  const char* p = begin + (*begin == '-');
  while (p < frame.end && *p >= '0' && *p <= '9') ++p;
  const std::optional<long> value = to_number(between(begin, p));
  if (!value) return std::nullopt;
  frame.p = p < frame.end && *p == ' ' ? p + 1 : p;
  return value;
}

bool Tests::compare_numbers() {
  const std::optional<long> left = number();
  const char relation = expander_.peek();
  if (relation != '<' && relation != '>' && relation != '=') return false;
  ++expander_.top().p;
  const std::optional<long> right = number();
  if (!left || !right) return false;
  return relation == '<' ? *left < *right : relation == '>' ? *left > *right : *left == *right;
}

long Tests::chosen_case() {
  const std::optional<long> value = number();
  return value && *value >= 0 && *value < 1000 ? *value : 1000;
}

bool Tests::skip_branch(bool to_else, long cases) {
  if (!expander_.settle() || expander_.work_ == 0) return false;
  Expander::Frame& frame = expander_.top();
  size_t depth = 0;
  const char* p = frame.p;
  while ((p = std::find(p, frame.end, '\\')) != frame.end) {
    const Control control = read_control(p, frame.end, frame.at_letter);
    p = control.end;
    if (control.name == "fi") {
      if (depth-- > 0) continue;
      frame.p = p;
      return true;
    }
    if (depth == 0 && to_else && ((control.name == "or" && --cases == 0) || control.name == "else")) {
      ++expander_.open_tests_;
      frame.p = p;
      return true;
    }
    if (!control.name.starts_with("if")) continue;
    const Expander::Meaning* known = expander_.meaning(control.name);
    depth += known ? known->kind == Expander::Meaning::Kind::test
                   : primitive_of(control.name).kind == Primitive::test;
  }
  expander_.spend(static_cast<size_t>(frame.end - frame.p));
  return false;
}

bool Tests::latex_test(const Control& control) {
  Expander::Frame& frame = expander_.top();
  const char* const start = frame.p;
  const std::string name(control.name);
  if (frame.depth == 0 && name == "IfFileExists") return false;
  const size_t depth = frame.depth;
  const bool at_letter = frame.at_letter;
  const size_t height = expander_.frames_.size();
  frame.p = control.end;
  std::string first, second, yes, no;
  const bool only_true = name.starts_with("If") && name.ends_with('T');
  const bool only_false = name.starts_with("If") && name.ends_with('F') && !name.ends_with("TF");
  const bool complete = expander_.read_group(first) && (branches_of(name) == 1 || expander_.read_group(second)) &&
                        (only_false || expander_.read_group(yes)) && (only_true || expander_.read_group(no));
  if (!complete) {
    if (expander_.frames_.size() == height) expander_.top().p = start;
    return expander_.frames_.size() != height;
  }
  bool result = false;
  const View command = View(first).starts_with('\\') ? View(first).substr(1) : View(first);
  if (name == "ifthenelse")
    result = holds(first);
  else if (name == "ifstrempty" || name == "ifblank")
    result = name == "ifblank" ? stripped(first).empty() : first.empty();
  else if (name == "ifstrequal")
    result = first == second;
  else if (name == "ifdef" || name == "ifcsdef")
    result = expander_.meaning(command);
  else if (name == "ifundef" || name == "@ifundefined")
    result = !expander_.meaning(command);
  else if (name == "ifbool")
    result = holds("\\boolean{" + first + "}");
  else if (name.starts_with("IfNoValue") || name.starts_with("IfValue"))
    result = (first == "\\NoValue") == name.starts_with("IfNo");
  else if (name.starts_with("IfBoolean"))
    result = first == "\\BooleanTrue";
  std::string& chosen = result ? yes : no;
  if (expander_.spend(chosen.size())) expander_.push(std::move(chosen), depth, at_letter, false);
  return true;
}

// The conditions of \ifthenelse that are plain to see.
bool Tests::holds(View condition) const {
  condition = stripped(condition);
  constexpr View kEqual = "\\equal", kBoolean = "\\boolean", kNot = "\\not", kOdd = "\\isodd";
  const char* const end = condition.data() + condition.size();
  const auto argument = [&](const char*& p) -> std::optional<View> {
    p = skip_space(p, end);
    const char* after = p < end && *p == '{' ? group_end(p, end) : nullptr;
    if (!after) return std::nullopt;
    const View content = between(p + 1, after - 1);
    p = after;
    return content;
  };
  if (condition.starts_with(kNot)) return !holds(condition.substr(kNot.size()));
  if (condition.starts_with(kEqual)) {
    const char* p = condition.data() + kEqual.size();
    const auto left = argument(p), right = argument(p);
    return left && right && stripped(*left) == stripped(*right);
  }
  if (condition.starts_with(kBoolean)) {
    const char* p = condition.data() + kBoolean.size();
    const auto flag = argument(p);
    const auto found = flag ? expander_.flags_.find(stripped(*flag)) : expander_.flags_.end();
    return found != expander_.flags_.end() && found->second;
  }
  if (condition.starts_with(kOdd)) {
    const char* p = condition.data() + kOdd.size();
    const auto value = argument(p);
    return value && to_number(*value).value_or(0) % 2 != 0;
  }
  const size_t relation = condition.find_first_of("<=>");
  if (relation == View::npos) return false;
  const auto left = to_number(condition.substr(0, relation)), right = to_number(condition.substr(relation + 1));
  if (!left || !right) return false;
  return condition[relation] == '<' ? *left < *right : condition[relation] == '>' ? *left > *right : *left == *right;
}

}  // namespace kernels::tex
