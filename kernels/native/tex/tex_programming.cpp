// What programs of TeX do beyond replacing names: commands spelt by their letters, tests of what follows, and loops that
// make definitions.
#include "tex_expander.hpp"

#include <algorithm>
#include <charconv>

#include "tex_tests.hpp"

namespace kernels::tex {
namespace {

constexpr size_t kLongestName = 256;
constexpr size_t kMostItems = 1000;

View stripped(View text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<View> split(View list) {
  std::vector<View> items;
  while (true) {
    const size_t comma = list.find(',');
    items.push_back(stripped(list.substr(0, comma)));
    if (comma == View::npos) return items;
    list.remove_prefix(comma + 1);
  }
}

// The items between two, which pgffor leaves out where it says "...": letters or numbers; none when they are neither.
void fill(std::vector<std::string>& items, View last) {
  const std::string first = items.back();
  long from = 0, to = 0;
  const bool letters = first.size() == 1 && last.size() == 1 && is_letter(first[0]) && is_letter(last[0]);
  if (letters) {
    from = first[0];
    to = last[0];
  } else if (std::from_chars(first.data(), first.data() + first.size(), from).ec != std::errc() ||
             std::from_chars(last.data(), last.data() + last.size(), to).ec != std::errc()) {
    return;
  }
  const long step = from < to ? 1 : -1;
  if (from == to || static_cast<size_t>((to - from) * step) > kMostItems) return;
  for (long value = from + step; value != to; value += step)
    items.push_back(letters ? std::string(1, static_cast<char>(value)) : std::to_string(value));
}

std::vector<std::string> items_of(View list) {
  const std::vector<View> written = split(list);
  std::vector<std::string> items;
  for (size_t i = 0; i < written.size() && items.size() < kMostItems; ++i) {
    if (written[i] == "..." && !items.empty() && i + 1 < written.size())
      fill(items, written[i + 1]);
    else
      items.emplace_back(written[i]);
  }
  return items;
}

bool makes_definitions(View body) {
  return body.find("\\csname") != View::npos &&
         (body.find("def\\csname") != View::npos || body.find("command") != View::npos ||
          body.find("let\\csname") != View::npos || body.find("DeclareMathOperator") != View::npos);
}

// `body` with an item for the command \name.
std::string with_item(View body, View name, View item) {
  std::string result;
  const char* const end = body.data() + body.size();
  for (const char* p = body.data(); p < end;) {
    const char* slash = std::find(p, end, '\\');
    result.append(p, slash);
    if (slash == end) break;
    const Control control = read_control(slash, end, true);
    if (control.name == name)
      result.append(item);
    else
      result.append(slash, control.end);
    p = control.end;
  }
  return result;
}

}  // namespace

// \csname name\endcsname
void Expander::named_command(const Control& control) {
  constexpr View kEnd = "\\endcsname";
  Frame& frame = top();
  const size_t depth = frame.depth;
  const View rest = between(control.end, frame.end).substr(0, kLongestName);
  const size_t end = rest.find(kEnd);
  if (end == View::npos) return copy_control(control);
  const char* begin = skip_space(control.end, control.end + end);
  const std::string name = expansion({begin, control.end + end}, depth, frame.at_letter);
  top().p = control.end + end + kEnd.size();
  if (const Meaning* known = meaning(name); known && known->kind == Meaning::Kind::macro) {
    const MacroPtr macro = known->macro;
    return use(*macro, top().p);
  }
  const bool word = std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c, true); });
  if (word && !name.empty()) return push("\\" + name, depth, true, false);
  write("\\csname " + name + "\\endcsname");
  written_ = Written::word;
}

// \expandafter: of what it puts off, only the end of a test changes what is made here.
void Expander::expand_after(const Control& control) {
  Frame& frame = top();
  frame.p = control.end;
  const char* const start = skip_space(frame.p, frame.end);
  if (start == frame.end || *start != '\\') return;
  const Control first = read_control(start, frame.end, frame.at_letter);
  const char* const behind = skip_space(first.end, frame.end);
  if (behind == frame.end || *behind != '\\') return;
  const Control second = read_control(behind, frame.end, frame.at_letter);
  const Primitive kind = second.name == "fi" ? Primitive::end_test : Primitive::otherwise;
  if (second.name != "fi" && second.name != "else" && second.name != "or") return;
  const size_t depth = frame.depth;
  const bool at_letter = frame.at_letter;
  std::string delayed(start, first.end);
  if (Tests(*this).command(kind, second)) push(std::move(delayed), depth, at_letter, false);
}

// \futurelet\seen\command: \command is used, and \seen means what follows it.
void Expander::future_let(const char* after) {
  Frame& frame = top();
  const bool at_letter = frame.at_letter;
  Control names[2];
  for (Control& name : names) {
    after = skip_space(after, frame.end);
    if (after == frame.end || *after != '\\') return drop_use(after);
    name = read_control(after, frame.end, at_letter);
    after = name.end;
  }
  frame.p = after;
  const std::string seen(names[0].name), command(names[1].name);
  const auto found = meanings_.find(command);
  if (found == meanings_.end() || found->second.kind != Meaning::Kind::macro) return drop_use(after);
  const MacroPtr macro = found->second.macro;
  settle();
  Meaning next;
  next.kind = Meaning::Kind::alias;
  next.alias = next_token();
  define(seen, std::move(next), false);
  if (frames_.size() > floor_) use(*macro, top().p);
}

std::string Expander::next_token() const {
  for (size_t i = frames_.size(); i > floor_; --i) {
    const Frame& frame = frames_[i - 1];
    const char* p = skip_space(frame.p, frame.end);
    if (p == frame.end) continue;
    const char* end = *p == '\\' ? read_control(p, frame.end, frame.at_letter).end : next_character(p, frame.end);
    return {p, end};
  }
  return {};
}

// \foreach \x in {list}{body}, \@for\x:=list\do{body}, \@tfor\x:=tokens\do{body}, where the body makes definitions.
bool Expander::loop(const Control& control) {
  const Frame& frame = top();
  const char* const end = frame.end;
  const char* p = skip_space(control.end, end);
  if (p == end || *p != '\\') return false;
  const Control variable = read_control(p, end, frame.at_letter);
  p = skip_space(variable.end, end);
  const bool pgf = control.name == "foreach";
  const View sign = pgf ? "in" : ":=", behind = pgf ? "" : "\\do";
  if (!between(p, end).starts_with(sign)) return false;
  p = skip_space(p + sign.size(), end);
  const char* list_end = nullptr;
  if (pgf && p < end && *p == '{') list_end = group_end(p, end);
  if (!pgf)
    if (const size_t at = between(p, end).substr(0, 4 * kLongestName).find(behind); at != View::npos) list_end = p + at;
  if (!list_end) return false;
  const View list = pgf ? between(p + 1, list_end - 1) : between(p, list_end);
  p = skip_space(list_end + behind.size(), end);
  const char* body_end = p < end && *p == '{' ? group_end(p, end) : nullptr;
  if (!spend(static_cast<size_t>((body_end ? body_end : end) - control.end)) || !body_end) return false;
  const View body = between(p + 1, body_end - 1);
  if (!makes_definitions(body)) return false;
  std::vector<std::string> items;
  if (control.name == "@tfor")
    for (const char* q = list.data(); q < list_end; q = next_character(q, list_end)) items.emplace_back(q, next_character(q, list_end));
  else
    items = items_of(list);
  std::string made;
  for (const std::string& item : items) {
    if (item.size() > kLongestName || !spend(body.size())) break;
    const std::string one = with_item(body, variable.name, item);
    if (!spend(one.size())) break;
    made += one;
  }
  top().p = body_end;
  push(std::move(made), frame.depth + 1, frame.at_letter, false);
  return true;
}

}  // namespace kernels::tex
