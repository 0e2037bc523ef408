// The commands that define macros and environments.
#pragma once

#include "tex_expander.hpp"

namespace kernels::tex {

class Definitions {
 public:
  explicit Definitions(Expander& expander) : expander_(expander) {}

  // Reads the definition that `control` begins and takes it from the text. False, with nothing read, when it is none.
  bool command(Primitive kind, const Control& control);

 private:
  struct Name {
    std::string text;
    const char* end = nullptr;
  };

  bool new_command(Primitive kind);
  bool def(bool global, bool expanded);
  bool let(bool global);
  bool name_def();
  bool math_operator();
  bool paired_delimiter();
  bool general_delimiter(const Control& control);
  bool document_command(const Control& control);
  bool new_environment();
  void write_tags(std::string& begin, std::string& end) const;
  bool new_theorem();
  bool new_if();
  bool prefix(const Control& control);

  void skip_space() { p_ = tex::skip_space(p_, end_); }
  bool skip_star();
  bool name(std::string& text);
  bool csname(std::string& text);
  bool group(std::string& content);
  bool group_or_token(std::string& content);
  bool bracket(std::string& content);
  bool counted_parameters(Macro& macro, size_t optionals);
  bool parameter_text(Macro& macro);
  void finish();

  Expander& expander_;
  const char* p_ = nullptr;
  const char* end_ = nullptr;
  bool at_letter_ = false;
  bool is_long_ = false;
  bool global_ = false;
};

}  // namespace kernels::tex
