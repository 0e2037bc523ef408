#include "tex_primitives.hpp"

#include "tex_definitions.hpp"
#include "tex_expander.hpp"
#include "tex_tests.hpp"

namespace kernels::tex {
namespace {

std::unordered_map<View, PrimitiveEntry> make_primitives() {
  using P = Primitive;
  std::unordered_map<View, PrimitiveEntry> table;
  const auto add = [&table](P kind, std::initializer_list<View> names) {
    for (View name : names) table[name].kind = kind;
  };
  add(P::begin, {"begin"});
  add(P::end, {"end"});
  add(P::raw, {"verb", "lstinline", "mintinline", "Verb", "spverb", "EscVerb", "url", "path", "nolinkurl", "href",
               "burl", "urldef", "doi"});
  add(P::new_command, {"newcommand", "renewcommand", "DeclareRobustCommand", "newrobustcmd", "renewrobustcmd"});
  add(P::provide_command, {"providecommand", "providerobustcmd"});
  add(P::two_optional_command, {"newcommandtwoopt", "renewcommandtwoopt", "providecommandtwoopt"});
  add(P::def, {"def"});
  add(P::gdef, {"gdef"});
  add(P::edef, {"edef"});
  add(P::xdef, {"xdef"});
  add(P::let, {"let"});
  add(P::name_def, {"@namedef"});
  add(P::math_operator, {"DeclareMathOperator"});
  add(P::paired_delimiter, {"DeclarePairedDelimiter"});
  add(P::general_delimiter, {"DeclarePairedDelimiterX", "DeclarePairedDelimiterXPP"});
  add(P::document_command, {"NewDocumentCommand", "RenewDocumentCommand", "ProvideDocumentCommand",
                            "DeclareDocumentCommand"});
  add(P::new_environment, {"newenvironment", "renewenvironment"});
  add(P::new_theorem, {"newtheorem"});
  add(P::new_if, {"newif"});
  add(P::prefix, {"long", "global", "outer", "protected", "expandafter"});
  add(P::make_at_letter, {"makeatletter"});
  add(P::make_at_other, {"makeatother"});
  add(P::catcode, {"catcode"});
  add(P::open_inline, {"("});
  add(P::open_display, {"["});
  add(P::close_math, {")", "]"});
  add(P::otherwise, {"else", "or"});
  add(P::end_test, {"fi"});
  add(P::latex_test, latex_tests());
  add(P::ensure_math, {"ensuremath"});
  add(P::space, {"xspace"});
  add(P::if_next, {"@ifnextchar", "kernel@ifnextchar", "@ifnext"});
  add(P::if_star, {"@ifstar"});
  add(P::math_style, {"mathchoice"});
  add(P::csname, {"csname"});
  add(P::future_let, {"futurelet"});
  add(P::no_expand, {"noexpand"});
  add(P::loop, {"foreach", "@for", "@tfor"});
  add(P::nothing, {"relax", "ignorespaces", "protect", "unskip", "leavevmode", "null"});
  for (View name : token_argument_names()) table[name].token_arguments = static_cast<uint8_t>(token_arguments(name));
  for (View name : text_command_names()) table[name].takes_text = true;
  return table;
}

}  // namespace

PrimitiveEntry primitive_of(View name) {
  static const std::unordered_map<View, PrimitiveEntry> table = make_primitives();
  const auto found = table.find(name);
  if (found != table.end()) return found->second;
  return {name.starts_with("if") && is_conditional(name) ? Primitive::test : Primitive::none};
}

// Verbatim text and URLs are copied; verbatim environments of the paper's own become LaTeX's.
bool Expander::raw() {
  if (!in_document()) return false;
  Frame& frame = top();
  const RawScanner::Stretch stretch = scanner_->at(frame.p);
  if (stretch.kind == Raw::no || stretch.environment.starts_with("alltt")) return false;
  pending_ -= pending_ > 0;
  if (stretch.opening > 0) {
    write("\\begin{verbatim}");
    write(between(frame.p + stretch.opening, stretch.end - stretch.closing));
    write("\\end{verbatim}");
    written_ = Written::tag;
    frame.p = stretch.end;
    ++counts_.expanded;
    return true;
  }
  const auto own = environments_.find(stretch.environment);
  if (own == environments_.end()) {
    copy_text(frame, stretch.end);
    if (!stretch.environment.empty()) written_ = Written::tag;
    return true;
  }
  if (!own->second.verbatim) return false;
  const char* content = braced_word(skip_blanks(frame.p + 6, stretch.end), stretch.end).end;
  const char* end = stretch.end - View("\\end{}").size() - stretch.environment.size();
  write("\\begin{verbatim}");
  write(between(content, end));
  write("\\end{verbatim}");
  written_ = Written::tag;
  frame.p = stretch.end;
  ++counts_.expanded;
  return true;
}

void Expander::primitive(const Control& control) {
  const PrimitiveEntry entry = primitive_of(control.name);
  Frame& frame = top();
  switch (entry.kind) {
    case Primitive::none:
      copy_control(control, entry.token_arguments);
      text_argument_ = entry.takes_text;
      return;
    case Primitive::begin:
      if (!raw()) begin_environment(control);
      return;
    case Primitive::end:
      return end_environment(control);
    case Primitive::raw:
      if (!raw()) copy_control(control);
      return;
    case Primitive::make_at_letter:
    case Primitive::make_at_other:
      for (Frame& each : frames_) each.at_letter = entry.kind == Primitive::make_at_letter;
      frame.p = control.end;
      return end_removal();
    case Primitive::catcode: {
      const View rest = between(control.end, frame.end);
      if (!rest.starts_with("`\\@=") && !rest.starts_with("`@=")) return copy_control(control);
      frame.p = control.end + rest.find('=') + 1;
      const char* code = frame.p;
      while (frame.p < frame.end && *frame.p >= '0' && *frame.p <= '9') ++frame.p;
      for (Frame& each : frames_) each.at_letter = between(code, frame.p) == "11";
      return end_removal();
    }
    case Primitive::open_inline:
      copy_control(control);
      math_ = Math::inline_math;
      return;
    case Primitive::open_display:
      copy_control(control);
      math_ = Math::display;
      return;
    case Primitive::close_math:
      copy_control(control);
      math_ = Math::none;
      return;
    case Primitive::test:
    case Primitive::otherwise:
    case Primitive::end_test:
    case Primitive::latex_test:
      if (!Tests(*this).command(entry.kind, control)) copy_control(control);
      return;
    case Primitive::loop:
      if (loop(control)) return end_removal();
      return copy_control(control);
    default:
      break;
  }
  if (is_definition(entry.kind)) {
    if (Definitions(*this).command(entry.kind, control)) return end_removal();
    if (frame.depth == 0) return copy_control(control);
    return expand_after(control);
  }
  programming(control, entry.kind);
}

// Commands that say how a macro is made. They are done where a macro was expanded; in the document they are text.
void Expander::programming(const Control& control, Primitive kind) {
  if (top().depth == 0) return copy_control(control);
  switch (kind) {
    case Primitive::ensure_math:
      return ensure_math(control.end);
    case Primitive::space:
      return make_space(control.end);
    case Primitive::if_next:
    case Primitive::if_star:
      return if_next(control.end);
    case Primitive::math_style:
      return choose_style(control.end);
    case Primitive::csname:
      return named_command(control);
    case Primitive::future_let:
      return future_let(control.end);
    case Primitive::no_expand:
      top().p = control.end;
      if (settle() && *top().p == '\\') copy_control(read_control(top().p, top().end, top().at_letter));
      return;
    default:
      top().p = control.end;
      gobble_ = true;
  }
}

void Expander::ensure_math(const char* after) {
  Frame& frame = top();
  const size_t depth = frame.depth;
  const bool at_letter = frame.at_letter;
  frame.p = after;
  std::string content;
  if (!read_group(content) || !spend(content.size())) return;
  if (math_ == Math::none) content = "$" + content + "$";
  push(std::move(content), depth, at_letter, false);
}

// A space, unless what follows is punctuation (the list is xspace's).
void Expander::make_space(const char* after) {
  top().p = after;
  settle();
  if (math_ != Math::none) return;
  if (frames_.empty() || frames_.size() <= floor_) return;
  const Frame& frame = top();
  const char* next = skip_space(frame.p, frame.end);
  const bool punctuation = next == frame.end || View("{}~.!,:;?/'-)]\\").find(*next) != View::npos;
  if (punctuation) return;
  gobble_ = false;
  if (next == frame.p) write(" ");
}

// \@ifnextchar token {yes} {no}, and \@ifstar {yes} {no}.
void Expander::if_next(const char* after) {
  Frame& frame = top();
  const size_t depth = frame.depth;
  const bool at_letter = frame.at_letter, star = frame.p[1] == '@' && between(frame.p, after).ends_with("@ifstar");
  frame.p = after;
  std::string wanted = "*", yes, no;
  if ((!star && !read_group(wanted)) || !read_group(yes) || !read_group(no)) return;
  const char next = peek();
  bool found = false;
  if (next) {
    Frame& rest = top();
    if (next == '\\')
      found = wanted == between(rest.p, read_control(rest.p, rest.end, rest.at_letter).end);
    else
      found = wanted == View(&next, 1) || (next == '{' && wanted == "\\bgroup") || (next == '}' && wanted == "\\egroup");
    if (found && star) ++rest.p;
  }
  if (!spend(yes.size() + no.size())) return;
  push(found ? std::move(yes) : std::move(no), depth + found, at_letter, false);
}

// \mathchoice {display} {text} {script} {scriptscript}: the first two are told apart.
void Expander::choose_style(const char* after) {
  Frame& frame = top();
  const size_t depth = frame.depth;
  const bool at_letter = frame.at_letter;
  frame.p = after;
  std::string choices[4];
  for (std::string& choice : choices)
    if (!read_group(choice) || !spend(choice.size())) return;
  push(std::move(choices[math_ == Math::display ? 0 : 1]), depth, at_letter, false);
}

}  // namespace kernels::tex
