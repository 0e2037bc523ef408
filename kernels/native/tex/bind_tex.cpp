#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "tex_comments.hpp"
#include "tex_expander.hpp"
#include "tex_inputs.hpp"
#include "tex_structure.hpp"

namespace kernels {
namespace {

tex::View view(const Column& column, size_t index) {
  const Text text = column[index];
  return {reinterpret_cast<const char*>(text.begin), static_cast<size_t>(text.end - text.begin)};
}

void append_value(TextBuffer& buffer, const std::string& value) {
  buffer.bytes.make_room(value.size());
  std::copy(value.begin(), value.end(), reinterpret_cast<char*>(buffer.bytes.end()));
  buffer.bytes.set_end(buffer.bytes.end() + value.size());
  buffer.end_value();
}

void require_same_size(const Column& text, const Column& styles) {
  if (text.size() != styles.size()) throw std::invalid_argument("as many styles as texts are needed");
}

tex::RawNames raw_names(tex::View text, tex::View style) {
  tex::RawNames names;
  names.discover(style);
  names.discover(text);
  return names;
}

nb::tuple bind_assemble(const std::vector<std::string>& names, nb::handle texts, size_t main, size_t max_bytes) {
  const ArrowInput input(texts);
  if (names.size() != input.column().size() || main >= names.size())
    throw std::invalid_argument("as many names as texts are needed, and the main file among them");
  tex::Assembled result;
  {
    nb::gil_scoped_release release;
    std::vector<tex::SourceFile> files;
    for (size_t i = 0; i < names.size(); ++i) files.push_back({names[i], view(input.column(), i)});
    result = tex::assemble(files, main, max_bytes);
  }
  nb::list missing;
  for (const std::string& name : result.missing) missing.append(nb::bytes(name.data(), name.size()));
  return nb::make_tuple(nb::bytes(result.text.data(), result.text.size()), result.used, missing, result.over_limit);
}

TextBuffer without_comments(const Column& text, const Column& styles) {
  TextBuffer result(text.total_bytes());
  std::string value;
  for (size_t i = 0; i < text.size(); ++i) {
    value.clear();
    tex::remove_comments(view(text, i), raw_names(view(text, i), view(styles, i)), value);
    append_value(result, value);
  }
  return result;
}

nb::tuple bind_remove_comments(nb::handle text, nb::handle styles) {
  const ArrowInput texts(text), style_texts(styles);
  require_same_size(texts.column(), style_texts.column());
  TextBuffer result;
  {
    nb::gil_scoped_release release;
    result = without_comments(texts.column(), style_texts.column());
  }
  return to_numpy(std::move(result));
}

struct Expanded {
  TextBuffer text;
  Buffer<int64_t> definitions, expanded, unexpanded;
};

Expanded expand(const Column& text, const Column& styles, size_t depth, size_t growth) {
  const size_t count = text.size();
  Expanded result{TextBuffer(text.total_bytes()), Buffer<int64_t>(count), Buffer<int64_t>(count),
                  Buffer<int64_t>(count)};
  std::string value, style;
  for (size_t i = 0; i < count; ++i) {
    const tex::View source = view(text, i), style_source = view(styles, i);
    const tex::RawNames names = raw_names(source, style_source);
    value.clear();
    style.clear();
    tex::remove_comments(style_source, names, style);
    constexpr size_t kLeast = 1 << 16;
    tex::Expander expander(names, {depth, growth * source.size() + kLeast}, value);
    expander.read_style(style, growth * style.size() + kLeast);
    expander.expand(source);
    append_value(result.text, value);
    result.definitions[i] = expander.counts().definitions;
    result.expanded[i] = expander.counts().expanded;
    result.unexpanded[i] = expander.counts().unexpanded;
  }
  return result;
}

nb::tuple bind_expand(nb::handle text, nb::handle styles, size_t depth, size_t growth) {
  const ArrowInput texts(text), style_texts(styles);
  require_same_size(texts.column(), style_texts.column());
  std::optional<Expanded> result;
  {
    nb::gil_scoped_release release;
    result = expand(texts.column(), style_texts.column(), depth, growth);
  }
  return nb::make_tuple(to_numpy(std::move(result->text)), to_numpy(std::move(result->definitions)),
                        to_numpy(std::move(result->expanded)), to_numpy(std::move(result->unexpanded)));
}

struct Structure {
  Buffer<int64_t> offsets, begins, ends;
  Buffer<int8_t> parts;
};

nb::tuple bind_structure(nb::handle text, nb::handle styles) {
  const ArrowInput texts(text), style_texts(styles);
  require_same_size(texts.column(), style_texts.column());
  Structure result;
  {
    nb::gil_scoped_release release;
    result.offsets.push_back(0);
    for (size_t i = 0; i < texts.column().size(); ++i) {
      const tex::View source = view(texts.column(), i);
      for (const tex::Mark& mark : tex::structure(source, raw_names(source, view(style_texts.column(), i)))) {
        result.parts.push_back(static_cast<int8_t>(mark.part));
        result.begins.push_back(mark.begin);
        result.ends.push_back(mark.end);
      }
      result.offsets.push_back(static_cast<int64_t>(result.parts.size()));
    }
  }
  return nb::make_tuple(to_numpy(std::move(result.offsets)), to_numpy(std::move(result.parts)),
                        to_numpy(std::move(result.begins)), to_numpy(std::move(result.ends)));
}

}  // namespace

void register_tex(nb::module_& m) {
  m.def("tex_assemble", bind_assemble, nb::arg("names"), nb::arg("texts"), nb::arg("main"), nb::arg("max_bytes"));
  m.def("tex_remove_comments", bind_remove_comments, nb::arg("text"), nb::arg("styles"));
  m.def("tex_expand", bind_expand, nb::arg("text"), nb::arg("styles"), nb::arg("depth"), nb::arg("growth"));
  m.def("tex_structure", bind_structure, nb::arg("text"), nb::arg("styles"));
}

}  // namespace kernels
