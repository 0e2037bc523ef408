#include <nanobind/stl/string.h>

#include "bindings.hpp"
#include "bytes.hpp"
#include "ccnet_forms.hpp"
#include "sha1.hpp"
#include "text.hpp"
#include "unicode_tables.hpp"

namespace kernels {
namespace {

// Runs `kernel`, a function of a Column, without the interpreter lock.
template <class Kernel>
auto without_lock(nb::handle array, Kernel kernel) {
  const ArrowInput input(array);
  nb::gil_scoped_release release;
  return kernel(input.column());
}

template <class Kernel>
Numpy<int64_t> counts(nb::handle array, Kernel kernel) {
  return to_numpy(without_lock(array, [&](const Column& text) {
    Buffer<int64_t> result(text.size());
    kernel(text, result.data());
    return result;
  }));
}

nb::bytes bind_sha1(nb::bytes message, bool portable) {
  const sha1::Compress compress = portable ? sha1::compress_portable : sha1::best_compress();
  Buffer<uint8_t> room(message.size() + sha1::kPaddingRoom);
  append(room.data(), reinterpret_cast<const uint8_t*>(message.c_str()),
         reinterpret_cast<const uint8_t*>(message.c_str()) + message.size());
  sha1::State state = sha1::hash_in_place(room.data(), message.size(), compress);
  for (uint32_t& word : state) word = __builtin_bswap32(word);
  return nb::bytes(state.data(), sizeof state);
}

}  // namespace

void register_text(nb::module_& m) {
  m.attr("UNICODE_VERSION") = unicode::kVersion;
  m.def("sha1", bind_sha1, nb::arg("message"), nb::arg("portable"));
  m.def("sha1_accelerated", [] { return sha1::accelerated_compress() != nullptr; });
  m.def("count_lines", [](nb::handle text) { return counts(text, count_lines); }, nb::arg("text"));
  m.def("count_characters", [](nb::handle text) { return counts(text, count_characters); }, nb::arg("text"));
  m.def(
      "normalize_dedup",
      [](nb::handle text) {
        const auto kernel = [](const Column& column) { return normalize(column, ccnet::dedup_form()); };
        return to_numpy(without_lock(text, kernel));
      },
      nb::arg("text"));
  m.def(
      "normalize_lm",
      [](nb::handle text, bool per_line) {
        return to_numpy(without_lock(text, [per_line](const Column& column) {
          const NormalForm& form = ccnet::language_model_form();
          return per_line ? normalize_per_line(column, form) : normalize(column, form);
        }));
      },
      nb::arg("text"), nb::arg("per_line"));
}

}  // namespace kernels
