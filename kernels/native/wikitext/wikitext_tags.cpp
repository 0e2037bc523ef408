#include "wikitext_tags.hpp"

#include "wikitext_site.hpp"

namespace kernels::wikitext {
namespace {

const std::unordered_map<std::string_view, Tag>& tags() {
  static const std::unordered_map<std::string_view, Tag> kTags = [] {
    std::unordered_map<std::string_view, Tag> result = {
        {"br", Tag::line_break},    {"hr", Tag::line_break},  {"p", Tag::line_break},     {"li", Tag::line_break},
        {"sup", Tag::superscript},  {"sub", Tag::subscript},  {"table", Tag::table},      {"div", Tag::division},
        {"span", Tag::span},        {"style", Tag::hidden},   {"script", Tag::hidden},
    };
    for (std::string_view name :
         {"abbr", "b", "bdi", "bdo", "big", "blockquote", "caption", "center", "cite", "code", "col", "colgroup", "data",
          "dd", "del", "dfn", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "i", "img", "ins", "kbd",
          "mark", "noinclude", "nobr", "ol", "q", "rb", "rp", "rt", "rtc", "ruby", "s", "samp", "small", "strike", "strong",
          "tbody", "td", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr", "a", "ref", "references", "gallery",
          "tfoot", "includeonly", "onlyinclude", "poem", "section", "nowiki", "pre", "math", "source",
          "syntaxhighlight", "figure", "figcaption", "tvar", "onlyinclude", "templatestyles", "imagemap", "timeline"})
      result.emplace(name, Tag::plain);
    return result;
  }();
  return kTags;
}

bool holds_any_case(std::string_view text, std::string_view lower_word) {
  for (size_t at = 0; at + lower_word.size() <= text.size(); ++at)
    if (starts_with_any_case(text.substr(at), lower_word)) return true;
  return false;
}

bool is_removed(std::string_view attributes) {
  for (std::string_view word : {"display:none", "display: none", "noprint", "navbox", "infobox", "metadata", "reflist",
                                "toccolours", "catlinks", "noviewer"})
    if (holds_any_case(attributes, word)) return true;
  return false;
}

}  // namespace

ParsedTag parse_tag(std::string_view text) {
  ParsedTag result;
  result.closing = text.substr(1).starts_with('/');
  const size_t start = 1 + result.closing;
  size_t end = start;
  std::string name;
  while (end < text.size() && name.size() < 16) {
    const char c = to_lower_ascii(text[end]);
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) break;
    name += c;
    ++end;
  }
  if (name == "ref") {  // put together by templates; real ones are gone
    result.length = end;
    return result;
  }
  const auto found = tags().find(name);
  if (found == tags().end() || (end < text.size() && text[end] != '>' && text[end] != '/' && !is_space(text[end])))
    return result;
  constexpr size_t kLongest = 2000;
  const std::string_view ahead = text.substr(end, kLongest);
  const size_t close = ahead.find_first_of("<>");
  if (close == std::string_view::npos || ahead[close] == '<') {
    result.length = end;  // never finished: only "<name" goes
    result.tag = Tag::plain;
    return result;
  }
  result.length = end + close + 1;
  result.tag = found->second;
  // </br> is a break too, and so is the end of a paragraph or list item.
  result.empty = close > 0 && ahead[close - 1] == '/';
  result.removed = result.tag == Tag::table || result.tag == Tag::hidden ||
                   ((result.tag == Tag::division || result.tag == Tag::span) && is_removed(ahead.substr(0, close)));
  return result;
}

}  // namespace kernels::wikitext
