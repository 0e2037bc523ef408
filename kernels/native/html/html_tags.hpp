// The element names the HTML kernels know, and what each means for parsing and for text.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kernels::html {

enum Trait : uint32_t {
  kVoid = 1 << 0,        // has no content and no end tag
  kClosesP = 1 << 1,     // its start tag ends an open paragraph
  kSpecial = 1 << 2,     // stops the search of an end tag that is not its own (WHATWG "special")
  kBarrier = 1 << 3,     // bounds every scope
  kRaw = 1 << 4,         // its content is text up to its end tag
  kImplied = 1 << 5,     // its end tag may be left out
  kFormatting = 1 << 6,  // its end tag works across others of its kind
  kHeading = 1 << 7,
  kBlock = 1 << 8,    // begins and ends a line of text
  kUnseen = 1 << 9,   // never shown as text
  kHeadOnly = 1 << 10,  // may stand before the body begins
  kCellPart = 1 << 11,  // part of a table, ignored outside one
};

// X(enumerator, name, traits)
#define KERNELS_HTML_TAGS(X)                                                    \
  X(kA, "a", kFormatting)                                                       \
  X(kAbbr, "abbr", 0)                                                           \
  X(kAddress, "address", kClosesP | kSpecial | kBlock)                          \
  X(kApplet, "applet", kSpecial | kBarrier | kUnseen)                           \
  X(kArea, "area", kVoid | kSpecial)                                            \
  X(kArticle, "article", kClosesP | kSpecial | kBlock)                          \
  X(kAside, "aside", kClosesP | kSpecial | kBlock)                              \
  X(kAudio, "audio", kUnseen)                                                   \
  X(kB, "b", kFormatting)                                                       \
  X(kBase, "base", kVoid | kSpecial | kHeadOnly)                                \
  X(kBig, "big", kFormatting)                                                   \
  X(kBlockquote, "blockquote", kClosesP | kSpecial | kBlock)                    \
  X(kBody, "body", kSpecial | kBlock)                                           \
  X(kBr, "br", kVoid | kSpecial)                                                \
  X(kButton, "button", kSpecial)                                                \
  X(kCanvas, "canvas", kUnseen)                                                 \
  X(kCaption, "caption", kSpecial | kBarrier | kBlock | kCellPart)              \
  X(kCenter, "center", kClosesP | kSpecial | kBlock)                            \
  X(kCite, "cite", 0)                                                           \
  X(kCode, "code", kFormatting)                                                 \
  X(kCol, "col", kVoid | kSpecial | kCellPart)                                  \
  X(kColgroup, "colgroup", kSpecial | kCellPart)                                \
  X(kDatalist, "datalist", kUnseen)                                             \
  X(kDd, "dd", kClosesP | kSpecial | kImplied | kBlock)                         \
  X(kDel, "del", 0)                                                             \
  X(kDetails, "details", kClosesP | kSpecial | kBlock)                          \
  X(kDialog, "dialog", kClosesP | kSpecial | kBlock)                            \
  X(kDir, "dir", kClosesP | kSpecial | kBlock)                                  \
  X(kDiv, "div", kClosesP | kSpecial | kBlock)                                  \
  X(kDl, "dl", kClosesP | kSpecial | kBlock)                                    \
  X(kDt, "dt", kClosesP | kSpecial | kImplied | kBlock)                         \
  X(kEm, "em", kFormatting)                                                     \
  X(kEmbed, "embed", kVoid | kSpecial)                                          \
  X(kFieldset, "fieldset", kClosesP | kSpecial | kBlock)                        \
  X(kFigcaption, "figcaption", kClosesP | kSpecial | kBlock)                    \
  X(kFigure, "figure", kClosesP | kSpecial | kBlock)                            \
  X(kFont, "font", kFormatting)                                                 \
  X(kFooter, "footer", kClosesP | kSpecial | kBlock)                            \
  X(kForm, "form", kClosesP | kSpecial | kBlock)                                \
  X(kFrame, "frame", kVoid | kSpecial)                                          \
  X(kFrameset, "frameset", kSpecial)                                            \
  X(kH1, "h1", kClosesP | kSpecial | kHeading | kBlock)                         \
  X(kH2, "h2", kClosesP | kSpecial | kHeading | kBlock)                         \
  X(kH3, "h3", kClosesP | kSpecial | kHeading | kBlock)                         \
  X(kH4, "h4", kClosesP | kSpecial | kHeading | kBlock)                         \
  X(kH5, "h5", kClosesP | kSpecial | kHeading | kBlock)                         \
  X(kH6, "h6", kClosesP | kSpecial | kHeading | kBlock)                         \
  X(kHead, "head", kSpecial | kUnseen)                                          \
  X(kHeader, "header", kClosesP | kSpecial | kBlock)                            \
  X(kHgroup, "hgroup", kClosesP | kSpecial | kBlock)                            \
  X(kHr, "hr", kVoid | kClosesP | kSpecial | kBlock)                            \
  X(kHtml, "html", kSpecial | kBarrier | kBlock)                                \
  X(kI, "i", kFormatting)                                                       \
  X(kIframe, "iframe", kSpecial | kRaw | kUnseen)                               \
  X(kImg, "img", kVoid | kSpecial)                                              \
  X(kInput, "input", kVoid | kSpecial)                                          \
  X(kIns, "ins", 0)                                                             \
  X(kKbd, "kbd", 0)                                                             \
  X(kKeygen, "keygen", kVoid | kSpecial)                                        \
  X(kLabel, "label", 0)                                                         \
  X(kLegend, "legend", kBlock)                                                  \
  X(kLi, "li", kClosesP | kSpecial | kImplied | kBlock)                         \
  X(kLink, "link", kVoid | kSpecial | kHeadOnly)                                \
  X(kListing, "listing", kClosesP | kSpecial | kBlock)                          \
  X(kMain, "main", kClosesP | kSpecial | kBlock)                                \
  X(kMap, "map", 0)                                                             \
  X(kMark, "mark", 0)                                                           \
  X(kMarquee, "marquee", kSpecial | kBarrier)                                   \
  X(kMath, "math", 0)                                                           \
  X(kMenu, "menu", kClosesP | kSpecial | kBlock)                                \
  X(kMeta, "meta", kVoid | kSpecial | kHeadOnly)                                \
  X(kMeter, "meter", kUnseen)                                                   \
  X(kNav, "nav", kClosesP | kSpecial | kBlock)                                  \
  X(kNobr, "nobr", kFormatting)                                                 \
  X(kNoembed, "noembed", kSpecial | kRaw | kUnseen)                             \
  X(kNoframes, "noframes", kSpecial | kRaw | kUnseen | kHeadOnly)               \
  X(kNoscript, "noscript", kSpecial | kUnseen | kHeadOnly)                      \
  X(kObject, "object", kSpecial | kBarrier)                                     \
  X(kOl, "ol", kClosesP | kSpecial | kBlock)                                    \
  X(kOptgroup, "optgroup", kImplied)                                            \
  X(kOption, "option", kImplied | kBlock)                                       \
  X(kOutput, "output", 0)                                                       \
  X(kP, "p", kClosesP | kSpecial | kImplied | kBlock)                           \
  X(kParam, "param", kVoid | kSpecial)                                          \
  X(kPicture, "picture", 0)                                                     \
  X(kPlaintext, "plaintext", kClosesP | kSpecial | kBlock)                      \
  X(kPre, "pre", kClosesP | kSpecial | kBlock)                                  \
  X(kProgress, "progress", kUnseen)                                             \
  X(kQ, "q", 0)                                                                 \
  X(kRp, "rp", kImplied | kUnseen)                                              \
  X(kRt, "rt", kImplied | kUnseen)                                              \
  X(kRuby, "ruby", 0)                                                           \
  X(kS, "s", kFormatting)                                                       \
  X(kSamp, "samp", 0)                                                           \
  X(kScript, "script", kSpecial | kRaw | kUnseen | kHeadOnly)                   \
  X(kSearch, "search", kClosesP | kSpecial | kBlock)                            \
  X(kSection, "section", kClosesP | kSpecial | kBlock)                          \
  X(kSelect, "select", kSpecial | kUnseen)                                      \
  X(kSlot, "slot", 0)                                                           \
  X(kSmall, "small", kFormatting)                                               \
  X(kSource, "source", kVoid | kSpecial)                                        \
  X(kSpan, "span", 0)                                                           \
  X(kStrike, "strike", kFormatting)                                             \
  X(kStrong, "strong", kFormatting)                                             \
  X(kStyle, "style", kSpecial | kRaw | kUnseen | kHeadOnly)                     \
  X(kSub, "sub", 0)                                                             \
  X(kSummary, "summary", kClosesP | kSpecial | kBlock)                          \
  X(kSup, "sup", 0)                                                             \
  X(kSvg, "svg", kBarrier | kUnseen)                                            \
  X(kTable, "table", kClosesP | kSpecial | kBarrier | kBlock)                   \
  X(kTbody, "tbody", kSpecial | kBlock | kCellPart)                             \
  X(kTd, "td", kSpecial | kBarrier | kBlock | kCellPart)                        \
  X(kTemplate, "template", kSpecial | kBarrier | kUnseen | kHeadOnly)           \
  X(kTextarea, "textarea", kSpecial | kRaw | kUnseen)                           \
  X(kTfoot, "tfoot", kSpecial | kBlock | kCellPart)                             \
  X(kTh, "th", kSpecial | kBarrier | kBlock | kCellPart)                        \
  X(kThead, "thead", kSpecial | kBlock | kCellPart)                             \
  X(kTime, "time", 0)                                                           \
  X(kTitle, "title", kSpecial | kRaw | kUnseen | kHeadOnly)                     \
  X(kTr, "tr", kSpecial | kBlock | kCellPart)                                   \
  X(kTrack, "track", kVoid | kSpecial)                                          \
  X(kTt, "tt", kFormatting)                                                     \
  X(kU, "u", kFormatting)                                                       \
  X(kUl, "ul", kClosesP | kSpecial | kBlock)                                    \
  X(kVar, "var", 0)                                                             \
  X(kVideo, "video", kUnseen)                                                   \
  X(kWbr, "wbr", kVoid | kSpecial)                                              \
  X(kXmp, "xmp", kClosesP | kSpecial | kRaw | kBlock)

enum class Tag : uint8_t {
  kText,   // a run of text
  kOther,  // an element of a name not listed
#define KERNELS_HTML_ENUMERATOR(enumerator, name, traits) enumerator,
  KERNELS_HTML_TAGS(KERNELS_HTML_ENUMERATOR)
#undef KERNELS_HTML_ENUMERATOR
};

inline constexpr uint32_t kTraits[] = {
    0,
    0,
#define KERNELS_HTML_TRAITS(enumerator, name, traits) traits,
    KERNELS_HTML_TAGS(KERNELS_HTML_TRAITS)
#undef KERNELS_HTML_TRAITS
};

inline bool has(Tag tag, uint32_t traits) { return (kTraits[static_cast<size_t>(tag)] & traits) != 0; }

inline constexpr size_t kLongestTagName = 10;

// The tag of a name in lower case, at most kLongestTagName bytes of it known; kOther for every other name.
Tag find_tag(const uint8_t* name, size_t length);

// "#text", "" for kOther, else the name.
const char* tag_name(Tag tag);

}  // namespace kernels::html
