#include <nanobind/stl/string.h>

#include "bindings.hpp"
#include "fasttext.hpp"

namespace kernels {
namespace {

using fasttext::Classifier;

nb::list labels(const Classifier& classifier) {
  const fasttext::Vocabulary& vocabulary = classifier.model().vocabulary;
  nb::list result;
  for (uint32_t number = 0; number < vocabulary.labels(); ++number) {
    const std::string_view name = vocabulary.label(number);
    result.append(nb::str(name.data(), name.size()));
  }
  return result;
}

const char* loss(const Classifier& classifier) {
  switch (classifier.model().output.loss()) {
    case fasttext::Loss::kHierarchicalSoftmax:
      return "hs";
    case fasttext::Loss::kNegativeSampling:
      return "ns";
    case fasttext::Loss::kSoftmax:
      return "softmax";
    case fasttext::Loss::kOneVersusAll:
      return "ova";
  }
  return "";
}

nb::tuple predict(Classifier& classifier, nb::handle array, bool delete_newlines) {
  const ArrowInput input(array);
  const size_t size = input.column().size();
  Buffer<int32_t> best(size);
  Buffer<float> probabilities(size);
  {
    nb::gil_scoped_release release;
    classifier.predict(input.column(), delete_newlines, best.data(), probabilities.data());
  }
  return nb::make_tuple(to_numpy(std::move(best)), to_numpy(std::move(probabilities)));
}

}  // namespace

void register_fasttext(nb::module_& m) {
  nb::class_<Classifier>(m, "FastText")
      .def(nb::init<const std::string&>(), nb::arg("path"), nb::call_guard<nb::gil_scoped_release>())
      .def_prop_ro("labels", labels)
      .def_prop_ro("dimension", [](const Classifier& classifier) { return classifier.model().dimension(); })
      .def_prop_ro("loss", loss)
      .def("predict", predict, nb::arg("text"), nb::arg("delete_newlines"));
}

}  // namespace kernels
