// An HTML page as a tree: elements and runs of text in the order in which they begin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "html_tags.hpp"
#include "normal_form.hpp"

namespace kernels::html {

// Attributes that decide what an element is; others are passed over.
enum class AttributeName : uint8_t {
  kAriaHidden,
  kClass,
  kContent,
  kHidden,
  kHref,
  kId,
  kItemprop,
  kName,
  kProperty,
  kRel,
  kRole,
  kStart,
  kStyle,
  kType,
};

struct Attribute {
  AttributeName name;
  std::string_view value;  // as in the source, character references not decoded
};

inline constexpr uint8_t kInLink = 1;      // text between <a href> and </a>
inline constexpr uint8_t kReferences = 2;  // text that may hold character references

struct Node {
  uint32_t parent;
  uint32_t end;    // number behind the last node inside this one
  uint32_t begin;  // of text: its first byte; of an element: its first attribute
  uint32_t size;   // of text: bytes; of an element: attributes
  Tag tag;
  uint8_t flags;

  bool is_text() const { return tag == Tag::kText; }
};

// Node i's children are i + 1 and, after child c, nodes[c].end, up to its own end. Node 0 is <html>, node 1 its <head>,
// and `body` its <body>, all there whatever the source has.
struct Tree {
  std::vector<Node> nodes;
  std::vector<Attribute> attributes;
  std::string_view source;
  uint32_t body = 0;

  std::string_view text(const Node& node) const { return source.substr(node.begin, node.size); }

  // The value of an element's attribute; nullptr without one.
  const std::string_view* find(const Node& node, AttributeName name) const {
    for (uint32_t i = 0; i < node.size; ++i)
      if (attributes[node.begin + i].name == name) return &attributes[node.begin + i].value;
    return nullptr;
  }
};

inline constexpr size_t kMaxDepth = 512;
inline constexpr size_t kMaxBytes = size_t{1} << 31;

// Parses as browsers do (WHATWG, "in body" with scripting off), in time linear in the length of `source`. Different on
// purpose: nothing is moved out of tables, misnested formatting elements are not split, elements deeper than kMaxDepth
// are left empty beside what they hold, and kInLink follows the tags <a> and </a>. `source` must outlive the tree and
// be shorter than kMaxBytes; `tree` is overwritten, its memory used again.
void parse(std::string_view source, Tree& tree);

}  // namespace kernels::html
