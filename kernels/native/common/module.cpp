#include <nanobind/nanobind.h>

#include "bindings.hpp"
#include "ngram.hpp"

namespace nb = nanobind;

NB_MODULE(_native, m) {
  m.doc() = "Hot loops over Arrow buffers; see the package docstring.";
  kernels::register_code(m);
  kernels::register_fasttext(m);
  kernels::register_html(m);
  kernels::register_posts(m);
  kernels::register_perplexity(m);
  kernels::register_tex(m);
  kernels::register_text(m);
  kernels::register_lines(m);
  kernels::register_keys(m);
  kernels::register_quality(m);
  kernels::register_c4(m);
  kernels::register_wet(m);
  kernels::register_wikitext(m);
  kernels::register_minhash(m);
  register_ngram(m);
}
