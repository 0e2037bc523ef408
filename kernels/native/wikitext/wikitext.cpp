#include "wikitext.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "wikitext_passes.hpp"
#include "wikitext_scripts.hpp"
#include "wikitext_shield.hpp"

namespace kernels::wikitext {
namespace {

// -{zh-hans:a; zh-hant:b}- and -{R|text}-: the first of the variants, or the text.
void resolve_variants(std::string_view in, std::string& out) {
  size_t at = 0;
  for (size_t open; (open = in.find("-{", at)) != std::string_view::npos;) {
    const size_t close = in.find("}-", open);
    if (close == std::string_view::npos) break;
    out.append(in.substr(at, open - at));
    std::string_view body = in.substr(open + 2, close - open - 2);
    if (body.starts_with('{')) {  // a template between hyphens
      out.append("-{");
      at = open + 2;
      continue;
    }
    if (const size_t bar = body.find('|'); bar != std::string_view::npos && bar < 12) body.remove_prefix(bar + 1);
    if (const size_t colon = body.find(':'); colon != std::string_view::npos && colon < 10 && body.starts_with("sr")) {
      body.remove_prefix(colon + 1);
      body = body.substr(0, body.find(';'));
    }
    out.append(body);
    at = close + 2;
  }
  out.append(in.substr(at));
}

}  // namespace

bool Renderer::render(std::string_view page, std::string_view title, TextBuffer& result) const {
  if (page.size() > UINT32_MAX / 2) throw std::length_error("a page of wikitext is longer than 2 GiB");
  std::string one, two;
  one.reserve(page.size());
  append_plain(page, one);
  const auto pass = [&](auto function) {
    two.clear();
    function(std::string_view(one), two);
    one.swap(two);
  };
  pass([&](std::string_view in, std::string& out) { remove_extensions(in, site_, out); });
  if (site_.variants) pass(resolve_variants);
  bool disambiguation = false;
  pass([&](std::string_view in, std::string& out) { disambiguation = expand_templates(in, title, site_, out); });
  pass(remove_tables);
  pass([&](std::string_view in, std::string& out) { resolve_inline(in, site_, out); });
  pass([&](std::string_view in, std::string& out) { render_lines(in, site_, out); });
  unshield(one);
  result.bytes.make_room(one.size());
  std::memcpy(result.bytes.end(), one.data(), one.size());
  result.bytes.set_end(result.bytes.end() + one.size());
  return disambiguation;
}

Pages render_pages(const Renderer& renderer, const Column& pages, const Column& titles) {
  if (pages.size() != titles.size()) throw std::invalid_argument("pages and titles differ in number");
  Pages result;
  const auto view = [](Text text) {
    return std::string_view(reinterpret_cast<const char*>(text.begin), static_cast<size_t>(text.end - text.begin));
  };
  for (size_t i = 0; i < pages.size(); ++i) {
    result.disambiguation.push_back(renderer.render(view(pages[i]), view(titles[i]), result.text));
    result.text.end_value();
  }
  return result;
}

}  // namespace kernels::wikitext
