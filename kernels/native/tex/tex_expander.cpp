#include "tex_expander.hpp"

#include <algorithm>
#include <utility>

#include "tex_definitions.hpp"
#include "tex_primitives.hpp"
#include "tex_tests.hpp"

namespace kernels::tex {
namespace {

constexpr size_t kUseCost = 16;  // bytes of work a use costs besides the text it reads and makes
constexpr size_t kDeepestAlone = 32;

}  // namespace

bool Expander::spend(size_t bytes) {
  if (bytes > work_) work_ = 0;
  work_ -= std::min(bytes, work_);
  return work_ > 0;
}

void Expander::read_style(View text, size_t work) {
  style_ = true;
  work_ = work;
  std::string kept;
  kept.swap(out_);
  frames_.push_back({text.data(), text.data() + text.size(), nullptr, 0, true, false, 0});
  run(0);
  kept.swap(out_);
  groups_.clear();
  undo_.clear();
  open_tests_ = pending_ = 0;
  math_ = Math::none;
  alltt_ = text_argument_ = style_ = false;
  written_ = Written::other;
  counts_ = {};
  work_ = limits_.work;
}

void Expander::expand(View text) {
  RawScanner scanner(names_, text);
  scanner_ = &scanner;
  frames_.push_back({text.data(), text.data() + text.size(), nullptr, 0, false, false, 0});
  run(0);
  scanner_ = nullptr;
}

void Expander::run(size_t base) {
  const size_t outer_floor = std::exchange(floor_, base);
  while (true) {
    const bool more = settle();
    for (; closes_ > 0; --closes_) {
      write("}");
      close_group();
    }
    kept_alive_.clear();
    if (!more) break;
    if (gobble_)
      skip_gobbled();
    else
      step();
  }
  gobble_ = false;
  floor_ = outer_floor;
}

void Expander::run_alone(std::string text, size_t depth, bool at_letter) {
  if (nesting_ == kDeepestAlone) return;
  ++nesting_;
  const size_t base = frames_.size(), closes = std::exchange(closes_, 0);
  std::vector<std::shared_ptr<const std::string>> outer;
  outer.swap(kept_alive_);
  push(std::move(text), depth, at_letter, false);
  run(base);
  kept_alive_.swap(outer);
  closes_ = closes;
  --nesting_;
}

std::string Expander::expansion(std::string text, size_t depth, bool at_letter) {
  if (!spend(text.size())) return text;
  std::string kept;
  kept.swap(out_);
  const Written written = std::exchange(written_, Written::other);
  run_alone(std::move(text), depth, at_letter);
  written_ = written;
  kept.swap(out_);
  return kept;
}

void Expander::push(std::string text, size_t depth, bool at_letter, bool gobble) {
  auto owned = std::make_shared<const std::string>(std::move(text));
  const char* begin = owned->data();
  const size_t size = owned->size();
  frames_.push_back({begin, begin + size, std::move(owned), depth, at_letter, gobble || gobble_, closes_});
  gobble_ = false;
  closes_ = 0;
}

void Expander::pop() {
  gobble_ = top().gobble;  // not what a name at its end would have passed: that frame ends there
  closes_ += top().closes;
  if (top().owned) kept_alive_.push_back(std::move(top().owned));
  frames_.pop_back();
}

bool Expander::settle() {
  while (frames_.size() > floor_ && top().p == top().end) pop();
  return frames_.size() > floor_;
}

char Expander::peek() {
  while (settle()) {
    Frame& frame = top();
    frame.p = skip_space(frame.p, frame.end);
    if (frame.p < frame.end) return *frame.p;
  }
  return 0;
}

// TeX passes the blanks behind a macro's name, and one line end among them. They stay where that changes nothing:
// in mathematics, and behind names and tags.
void Expander::skip_gobbled() {
  gobble_ = false;
  const bool kept = math_ != Math::none || alltt_ || written_ != Written::other;
  if (kept && !on_blank_line()) return;
  Frame& frame = top();
  const char* p = skip_blanks(frame.p, frame.end);
  if (p < frame.end && *p == '\n') {
    const char* next = skip_blanks(p + 1, frame.end);
    if (next < frame.end && *next == '\n') return;
    p = on_blank_line() ? p + 1 : next;
  }
  frame.p = p;
}

bool Expander::on_blank_line() const {
  size_t at = out_.size();
  while (at > 0 && is_blank(out_[at - 1])) --at;
  return at == 0 || out_[at - 1] == '\n';
}

void Expander::end_removal() {
  if (frames_.empty() || !on_blank_line()) return;
  Frame& frame = top();
  const char* p = skip_blanks(frame.p, frame.end);
  if (p < frame.end && *p == '\n') frame.p = p + 1;
}

void Expander::step() {
  Frame& frame = top();
  const char* q = frame.p;
  if (in_document())
    while (q < frame.end && *q != '{' && *q != '}' && *q != '$' && !scanner_->may_start(*q)) ++q;
  else
    while (q < frame.end && *q != '{' && *q != '}' && *q != '$' && *q != '\\') ++q;
  if (q > frame.p) return copy_text(frame, q);
  switch (*q) {
    case '\\':
      return control();
    case '{':
      open_group({});
      ++frame.p;
      return write("{");
    case '}':
      ++frame.p;
      return close_brace();
    case '$':
      return dollar();
    default: {  // a short verb character
      const RawScanner::Stretch stretch = scanner_->at(q);
      return copy_text(frame, stretch.kind == Raw::no ? q + 1 : stretch.end);
    }
  }
}

void Expander::write(View text) {
  if (text.empty()) return;
  if (written_ == Written::word && is_letter(text[0])) out_.push_back(' ');
  out_.append(text);
  written_ = Written::other;
}

void Expander::copy_text(Frame& frame, const char* q) {
  const View text = between(frame.p, q);
  for (const char* p = frame.p; p < q && pending_ > 0; p = next_character(p, q)) pending_ -= !is_space(*p);
  if (text_argument_) text_argument_ = text.find_first_not_of(" \n") == View::npos;
  if (math_ == Math::inline_math && text.find("\n\n") != View::npos) math_ = Math::none;
  const bool blank = text.find_first_not_of(" \t\n") == View::npos;
  const Written before = written_;
  write(text);
  if (blank && before == Written::word) written_ = Written::other;
  frame.p = q;
}

void Expander::copy_control(const Control& control, size_t token_arguments) {
  const View text(control.name.data() - 1, control.name.size() + 1);
  top().p = control.end;
  write(text);
  if (control.is_word()) written_ = Written::word;
  pending_ = std::max(pending_ - (pending_ > 0), token_arguments);
  text_argument_ = false;
}

void Expander::dollar() {
  Frame& frame = top();
  const bool twice = frame.p + 1 < frame.end && frame.p[1] == '$' && math_ != Math::inline_math;
  if (!alltt_) math_ = math_ != Math::none ? Math::none : twice ? Math::display : Math::inline_math;
  pending_ = 0;
  text_argument_ = false;
  write(between(frame.p, frame.p + (twice ? 2 : 1)));
  frame.p += twice ? 2 : 1;
}

void Expander::control() {
  Frame& frame = top();
  const Control control = read_control(frame.p, frame.end, frame.at_letter);
  if (control.name.starts_with("begin") && control.name.size() > 5 && raw()) return;
  const Meaning* known = meaning(control.name);
  if (!known) return primitive(control);
  switch (known->kind) {
    case Meaning::Kind::macro: {
      const MacroPtr macro = known->macro;
      return use(*macro, control.end);
    }
    case Meaning::Kind::alias: {
      const std::string text = known->alias;
      frame.p = control.end;
      pending_ -= pending_ > 0;
      write(text);
      if (text.size() > 1 && is_letter(text[1], true)) written_ = Written::word;
      ++counts_.expanded;
      return;
    }
    case Meaning::Kind::set_true:
    case Meaning::Kind::set_false:
      flags_[known->flag] = known->kind == Meaning::Kind::set_true;
      frame.p = control.end;
      gobble_ = true;
      return end_removal();
    case Meaning::Kind::test:
      if (!Tests(*this).command(Primitive::test, control)) copy_control(control);
      return;
    default:
      return primitive(control);
  }
}

void Expander::use(const Macro& macro, const char* after) {
  Frame& frame = top();
  frame.p = after;
  const size_t depth = frame.depth, height = frames_.size();
  if (!macro.usable || depth >= limits_.depth || !spend(kUseCost)) return drop_use(after);
  bool took = false;
  std::optional<std::string> text = replacement(macro, took);
  if (!text || !spend(text->size())) {
    if (frames_.size() == height) top().p = after;
    return drop_use(nullptr);
  }
  ++counts_.expanded;
  if (pending_ > 0) {  // one argument of a command: a group, as its replacement may be more than one token
    open_group({});
    write("{");
    ++closes_;
  }
  text_argument_ = false;
  push(std::move(*text), depth + 1, macro.at_letter, !took);
}

void Expander::drop_use(const char* after) {
  ++counts_.unexpanded;
  if (after) top().p = after;
  gobble_ = true;
}

void Expander::open_group(std::string environment) {
  const size_t pending = pending_ > 0 ? pending_ - 1 : 0;
  groups_.push_back({std::move(environment), undo_.size(), math_, pending, alltt_});
  if (text_argument_) math_ = Math::none;
  text_argument_ = false;
  pending_ = 0;
}

void Expander::close_group() {
  if (groups_.empty()) return;
  const Group& group = groups_.back();
  while (undo_.size() > group.undo) {
    Undo& undo = undo_.back();
    Meaning& now = meanings_[undo.name];
    if (now.global_since <= undo.change) now = std::move(undo.meaning);
    undo_.pop_back();
  }
  math_ = group.math;
  pending_ = group.pending;
  alltt_ = group.alltt;
  groups_.pop_back();
}

void Expander::close_brace() {
  write("}");
  if (!groups_.empty() && groups_.back().environment.empty()) close_group();
}

void Expander::begin_environment(const Control& control) {
  Frame& frame = top();
  const Word name = braced_word(skip_blanks(control.end, frame.end), frame.end, 64);
  if (!name.end) return copy_control(control);
  const auto own = environments_.find(name.text);
  if (own == environments_.end()) {
    text_argument_ = false;
    pending_ = 0;
    const View tag = between(frame.p, name.end);
    frame.p = name.end;
    open_group(std::string(name.text));
    if (is_math_environment(name.text))
      math_ = Math::display;
    else if (is_standard_environment(name.text) && name.text != "array")
      math_ = Math::none;
    alltt_ = alltt_ || name.text.starts_with("alltt");
    write(tag);
    written_ = Written::tag;
    return;
  }
  const MacroPtr begin = own->second.begin;
  open_group(std::string(name.text));
  use(*begin, name.end);
}

void Expander::end_environment(const Control& control) {
  Frame& frame = top();
  const Word name = braced_word(skip_blanks(control.end, frame.end), frame.end, 64);
  if (!name.end) return copy_control(control);
  const std::string key(name.text);
  const auto own = environments_.find(key);
  const View tag = between(frame.p, name.end);
  frame.p = name.end;
  if (own == environments_.end()) {
    write(tag);
    written_ = Written::tag;
  } else if (frame.depth < limits_.depth && spend(kUseCost + own->second.end.size())) {
    const Environment environment = own->second;
    run_alone(environment.end, frame.depth + 1, environment.at_letter);
  } else {
    ++counts_.unexpanded;
  }
  // Groups left open inside are closed with it; an end without its beginning closes none.
  size_t at = groups_.size();
  const size_t lowest = at > 64 ? at - 64 : 0;
  while (at > lowest && groups_[at - 1].environment != key) --at;
  if (at == lowest) return;
  while (groups_.size() >= at) close_group();
}

const Expander::Meaning* Expander::meaning(View name) const {
  const auto found = meanings_.find(name);
  if (found == meanings_.end() || found->second.kind == Meaning::Kind::itself) return nullptr;
  return found->second.internal && !style_ ? nullptr : &found->second;
}

void Expander::define(View name, Meaning meaning, bool global) {
  ++changes_;
  Meaning& now = meanings_[std::string(name)];
  meaning.global_since = global || groups_.empty() ? changes_ : now.global_since;
  if (!global && !groups_.empty()) undo_.push_back({std::string(name), now, changes_});
  now = std::move(meaning);
}

void Expander::define_macro(View name, Macro macro, bool global) {
  ++counts_.definitions;
  if (is_structural(name)) return;
  Meaning meaning;
  meaning.internal = style_ && !is_abbreviation(name, macro.body);
  macro.usable &= !is_machinery(macro.body);
  meaning.kind = Meaning::Kind::macro;
  meaning.macro = std::make_shared<const Macro>(std::move(macro));
  define(name, std::move(meaning), global);
}

}  // namespace kernels::tex
