#include "html_title.hpp"

#include <vector>

#include "html_text.hpp"

namespace kernels::html {
namespace {

constexpr uint32_t kNone = 0;

// Number of the first element for which `wanted` holds, drawings passed over; kNone without one.
template <class Wanted>
uint32_t find_first(const Tree& tree, Wanted wanted) {
  for (uint32_t i = 1; i < tree.nodes.size();) {
    const Node& node = tree.nodes[i];
    if (wanted(node)) return i;
    i = node.tag == Tag::kSvg ? node.end : i + 1;
  }
  return kNone;
}

bool write_element(const Tree& tree, uint32_t number, Buffer<uint8_t>& out) {
  if (number == kNone) return false;
  const size_t before = out.size();
  write_line(tree, number, out);
  return out.size() > before;
}

}  // namespace

void write_title(const Tree& tree, Buffer<uint8_t>& out) {
  if (write_element(tree, find_first(tree, [](const Node& node) { return node.tag == Tag::kTitle; }), out)) return;
  const uint32_t told = find_first(tree, [&](const Node& node) {
    const std::string_view* property = node.tag == Tag::kMeta ? tree.find(node, AttributeName::kProperty) : nullptr;
    return property && *property == "og:title" && tree.find(node, AttributeName::kContent);
  });
  if (told != kNone) return write_line(*tree.find(tree.nodes[told], AttributeName::kContent), out);
  write_element(tree, find_first(tree, [](const Node& node) { return node.tag == Tag::kH1; }), out);
}

}  // namespace kernels::html
