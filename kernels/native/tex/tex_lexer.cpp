#include "tex_lexer.hpp"

#include <algorithm>
#include <cstring>

namespace kernels::tex {
namespace {

constexpr size_t kLongestUrl = 2048;
constexpr size_t kLongestDeclaration = 512;

enum class RawCommand { none, begin, verb, delimited, url };

RawCommand raw_command(View name) {
  static const std::unordered_map<View, RawCommand> table{
      {"begin", RawCommand::begin},          {"verb", RawCommand::verb},     {"lstinline", RawCommand::delimited},
      {"mintinline", RawCommand::delimited}, {"Verb", RawCommand::delimited}, {"spverb", RawCommand::delimited},
      {"EscVerb", RawCommand::delimited},    {"url", RawCommand::url},        {"path", RawCommand::url},
      {"nolinkurl", RawCommand::url},        {"href", RawCommand::url},       {"burl", RawCommand::url},
      {"urldef", RawCommand::url},           {"doi", RawCommand::url},
  };
  // Most names begin otherwise, and need no look into the table.
  if (name.empty() || View("bvlmVsEupnhd").find(name[0]) == View::npos) return RawCommand::none;
  const auto found = table.find(name);
  return found == table.end() ? RawCommand::none : found->second;
}

// The end of `text` in [p, end), or null.
const char* find_end(const char* p, const char* end, View text) {
  const size_t at = between(p, end).find(text);
  return at == View::npos ? nullptr : p + at + text.size();
}

bool contains_word(View body, View name) {
  for (size_t at = body.find(name); at != View::npos; at = body.find(name, at + 1)) {
    const size_t after = at + name.size();
    if (after >= body.size() || !is_letter(body[after], true)) return true;
  }
  return false;
}

}  // namespace

const char* group_end(const char* p, const char* end) {
  size_t depth = 0;
  for (; p < end; ++p) {
    if (*p == '\\') {
      if (++p == end) return nullptr;
    } else if (*p == '{') {
      ++depth;
    } else if (*p == '}' && --depth == 0) {
      return p + 1;
    }
  }
  return nullptr;
}

const char* bracket_end(const char* p, const char* end) {
  size_t depth = 0;
  for (++p; p < end; ++p) {
    if (*p == '\\') {
      if (++p == end) return nullptr;
    } else if (*p == '{') {
      ++depth;
    } else if (*p == '}') {
      if (depth == 0) return nullptr;
      --depth;
    } else if (*p == ']' && depth == 0) {
      return p + 1;
    }
  }
  return nullptr;
}

Word braced_word(const char* p, const char* end, size_t limit) {
  if (p == end || *p != '{') return {{}, nullptr};
  const char* stop = p + std::min<size_t>(static_cast<size_t>(end - p), limit + 2);
  const char* begin = ++p;
  while (p < stop && *p != '}' && *p != '{') ++p;
  if (p == stop || *p != '}') return {{}, nullptr};
  const char* after = p + 1;
  while (begin < p && is_space(*begin)) ++begin;
  while (begin < p && is_space(p[-1])) --p;
  return {between(begin, p), after};
}

View raw_beginning(View body) {
  static constexpr View kWords[] = {"\\comment", "\\verbatim", "\\alltt", "\\lstlisting"};
  static constexpr View kTags[] = {"\\begin{comment}", "\\begin{verbatim}", "\\begin{alltt}", "\\begin{lstlisting}"};
  for (size_t i = 0; i < 4; ++i)
    if (contains_word(body, kWords[i]) || body.find(kTags[i]) != View::npos) return kWords[i].substr(1);
  return {};
}

RawNames::RawNames()
    : raw{"verbatim",  "verbatim*",  "Verbatim",   "Verbatim*",    "BVerbatim",    "LVerbatim",   "lstlisting",
          "minted",    "alltt",      "alltt*",     "filecontents", "filecontents*", "verbatimtab", "listingcont",
          "sverb",     "boxedverbatim", "spverbatim", "Sinput",      "Soutput",     "Schunk", "sourcecode", "asy"},
      comment{"comment"},
      commands{{"begintt", "\\endtt"}, {"begincode", "\\endcode"}} {}

namespace {

enum class Declares { raw, comment, environment, short_verb, definition };

const std::unordered_map<View, Declares>& declarations() {
  static const std::unordered_map<View, Declares> table{
      {"DefineVerbatimEnvironment", Declares::raw},
      {"RecustomVerbatimEnvironment", Declares::raw},
      {"lstnewenvironment", Declares::raw},
      {"newverbatim", Declares::raw},
      {"excludecomment", Declares::comment},
      {"newenvironment", Declares::environment},
      {"renewenvironment", Declares::environment},
      {"MakeShortVerb", Declares::short_verb},
      {"DefineShortVerb", Declares::short_verb},
      {"lstMakeShortInline", Declares::short_verb},
      {"def", Declares::definition},
      {"newcommand", Declares::definition},
  };
  return table;
}

// Whether a name that begins with c can be one of those.
bool may_declare(char c) { return View("DRdelnrM").find(c) != View::npos; }

const char* limited(const char* p, const char* end) {
  return p + std::min<size_t>(static_cast<size_t>(end - p), kLongestDeclaration);
}

}  // namespace

void RawNames::discover(View text) {
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p < end;) {
    p = static_cast<const char*>(std::memchr(p, '\\', static_cast<size_t>(end - p)));
    if (!p || p + 1 == end) return;
    if (!may_declare(p[1])) {
      p += 2;
      continue;
    }
    const Control control = read_control(p, end);
    p = control.end;
    const auto found = declarations().find(control.name);
    if (found == declarations().end()) continue;
    const char* q = p < end && *p == '*' ? p + 1 : p;
    if (found->second == Declares::definition)
      discover_command(q, end);
    else if (found->second == Declares::short_verb)
      discover_short_verb(q, end);
    else if (const Word name = braced_word(skip_space(q, end), end); name.end && !name.text.empty()) {
      if (found->second == Declares::environment)
        discover_environment(name, end);
      else
        (found->second == Declares::comment ? comment : raw).emplace(name.text);
    }
  }
}

void RawNames::discover_environment(const Word& name, const char* end) {
  const char* const stop = limited(name.end, end);
  const char* p = skip_space(name.end, stop);
  while (p < stop && *p == '[') {
    const char* after = bracket_end(p, stop);
    if (!after) return;
    p = skip_space(after, stop);
  }
  const char* body_end = p < stop && *p == '{' ? group_end(p, stop) : nullptr;
  if (!body_end) return;
  const View begun = raw_beginning(between(p, body_end));
  if (!begun.empty()) (begun == "comment" ? comment : raw).emplace(name.text);
}

void RawNames::discover_short_verb(const char* p, const char* end) {
  if (p < end && *p == '[') {
    p = bracket_end(p, limited(p, end));
    if (!p) return;
  }
  if (p < end && *p == '{') ++p;
  if (p < end && *p == '\\') ++p;
  if (p < end && static_cast<uint8_t>(*p) < 0x80 && std::ispunct(static_cast<uint8_t>(*p)) &&
      View("\\{}%").find(*p) == View::npos)
    short_verb[static_cast<uint8_t>(*p)] = true;
}

void RawNames::discover_command(const char* p, const char* end) {
  constexpr View kBegin = "\\begin";
  if (p < end && *p == '{') ++p;
  if (!between(p, end).starts_with(kBegin)) return;
  const Control control = read_control(p, end);
  const View name = control.name.substr(kBegin.size() - 1);
  const View body = between(control.end, limited(control.end, end));
  if (!name.empty() && (body.find("\\catcode") != View::npos || body.find("verbatim") != View::npos ||
                        body.find("\\dospecials") != View::npos))
    commands.emplace(control.name, "\\end" + std::string(name));
}

RawScanner::Stretch RawScanner::at(const char* p) {
  if (*p != '\\') return delimited(p, p);
  return command(p, read_control(p, end_));
}

RawScanner::Stretch RawScanner::command(const char* start, const Control& control) {
  const RawCommand kind = raw_command(control.name);
  if (kind == RawCommand::none) return pair(start, control);
  if (kind == RawCommand::begin) return environment(control.end);
  if (kind == RawCommand::verb || kind == RawCommand::delimited) {
    const char* p = control.end;
    if (p < end_ && *p == '*') ++p;
    if (kind == RawCommand::delimited) {
      p = skip_blanks(p, end_);
      if (p < end_ && *p == '[') {
        const char* stop = p + std::min<size_t>(static_cast<size_t>(end_ - p), kLongestDeclaration);
        if (const char* after = bracket_end(p, stop)) p = after;
      }
      if (control.name == "mintinline") {
        if (const Word language = braced_word(p, end_, 64); language.end) p = language.end;
      }
      if (p < end_ && *p == '{') return braced(p);
    }
    return delimited(start, p);
  }
  const char* p = skip_blanks(control.end, end_);
  if (p < end_ && *p == '{') return braced(p);
  if (control.name == "path" || control.name == "url") return delimited(start, p);
  return {Raw::no, start, {}};
}

// Text between a command and its counterpart.
RawScanner::Stretch RawScanner::pair(const char* start, const Control& control) {
  if (control.name.size() < 6 || !control.name.starts_with("begin")) return {Raw::no, start, {}};
  const auto found = names_.commands.find(std::string(control.name));
  if (found == names_.commands.end() || unclosed_.contains(found->second)) return {Raw::no, start, {}};
  const View before = between(begin_, start);
  for (View definition : {"def", "let", "command", "command{", "command*{"})
    if (before.ends_with(definition)) return {Raw::no, start, {}};
  const char* after = find_end(control.end, end_, found->second);
  if (!after) {
    unclosed_.insert(found->second);
    return {Raw::no, start, {}};
  }
  return {Raw::verbatim, after, {}, control.name.size() + 1, found->second.size()};
}

// Text between two of the character at p, on one line.
RawScanner::Stretch RawScanner::delimited(const char* start, const char* p) {
  if (p >= end_ || is_space(*p) || is_letter(*p) || *p == '{' || *p == '}' || static_cast<uint8_t>(*p) >= 0x80 ||
      p < absent_until_[static_cast<uint8_t>(*p)])
    return {Raw::no, start, {}};
  const char* q = p + 1;
  while (q < end_ && *q != *p && *q != '\n') ++q;
  if (q == end_ || *q == '\n') {
    absent_until_[static_cast<uint8_t>(*p)] = q;
    return {Raw::no, start, {}};
  }
  return {Raw::verbatim, q + 1, {}};
}

RawScanner::Stretch RawScanner::braced(const char* p) const {
  const char* stop = p + std::min<size_t>(static_cast<size_t>(end_ - p), kLongestUrl);
  const char* after = group_end(p, stop);
  if (!after || between(p, after).find("\n\n") != View::npos) return {Raw::no, p, {}};
  return {Raw::verbatim, after, {}};
}

RawScanner::Stretch RawScanner::environment(const char* p) {
  const Word name = braced_word(p, end_, 64);
  if (!name.end) return {Raw::no, p, {}};
  std::string key(name.text);
  const bool comment = names_.comment.contains(key);
  if ((!comment && !names_.raw.contains(key)) || unclosed_.contains(key)) return {Raw::no, p, {}};
  const char* after = find_end(name.end, end_, "\\end{" + key + "}");
  if (!after) {
    unclosed_.insert(std::move(key));
    return {Raw::no, p, {}};
  }
  return {comment ? Raw::comment : Raw::verbatim, after, name.text};
}

}  // namespace kernels::tex
