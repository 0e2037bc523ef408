#include <nanobind/nanobind.h>

#include "ngram.hpp"

namespace nb = nanobind;

NB_MODULE(_native, m) {
  m.doc() = "Hot loops over Arrow buffers; see the package docstring.";
  register_ngram(m);
}
