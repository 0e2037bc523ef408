#include "html.hpp"

#include <stdexcept>
#include <string>

#include "html_content.hpp"
#include "html_json_ld.hpp"
#include "html_text.hpp"
#include "html_title.hpp"
#include "html_tree.hpp"

namespace kernels {
namespace {

void write_main_content(const html::Tree& tree, html::ContentFinder& finder, Buffer<uint8_t>& out) {
  // A page that its scripts write has next to no text, but may tell search engines what it would say.
  constexpr uint32_t kNextToNothing = 100;
  const html::Content& content = finder.find(tree);
  if (content.characters < kNextToNothing) {
    const std::string told = html::find_article_body(tree);
    if (told.size() > 2 * kNextToNothing) return html::write_lines(told, out);
  }
  html::write_text(tree, content.root, content.dropped, out);
}

}  // namespace

HtmlText html_text(const Column& pages, bool main_content) {
  HtmlText result{TextBuffer(), TextBuffer()};
  html::Tree tree;
  html::ContentFinder finder;
  for (size_t i = 0; i < pages.size(); ++i) {
    const Text page = pages[i];
    const size_t size = static_cast<size_t>(page.end - page.begin);
    if (size >= html::kMaxBytes) throw std::invalid_argument("a page of 2 GiB or more");
    html::parse({reinterpret_cast<const char*>(page.begin), size}, tree);
    html::write_title(tree, result.title.bytes);
    result.title.end_value();
    if (main_content) {
      write_main_content(tree, finder, result.text.bytes);
    } else {
      const html::Content& content = finder.find_all(tree);
      html::write_text(tree, content.root, content.dropped, result.text.bytes);
    }
    result.text.end_value();
  }
  return result;
}

}  // namespace kernels
