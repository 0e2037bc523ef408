// Expands the macros a paper defines where it uses them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tex_macro.hpp"
#include "tex_primitives.hpp"

namespace kernels::tex {

struct ExpansionLimits {
  size_t depth;      // of macros in macros
  size_t work;       // bytes that may be read again or made by expansions
};

struct ExpansionCounts {
  int64_t definitions = 0;
  int64_t expanded = 0;
  int64_t unexpanded = 0;  // uses removed without a replacement, their arguments left in the text
};

// One document. Definitions and the commands that make them are removed, uses are replaced as TeX would, inside groups
// only where they are local. What cannot be replaced (beyond the limits, arguments that do not match) is removed by
// name; its arguments stay as groups. Tests (\ifx, \ifthenelse, ...) are decided where that is possible from the text,
// and count as false elsewhere.
class Expander {
 public:
  Expander(const RawNames& names, ExpansionLimits limits, std::string& out)
      : names_(names), limits_(limits), work_(limits.work), out_(out) {}

  // Takes the abbreviations that style files define; nothing of them is text. work: as in the limits, for this alone.
  void read_style(View text, size_t work);

  // Appends the expansion of the document.
  void expand(View text);

  const ExpansionCounts& counts() const { return counts_; }

 private:
  friend class Definitions;
  friend class Tests;

  // Text being read: the document at the bottom, replacements of macros above it.
  struct Frame {
    const char* p;
    const char* end;
    std::shared_ptr<const std::string> owned;  // where the text lives, unless it is the document's
    size_t depth;
    bool at_letter;
    bool gobble;    // blanks behind it are those behind a macro's name
    size_t closes;  // braces to write behind it
  };

  // What a name means, unless it means itself.
  struct Meaning {
    enum class Kind { itself, macro, alias, test, set_true, set_false };
    Kind kind = Kind::itself;
    MacroPtr macro{};
    std::string alias{};     // text it stands for
    std::string flag{};      // of \newif
    size_t global_since = 0;  // number of the last change that was global
    bool internal = false;    // a style file's own, unknown to the document
  };

  enum class Math { none, inline_math, display };
  enum class Written { other, word, tag };

  // An open brace or environment, and what to restore when it closes.
  struct Group {
    std::string environment;  // empty for a brace
    size_t undo;              // definitions before it
    Math math;
    size_t pending;
    bool alltt;
  };
  struct Undo {
    std::string name;
    Meaning meaning;
    size_t change;
  };

  Frame& top() { return frames_.back(); }
  bool in_document() const { return scanner_ && !frames_.back().owned; }
  // Takes `bytes` from the work left; false, for good, when there is not enough.
  bool spend(size_t bytes);

  void run(size_t base);
  // Expands `text` by itself, up to its end, into the output.
  void run_alone(std::string text, size_t depth, bool at_letter);
  // What `text` expands to by itself.
  std::string expansion(std::string text, size_t depth, bool at_letter);
  void step();
  void push(std::string text, size_t depth, bool at_letter, bool gobble);
  void pop();
  // Drops frames that are read to their end; false when nothing is left to read.
  bool settle();
  // The next character that is not a space, the spaces passed; 0 at the end.
  char peek();
  void skip_gobbled();
  // Passes the end of a line from which everything was removed.
  void end_removal();
  bool on_blank_line() const;

  void write(View text);
  void copy_text(Frame& frame, const char* q);
  void copy_control(const Control& control, size_t token_arguments = 0);
  void dollar();

  void control();
  bool raw();
  void primitive(const Control& control);
  void programming(const Control& control, Primitive kind);
  void ensure_math(const char* after);
  void make_space(const char* after);
  void if_next(const char* after);
  void choose_style(const char* after);
  void named_command(const Control& control);
  void expand_after(const Control& control);
  void future_let(const char* after);
  bool loop(const Control& control);
  // What comes next, blanks passed; empty at the end.
  std::string next_token() const;

  void use(const Macro& macro, const char* after);
  void drop_use(const char* after);
  std::optional<std::string> replacement(const Macro& macro, bool& took);
  bool read_argument(const Parameter& parameter, const Macro& macro, View& argument);
  bool read_plain(View& argument);
  bool read_delimited(const Parameter& parameter, bool is_long, View& argument);
  bool read_optional(const Parameter& parameter, View& argument);
  // A group's content, or one token.
  bool read_group(std::string& content);

  void open_group(std::string environment);
  void close_group();
  void close_brace();
  void begin_environment(const Control& control);
  void end_environment(const Control& control);

  const Meaning* meaning(View name) const;
  void define(View name, Meaning meaning, bool global);
  void define_macro(View name, Macro macro, bool global);

  const RawNames& names_;
  const ExpansionLimits limits_;
  size_t work_;
  std::string& out_;
  RawScanner* scanner_ = nullptr;
  bool style_ = false;

  std::vector<Frame> frames_;
  std::vector<std::shared_ptr<const std::string>> kept_alive_;  // of frames gone whose text is still being read
  size_t floor_ = 0;    // frames below are not read now
  size_t nesting_ = 0;  // of run_alone
  size_t closes_ = 0;   // braces to write before anything else
  bool gobble_ = false;

  ByName<Meaning> meanings_;
  ByName<bool> flags_;
  ByName<Environment> environments_;
  std::vector<Group> groups_;
  std::vector<Undo> undo_;
  size_t changes_ = 0;

  size_t open_tests_ = 0;
  size_t pending_ = 0;  // arguments the last command still takes, which may be single tokens
  Math math_ = Math::none;
  bool alltt_ = false;
  bool text_argument_ = false;  // a brace here opens text, inside mathematics too
  Written written_ = Written::other;
  ExpansionCounts counts_;
};

}  // namespace kernels::tex
