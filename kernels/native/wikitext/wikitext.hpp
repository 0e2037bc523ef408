// Wikitext to the text a reader sees, without what is no prose. Never fails: what cannot be understood is kept as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "buffer.hpp"
#include "column.hpp"
#include "wikitext_site.hpp"

namespace kernels::wikitext {

class Renderer {
 public:
  explicit Renderer(Site site) : site_(std::move(site)) {}

  // Appends the text of the page; returns whether the page says that it is a disambiguation. Time is linear in the
  // page's length; pages of 4 GiB and more are refused with std::length_error.
  bool render(std::string_view page, std::string_view title, TextBuffer& out) const;

 private:
  Site site_;
};

struct Pages {
  TextBuffer text;
  Buffer<uint8_t> disambiguation;
};

Pages render_pages(const Renderer& renderer, const Column& pages, const Column& titles);

}  // namespace kernels::wikitext
