#include <algorithm>

#include "bindings.hpp"
#include "minhash.hpp"
#include "offsets.hpp"
#include "sha1.hpp"

namespace kernels {
namespace {

nb::tuple bind_text_hashes(nb::handle array) {
  const ArrowInput input(array);
  const Column& text = input.column();
  Buffer<uint64_t> first(text.size()), second(text.size());
  {
    nb::gil_scoped_release release;
    const sha1::Compress compress = sha1::best_compress();
    for (size_t i = 0; i < text.size(); ++i) {
      const Text value = text[i];
      const sha1::State state = sha1::hash(value.begin, static_cast<size_t>(value.end - value.begin), compress);
      first[i] = sha1::key_of(state);
      second[i] = __builtin_bswap64(static_cast<uint64_t>(state[2]) << 32 | state[3]);
    }
  }
  return nb::make_tuple(to_numpy(std::move(first)), to_numpy(std::move(second)));
}

nb::tuple bind_minhash(nb::handle array, size_t words, const Input<uint32_t>& a, const Input<uint32_t>& b) {
  const ArrowInput input(array);
  const Column& text = input.column();
  if (a.size() != b.size()) throw nb::value_error("a and b differ in length");
  Buffer<uint32_t> signatures(text.size() * a.size());
  Buffer<int64_t> shingles(text.size());
  {
    nb::gil_scoped_release release;
    minhash(text, words, {a.data(), b.data(), a.size()}, signatures.data(), shingles.data());
  }
  return nb::make_tuple(to_numpy(std::move(signatures)), to_numpy(std::move(shingles)));
}

nb::tuple bind_shingle_sets(nb::handle array, size_t words) {
  const ArrowInput input(array);
  ShingleSets sets = [&] {
    nb::gil_scoped_release release;
    return shingle_sets(input.column(), words);
  }();
  return nb::make_tuple(to_numpy(std::move(sets.offsets)), to_numpy(std::move(sets.hashes)));
}

nb::tuple bind_shingle_samples(nb::handle array, size_t words, uint64_t highest) {
  const ArrowInput input(array);
  Buffer<int64_t> shingles(input.column().size());
  ShingleSets samples = [&] {
    nb::gil_scoped_release release;
    return shingle_samples(input.column(), words, highest, shingles.data());
  }();
  return nb::make_tuple(to_numpy(std::move(samples.offsets)), to_numpy(std::move(samples.hashes)),
                        to_numpy(std::move(shingles)));
}

Numpy<int64_t> bind_count_common(const Input<uint64_t>& hashes, const Input<int64_t>& offsets,
                                 const Input<int64_t>& left, const Input<int64_t>& right) {
  if (offsets.size() == 0) throw nb::value_error("offsets must have one more element than there are sets");
  check_offsets(offsets.data(), offsets.size() - 1, hashes.size());
  if (left.size() != right.size()) throw nb::value_error("left and right differ in length");
  const auto sets = static_cast<int64_t>(offsets.size()) - 1;
  for (size_t i = 0; i < left.size(); ++i)
    if (std::min(left.data()[i], right.data()[i]) < 0 || std::max(left.data()[i], right.data()[i]) >= sets)
      throw nb::value_error("a pair names a set that is not there");
  Buffer<int64_t> common(left.size());
  {
    nb::gil_scoped_release release;
    count_common(hashes.data(), offsets.data(), left.data(), right.data(), left.size(), common.data());
  }
  return to_numpy(std::move(common));
}

// Pairs come in the order of their later document, so what happens to the earlier one is known by then.
Numpy<bool> bind_choose_survivors(const Input<uint64_t>& later, const Input<uint64_t>& earlier,
                                  const Output<uint8_t>& dropped) {
  if (later.size() != earlier.size()) throw nb::value_error("later and earlier differ in length");
  Buffer<bool> decisive(later.size());
  uint8_t* const bits = dropped.data();
  const auto is_dropped = [bits](uint64_t document) { return bits[document / 8] >> (document % 8) & 1; };
  nb::gil_scoped_release release;
  for (size_t i = 0; i < later.size(); ++i)
    if (std::max(later.data()[i], earlier.data()[i]) / 8 >= dropped.size())
      throw std::invalid_argument("a pair names a document that is not there");
  for (size_t i = 0; i < later.size(); ++i) {
    const uint64_t document = later.data()[i];
    decisive[i] = !is_dropped(earlier.data()[i]);
    if (decisive[i]) bits[document / 8] = static_cast<uint8_t>(bits[document / 8] | 1u << (document % 8));
  }
  nb::gil_scoped_acquire acquire;
  return to_numpy(std::move(decisive));
}

}  // namespace

void register_minhash(nb::module_& m) {
  m.def("text_hashes", bind_text_hashes, nb::arg("text"));
  m.def("minhash", bind_minhash, nb::arg("text"), nb::arg("words"), nb::arg("a").noconvert(),
        nb::arg("b").noconvert());
  m.def("shingle_sets", bind_shingle_sets, nb::arg("text"), nb::arg("words"));
  m.def("shingle_samples", bind_shingle_samples, nb::arg("text"), nb::arg("words"), nb::arg("highest"));
  m.def("count_common", bind_count_common, nb::arg("hashes").noconvert(), nb::arg("offsets").noconvert(),
        nb::arg("left").noconvert(), nb::arg("right").noconvert());
  m.def("choose_survivors", bind_choose_survivors, nb::arg("later").noconvert(), nb::arg("earlier").noconvert(),
        nb::arg("dropped").noconvert());
}

}  // namespace kernels
