#include "ngram.hpp"

#include <nanobind/stl/string.h>
#include <stdexcept>
#include <system_error>

#include "ngram_count.hpp"
#include "ngram_estimate.hpp"

namespace nb = nanobind;

namespace {

using namespace ngram;

void stop_on_signal() {
  nb::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

void translate_system_error(const std::exception_ptr& pointer, void*) {
  try {
    std::rethrow_exception(pointer);
  } catch (const std::system_error& error) {
    const std::string what = error.code().message();
    const std::string path = std::string(error.what()).substr(0, std::string(error.what()).rfind(": " + what));
    const nb::object arguments = nb::make_tuple(error.code().value(), what, path);
    PyErr_SetObject(PyExc_OSError, arguments.ptr());
  }
}

nb::list describe_orders(const AdjustedCounts& counts, const std::vector<Discount>& discounts) {
  nb::list orders;
  for (std::size_t i = 0; i < discounts.size(); ++i) {
    nb::dict order;
    order["ngrams"] = counts.statistics[i].ngrams;
    order["discounts"] = nb::make_tuple(discounts[i].amount[1], discounts[i].amount[2], discounts[i].amount[3]);
    order["fallback"] = discounts[i].fallback;
    orders.append(order);
  }
  return orders;
}

class Estimator {
 public:
  Estimator(int order, std::size_t memory, std::string directory)
      : order_(order),
        plan_(MemoryPlan::divide(memory, order)),
        directory_(std::move(directory)),
        text_(directory_, plan_.tokens) {}

  void add_lines(const nb::bytes& lines) {
    refuse_if_written();
    const std::string_view view(lines.c_str(), lines.size());
    nb::gil_scoped_release release;
    text_.add(view);
  }

  nb::dict write_arpa(const std::string& path) {
    refuse_if_written();
    written_ = true;
    AdjustedCounts counts;
    std::vector<Discount> discounts;
    std::uint64_t spilled;
    {
      nb::gil_scoped_release release;
      counts = count_ngrams(text_, order_, plan_, directory_, stop_on_signal);
      for (const OrderStatistics& order : counts.statistics) discounts.push_back(discount_from(order));
      spilled = write_model(counts, discounts, text_.vocabulary, plan_, directory_, path, stop_on_signal);
    }
    nb::dict summary;
    summary["sentences"] = text_.sentences;
    summary["tokens"] = text_.words;
    summary["skipped_symbols"] = text_.skipped;
    summary["orders"] = describe_orders(counts, discounts);
    summary["spilled_bytes"] = spilled;
    return summary;
  }

 private:
  void refuse_if_written() const {
    if (written_) throw std::invalid_argument("the model is written; make another estimator");
  }

  bool written_ = false;
  int order_;
  MemoryPlan plan_;
  std::string directory_;
  TokenText text_;
};

}  // namespace

void register_ngram(nb::module_& module) {
  nb::register_exception_translator(translate_system_error);
  nb::class_<Estimator>(module, "NgramEstimator")
      .def(nb::init<int, std::size_t, std::string>(), nb::arg("order"), nb::arg("memory"), nb::arg("directory"))
      .def("add_lines", &Estimator::add_lines, nb::arg("lines"))
      .def("write_arpa", &Estimator::write_arpa, nb::arg("path"));
}
