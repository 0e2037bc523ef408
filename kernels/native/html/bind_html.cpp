#include <nanobind/stl/string.h>

#include "bindings.hpp"
#include "html.hpp"
#include "html_entities.hpp"
#include "html_post.hpp"
#include "html_tree.hpp"

namespace kernels {
namespace {

nb::tuple bind_html_text(nb::handle array, bool main_content) {
  const ArrowInput input(array);
  HtmlText text = [&] {
    nb::gil_scoped_release release;
    return html_text(input.column(), main_content);
  }();
  return nb::make_tuple(to_numpy(std::move(text.title)), to_numpy(std::move(text.text)));
}

nb::tuple bind_post_text(nb::handle array, bool flat, bool fences) {
  const ArrowInput input(array);
  TextBuffer text = [&] {
    nb::gil_scoped_release release;
    return post_text(input.column(), {flat, fences});
  }();
  return to_numpy(std::move(text));
}

// The tree as (name, text, depth) of every node, for comparison with other parsers.
nb::list bind_html_tree(nb::bytes page) {
  html::Tree tree;
  html::parse({page.c_str(), page.size()}, tree);
  nb::list nodes;
  std::vector<size_t> depths(tree.nodes.size());
  for (size_t i = 0; i < tree.nodes.size(); ++i) {
    const html::Node& node = tree.nodes[i];
    depths[i] = i ? depths[node.parent] + 1 : 0;
    const std::string_view text = node.is_text() ? tree.text(node) : std::string_view();
    nodes.append(nb::make_tuple(html::tag_name(node.tag), nb::bytes(text.data(), text.size()), depths[i]));
  }
  return nodes;
}

nb::bytes bind_unescape(nb::bytes text) {
  const uint8_t* p = reinterpret_cast<const uint8_t*>(text.c_str());
  const uint8_t* end = p + text.size();
  Buffer<uint8_t> out;
  while (p < end) {
    out.make_room(html::kLongestReferenceText);
    if (*p == '&') {
      const html::Reference reference = html::write_reference(p, end, out.end());
      out.set_end(reference.out);
      p = reference.behind;
    } else {
      out.push_back(*p++);
    }
  }
  return nb::bytes(out.data(), out.size());
}

}  // namespace

void register_html(nb::module_& m) {
  m.def("html_text", bind_html_text, nb::arg("page"), nb::arg("main_content"));
  m.def("post_text", bind_post_text, nb::arg("post"), nb::arg("flat"), nb::arg("fences"));
  m.def("html_tree", bind_html_tree, nb::arg("page"));
  m.def("html_unescape", bind_unescape, nb::arg("text"));
}

}  // namespace kernels
