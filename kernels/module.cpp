#include <nanobind/nanobind.h>

namespace nb = nanobind;

NB_MODULE(_native, m) {
  m.doc() = "Hot loops over Arrow buffers; see the package docstring.";
}
