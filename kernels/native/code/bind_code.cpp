#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "code_statistics.hpp"
#include "licence_header.hpp"

namespace kernels {
namespace {

code::Syntax syntax_of(const nb::dict& fields) {
  code::Syntax syntax;
  syntax.line = nb::cast<std::vector<std::string>>(fields["line"]);
  syntax.block = nb::cast<std::vector<std::pair<std::string, std::string>>>(fields["block"]);
  syntax.prolog = nb::cast<std::vector<std::pair<std::string, std::string>>>(fields["prolog"]);
  syntax.nested = nb::cast<bool>(fields["nested"]);
  syntax.at_line_start = nb::cast<bool>(fields["at_line_start"]);
  syntax.indented = nb::cast<std::string>(fields["indented"]);
  syntax.line_end = nb::cast<std::string>(fields["line_end"]);
  syntax.docstrings = nb::cast<std::vector<std::string>>(fields["docstrings"]);
  return syntax;
}

code::Phrases phrases_of(const nb::dict& fields) {
  const auto list = [&](const char* name) { return nb::cast<std::vector<std::string>>(fields[name]); };
  return {list("strong"), list("line"), list("weak"), list("openers"), list("directives"), list("hints")};
}

std::string_view view(const Column& column, size_t index) {
  const Text text = column[index];
  return {reinterpret_cast<const char*>(text.begin), static_cast<size_t>(text.end - text.begin)};
}

class LeadingComments {
 public:
  LeadingComments(const std::vector<nb::dict>& syntaxes, const nb::dict& phrases) : phrases_(phrases_of(phrases)) {
    for (const nb::dict& fields : syntaxes) syntaxes_.push_back(syntax_of(fields));
  }

  nb::tuple without_licence(nb::handle array, const Input<int32_t>& syntax) const {
    const auto append = [&](std::string_view text, const code::Syntax* written, Buffer<uint8_t>& out) {
      const code::Gaps gaps = written ? code::licence_headers(text, *written, phrases_) : code::Gaps{};
      code::append_without(text, gaps, out);
    };
    return each(array, syntax, true, append);
  }

  nb::tuple words(nb::handle array, const Input<int32_t>& syntax) const {
    std::string words;
    const auto append = [&](std::string_view text, const code::Syntax* written, Buffer<uint8_t>& out) {
      if (!written) return;
      words.clear();
      code::append_words(text, *written, phrases_, words);
      code::append_without(words, {}, out);
    };
    return each(array, syntax, false, append);
  }

 private:
  // as_long: whether about as many bytes come out as go in.
  template <class Append>
  nb::tuple each(nb::handle array, const Input<int32_t>& syntax, bool as_long, Append append_text) const {
    const ArrowInput input(array);
    const Column& text = input.column();
    if (syntax.size() != text.size()) throw nb::value_error("as many syntaxes as texts are needed");
    TextBuffer result(as_long ? text.total_bytes() : 0);
    {
      nb::gil_scoped_release release;
      for (size_t i = 0; i < text.size(); ++i) {
        const int32_t number = syntax(i);
        if (number >= static_cast<int32_t>(syntaxes_.size())) throw std::out_of_range("no such syntax");
        append_text(view(text, i), number < 0 ? nullptr : &syntaxes_[static_cast<size_t>(number)], result.bytes);
        result.end_value();
      }
    }
    return to_numpy(std::move(result));
  }

  std::vector<code::Syntax> syntaxes_;
  code::Phrases phrases_;
};

nb::dict bind_code_statistics(nb::handle array) {
  const ArrowInput input(array);
  const Buffer<code::Statistics> rows = [&] {
    nb::gil_scoped_release release;
    return code::statistics(input.column());
  }();
  nb::dict result;
  constexpr size_t kFields = std::size(code::kStatisticsNames);
  static_assert(sizeof(code::Statistics) == kFields * sizeof(int64_t));
  for (size_t field = 0; field < kFields; ++field) {
    Buffer<int64_t> column(rows.size());
    for (size_t row = 0; row < rows.size(); ++row)
      column[row] = reinterpret_cast<const int64_t*>(&rows[row])[field];
    result[code::kStatisticsNames[field]] = to_numpy(std::move(column));
  }
  return result;
}

}  // namespace

void register_code(nb::module_& m) {
  nb::class_<LeadingComments>(m, "LeadingComments")
      .def(nb::init<const std::vector<nb::dict>&, const nb::dict&>(), nb::arg("syntaxes"), nb::arg("phrases"))
      .def("without_licence", &LeadingComments::without_licence, nb::arg("text"), nb::arg("syntax"))
      .def("words", &LeadingComments::words, nb::arg("text"), nb::arg("syntax"));
  m.def("code_statistics", bind_code_statistics, nb::arg("text"));
}

}  // namespace kernels
