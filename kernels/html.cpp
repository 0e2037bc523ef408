#include "html.hpp"

#include "html_content.hpp"
#include "html_title.hpp"
#include "html_text.hpp"
#include "html_tree.hpp"

namespace kernels {

HtmlText html_text(const Column& pages, bool main_content) {
  HtmlText result{TextBuffer(), TextBuffer()};
  html::Tree tree;
  html::ContentFinder finder;
  for (size_t i = 0; i < pages.size(); ++i) {
    const Text page = pages[i];
    html::parse({reinterpret_cast<const char*>(page.begin), static_cast<size_t>(page.end - page.begin)}, tree);
    html::write_title(tree, result.title.bytes);
    result.title.end_value();
    const html::Content& content = main_content ? finder.find(tree) : finder.find_all(tree);
    html::write_text(tree, content.root, content.dropped, result.text.bytes);
    result.text.end_value();
  }
  return result;
}

}  // namespace kernels
