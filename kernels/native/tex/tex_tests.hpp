// Tests of TeX and LaTeX, as far as the text decides them.
#pragma once

#include <initializer_list>

#include "tex_expander.hpp"

namespace kernels::tex {

// LaTeX commands of the shape \test{...}{true}{false}.
std::initializer_list<View> latex_tests();

class Tests {
 public:
  explicit Tests(Expander& expander) : expander_(expander) {}

  // Does what `control` says: keeps the branch that holds and takes the rest from the text. A test that the text does
  // not decide is false. False, with nothing read, when the command is no test here.
  bool command(Primitive kind, const Control& control);

 private:
  bool test(const Control& control);
  bool latex_test(const Control& control);
  bool decide(View name);
  bool same_meaning();
  bool compare_numbers();
  std::optional<long> number();
  long chosen_case();
  bool holds(View condition) const;
  // Moves past the branch at the place being read: to behind its \else (when `to_else`) or its \fi. False, with nothing
  // moved, when it does not end.
  bool skip_branch(bool to_else, long cases);
  View token();
  View meant(View token) const;

  Expander& expander_;
};

}  // namespace kernels::tex
