#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <stdexcept>

#include "bindings.hpp"
#include "langdetect.hpp"
#include "lines.hpp"
#include "select_lines.hpp"
#include "utf8.hpp"
#include "word_list.hpp"

namespace kernels {
namespace {

nb::tuple bind_lower_line_hashes(nb::handle array) {
  const ArrowInput input(array);
  const Column& text = input.column();
  Buffer<int64_t> offsets(text.size() + 1);
  Buffer<uint64_t> hashes;
  {
    nb::gil_scoped_release release;
    hashes = Buffer<uint64_t>(static_cast<size_t>(line_offsets(text, offsets.data())));
    hash_lines(text, lower_form(), hashes.data());
  }
  return nb::make_tuple(to_numpy(std::move(hashes)), to_numpy(std::move(offsets)));
}

nb::tuple bind_select_lines(nb::handle array, const Input<uint64_t>& hashes, const Input<int64_t>& offsets,
                            const Input<bool>& keep) {
  const ArrowInput input(array);
  const Column& text = input.column();
  if (offsets.size() != text.size() + 1) throw nb::value_error("offsets must be one longer than text");
  if (keep.size() != hashes.size()) throw nb::value_error("keep must be as long as hashes");
  SelectedLines selected = [&] {
    nb::gil_scoped_release release;
    return select_lines(text, hashes.data(), hashes.size(), offsets.data(), keep.data());
  }();
  return nb::make_tuple(to_numpy(std::move(selected.text)), to_numpy(std::move(selected.unselected)),
                        to_numpy(std::move(selected.repeated)));
}

Numpy<bool> bind_occurs_in(WordList& words, nb::handle array) {
  const ArrowInput input(array);
  Buffer<bool> found(input.column().size());
  for (size_t i = 0; i < found.size(); ++i) found[i] = words.occurs_in(input.column()[i]);
  return to_numpy(std::move(found));
}

std::u32string decoded(const std::string& text) {
  std::u32string codes;
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = p + text.size();
  while (p < end) {
    const utf8::Decoded character = utf8::decode(p, end);
    codes.push_back(character.code);
    p += character.length;
  }
  return codes;
}

char32_t checked(uint32_t code) {
  if (code > 0x10FFFF) throw nb::value_error("no such character");
  return code;
}

class BoundDetector {
 public:
  BoundDetector(const std::vector<std::string>& grams, const Input<double>& probabilities, size_t languages,
                const std::vector<std::tuple<uint32_t, uint32_t>>& normal,
                const std::vector<std::tuple<uint32_t, uint32_t, uint32_t>>& compositions) {
    if (languages == 0 || probabilities.size() != grams.size() * languages)
      throw nb::value_error("there must be one probability for each gram in each language");
    profiles_.languages = languages;
    profiles_.probabilities.assign(probabilities.data(), probabilities.data() + probabilities.size());
    std::vector<std::u32string> codes;
    for (const std::string& gram : grams) codes.push_back(decoded(gram));
    profiles_.index(codes);
    for (const auto& [from, to] : normal) profiles_.normal[from] = checked(to);
    for (const auto& [letter, mark, code] : compositions)
      profiles_.compositions[static_cast<uint64_t>(letter) << 32 | mark] = checked(code);
  }

  nb::tuple detect(nb::handle array) const {
    const ArrowInput input(array);
    Buffer<int32_t> languages(input.column().size());
    Buffer<double> probabilities(input.column().size());
    {
      nb::gil_scoped_release release;
      langdetect::Detector detector(profiles_);
      for (size_t i = 0; i < languages.size(); ++i) {
        const langdetect::Detection found = detector.detect(input.column()[i]);
        languages[i] = found.language;
        probabilities[i] = found.probability;
      }
    }
    return nb::make_tuple(to_numpy(std::move(languages)), to_numpy(std::move(probabilities)));
  }

 private:
  langdetect::Profiles profiles_;
};

}  // namespace

void register_c4(nb::module_& m) {
  m.def("lower_line_hashes", bind_lower_line_hashes, nb::arg("text"));
  m.def("select_lines", bind_select_lines, nb::arg("text"), nb::arg("hashes").noconvert(),
        nb::arg("offsets").noconvert(), nb::arg("keep").noconvert());
  nb::class_<WordList>(m, "WordList", "Words looked for in texts, whatever the case of either.")
      .def(nb::init<const std::vector<std::string>&, bool>(), nb::arg("words"), nb::arg("flanked"))
      .def("occurs_in", bind_occurs_in, nb::arg("text"));
  nb::class_<BoundDetector>(m, "LanguageDetector")
      .def(nb::init<const std::vector<std::string>&, const Input<double>&, size_t,
                    const std::vector<std::tuple<uint32_t, uint32_t>>&,
                    const std::vector<std::tuple<uint32_t, uint32_t, uint32_t>>&>(),
           nb::arg("grams"), nb::arg("probabilities").noconvert(), nb::arg("languages"), nb::arg("normal"),
           nb::arg("compositions"))
      .def("detect", &BoundDetector::detect, nb::arg("text"));
}

}  // namespace kernels
