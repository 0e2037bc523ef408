// Commands that mean something to the expander; all others are text.
#pragma once

#include "tex_lexer.hpp"

namespace kernels::tex {

enum class Primitive : uint8_t {
  none,
  begin,
  end,
  raw,  // may begin verbatim text or a URL
  // definitions
  new_command,
  provide_command,
  two_optional_command,
  def,
  gdef,
  edef,
  xdef,
  let,
  name_def,
  math_operator,
  paired_delimiter,
  general_delimiter,
  document_command,
  new_environment,
  new_theorem,
  new_if,
  prefix,
  // characters
  make_at_letter,
  make_at_other,
  catcode,
  // mathematics
  open_inline,
  open_display,
  close_math,
  // tests
  test,
  otherwise,
  end_test,
  latex_test,
  // definitions made in a row
  loop,
  // what macros are made of
  ensure_math,
  space,
  if_next,
  if_star,
  math_style,
  csname,
  future_let,
  no_expand,
  nothing,
};

struct PrimitiveEntry {
  Primitive kind = Primitive::none;
  uint8_t token_arguments = 0;  // arguments that may be single tokens
  bool takes_text = false;      // its argument is text, inside mathematics too
};

PrimitiveEntry primitive_of(View name);

inline bool is_definition(Primitive kind) { return kind >= Primitive::new_command && kind <= Primitive::prefix; }

}  // namespace kernels::tex
