#include <nanobind/stl/optional.h>

#include <optional>

#include "bindings.hpp"
#include "ccnet_forms.hpp"
#include "duplicate_set.hpp"
#include "lines.hpp"

namespace kernels {
namespace {

// Keeps the arrays alive.
struct BoundDuplicateSet {
  Input<uint64_t> keys;
  std::optional<Output<uint8_t>> spared;
  DuplicateSet set;

  BoundDuplicateSet(Input<uint64_t> k, std::optional<Output<uint8_t>> s)
      : keys(std::move(k)), spared(std::move(s)), set(keys.data(), keys.size()) {
    if (spared && spared->size() != keys.size()) throw nb::value_error("keys and spared differ in length");
  }
};

nb::tuple bind_line_hashes(nb::handle array) {
  const ArrowInput input(array);
  const Column& text = input.column();
  Buffer<int64_t> offsets(text.size() + 1);
  Buffer<uint64_t> hashes;
  {
    nb::gil_scoped_release release;
    hashes = Buffer<uint64_t>(static_cast<size_t>(line_offsets(text, offsets.data())));
    hash_lines(text, ccnet::dedup_form(), hashes.data());
  }
  return nb::make_tuple(to_numpy(std::move(hashes)), to_numpy(std::move(offsets)));
}

nb::tuple bind_remove_lines(nb::handle array, const Input<uint64_t>& hashes, const Input<int64_t>& offsets,
                            const BoundDuplicateSet& duplicates) {
  const ArrowInput input(array);
  const Column& text = input.column();
  if (offsets.size() != text.size() + 1) throw nb::value_error("offsets must be one longer than text");
  RemovedLines removed = [&] {
    nb::gil_scoped_release release;
    return remove_lines(text, hashes.data(), hashes.size(), offsets.data(), duplicates.set,
                        duplicates.spared ? duplicates.spared->data() : nullptr);
  }();
  return nb::make_tuple(to_numpy(std::move(removed.text)), to_numpy(std::move(removed.line_offsets)),
                        to_numpy(std::move(removed.line_ids)), to_numpy(std::move(removed.lines)),
                        to_numpy(std::move(removed.characters)));
}

Numpy<bool> bind_contains(const BoundDuplicateSet& duplicates, const Input<uint64_t>& hashes) {
  Buffer<bool> found(hashes.size());
  {
    nb::gil_scoped_release release;
    Buffer<size_t> positions(hashes.size());
    duplicates.set.find(hashes.data(), hashes.size(), positions.data());
    for (size_t i = 0; i < hashes.size(); ++i) found[i] = positions[i] != DuplicateSet::kAbsent;
  }
  return to_numpy(std::move(found));
}

}  // namespace

void register_lines(nb::module_& m) {
  nb::class_<BoundDuplicateSet>(
      m, "DuplicateSet",
      "Line keys for fast membership tests, from a sorted array of unique uint64 keys. The array may be memory-mapped; "
      "it is kept and not copied, and an index of 1 to 2 bytes per key is added. `spared`, uint8, is 1 for keys of which "
      "the first line that `remove_lines` meets stays, and is set to 0 as that happens. ValueError if the keys do not "
      "ascend or the lengths differ.")
      .def(nb::init<Input<uint64_t>, std::optional<Output<uint8_t>>>(), nb::arg("keys").noconvert(),
           nb::arg("spared").noconvert().none() = nb::none())
      .def("contains", bind_contains, nb::arg("hashes").noconvert(),
           "Whether each of the uint64 hashes is a member, bool[n].")
      .def("__len__", [](const BoundDuplicateSet& duplicates) { return duplicates.set.size(); })
      .def_prop_ro(
          "nbytes",
          [](const BoundDuplicateSet& duplicates) {
            return duplicates.set.size() * sizeof(uint64_t) + duplicates.set.index_bytes();
          },
          "Bytes of the keys and the index.");
  m.def("line_hashes", bind_line_hashes, nb::arg("text"));
  m.def("remove_lines", bind_remove_lines, nb::arg("text"), nb::arg("hashes").noconvert(),
        nb::arg("offsets").noconvert(), nb::arg("duplicates"));
}

}  // namespace kernels
