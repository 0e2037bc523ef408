// What the binding files share: Arrow arrays in, numpy arrays out, neither copied.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdlib>

#include "buffer.hpp"
#include "column.hpp"

namespace kernels {

namespace nb = nanobind;

template <class T>
using Numpy = nb::ndarray<nb::numpy, T, nb::ndim<1>>;
template <class T>
using Input = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class T>
using Output = nb::ndarray<T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

template <class T>
Numpy<T> to_numpy(Buffer<T>&& buffer) {
  const size_t size = buffer.size();
  T* data = buffer.release();
  nb::capsule owner(data, [](void* p) noexcept { std::free(p); });
  return Numpy<T>(data, {size}, owner);
}

// (offsets int64[size + 1], bytes uint8)
inline nb::tuple to_numpy(TextBuffer&& text) {
  return nb::make_tuple(to_numpy(std::move(text.offsets)), to_numpy(std::move(text.bytes)));
}

// An object with the Arrow PyCapsule interface, kept alive while its buffers are read.
class ArrowInput {
 public:
  // Raises TypeError unless `array` is a large_string or large_binary array.
  explicit ArrowInput(nb::handle array);

  const Column& column() const { return column_; }

 private:
  nb::object capsules_;
  Column column_;
};

void register_code(nb::module_& m);
void register_fasttext(nb::module_& m);
void register_html(nb::module_& m);
void register_posts(nb::module_& m);
void register_perplexity(nb::module_& m);
void register_tex(nb::module_& m);
void register_text(nb::module_& m);
void register_lines(nb::module_& m);
void register_wet(nb::module_& m);
void register_keys(nb::module_& m);
void register_quality(nb::module_& m);
void register_c4(nb::module_& m);
void register_wikitext(nb::module_& m);
void register_minhash(nb::module_& m);

}  // namespace kernels
