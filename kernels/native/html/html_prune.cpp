#include "html_prune.hpp"

#include "html_hints.hpp"
#include "html_weights.hpp"

namespace kernels::html {
namespace {

// Whether elements of this kind come in numbers to a list or table, and are judged with all of it.
bool is_part(Tag tag) {
  return tag == Tag::kP || tag == Tag::kBlockquote || tag == Tag::kTd || tag == Tag::kTr || tag == Tag::kTbody ||
         has(tag, kHeading);
}

struct Measures {
  float characters, links, prose, gain;
  bool large;  // a great part of the content
};

bool is_named_away(const Element& element, const Measures& m, float total) {
  if (element.hints & kComments) return m.characters < kWeights.comments_share * total;
  if (element.hints & kBoilerplate) return !m.large;
  if (element.hints & kByline) return m.characters < kWeights.byline_most;
  if (element.hints & kSuspect)
    return !m.large && (m.links > kWeights.suspect_links || m.prose < kWeights.suspect_prose * total);
  return (element.hints & kCaptionHint) && m.characters < kWeights.caption_most;
}

bool is_left_out(const Element& element, Tag tag, const Measures& m, float total) {
  if (is_named_away(element, m, total)) return true;
  if ((element.hints & kCaptionHint) && m.characters < kWeights.caption_most) return true;
  if (tag == Tag::kH1) return true;  // the title, which is not text
  if (tag == Tag::kForm && !m.large && m.gain < kWeights.form_gain) return true;
  if (tag == Tag::kHeader && m.characters < kWeights.header_most) return true;
  if (tag == Tag::kP) return m.links > kWeights.paragraph_links && m.characters < kWeights.paragraph_most;
  return has(tag, kBlock) && !is_part(tag) && m.links > kWeights.container_links && !m.large &&
         static_cast<float>(element.counts.stops) < kWeights.container_stops;
}

}  // namespace

void prune(const Outline& page, const Root& root, std::vector<uint8_t>& dropped) {
  const Tree& tree = page.tree();
  const float total = static_cast<float>(page[root.number].counts.characters);
  for (uint32_t i = root.number + 1; i < tree.nodes[root.number].end;) {
    const Node& node = tree.nodes[i];
    if (node.is_text()) {
      ++i;
      continue;
    }
    const Element& element = page[i];
    const float characters = static_cast<float>(element.counts.characters);
    const Measures measures{characters, link_share(element.counts), static_cast<float>(element.prose), root.gains[i],
                            characters > kWeights.large_share * total};
    dropped[i] = page.is_hidden(i) || is_left_out(element, node.tag, measures, total);
    i = dropped[i] ? node.end : i + 1;
  }
}

}  // namespace kernels::html
