#include "html_hints.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <vector>

#include "html_tokens.hpp"

namespace kernels::html {
namespace {

struct Pattern {
  std::string_view text;  // lower case; a final "$" asks for the end of a word there
  uint16_t hint;
};

constexpr uint16_t kFixed = kBoilerplate | kFurniture;

// Compared at the beginnings of words, "-" and "_" of the name left out.
constexpr Pattern kPatterns[] = {
    {"articlebody", kArticleBody}, {"articlecontent", kArticleBody}, {"articletext", kArticleBody},
    {"articlecopy", kArticleBody}, {"articlemain", kArticleBody}, {"articledetail", kArticlePart},
    {"articlepage", kArticlePart}, {"articleinner", kArticlePart}, {"articlecontainer", kArticlePart},
    {"storybody", kArticleBody}, {"storycontent", kArticleBody}, {"storytext", kArticleBody},
    {"storycopy", kArticleBody}, {"entrycontent", kArticleBody}, {"entrybody", kArticleBody},
    {"entrytext", kArticleBody}, {"postcontent", kArticleBody}, {"postbody", kArticleBody},
    {"posttext", kArticleBody}, {"postentry", kArticleBody}, {"postbodytext", kArticleBody},
    {"newsbody", kArticleBody}, {"newscontent", kArticleBody}, {"newstext", kArticleBody},
    {"blogcontent", kArticleBody}, {"blogpostcontent", kArticleBody}, {"blogpostbody", kArticleBody},
    {"bodytext", kArticleBody}, {"bodycopy", kArticleBody}, {"bodycontent", kArticleBody},
    {"contentbody", kArticleBody}, {"contenttext", kArticleBody}, {"textcontent", kArticleBody},
    {"maincontent", kArticlePart}, {"contentmain", kArticlePart}, {"mainarticle", kArticlePart},
    {"mainstory", kArticlePart}, {"pagecontent", kArticlePart}, {"sitecontent", kArticlePart},
    {"singlecontent", kArticleBody}, {"contentarticle", kArticlePart}, {"contentblock", kArticlePart},
    {"articulo", kArticlePart}, {"cuerpo", kArticleBody}, {"artikel", kArticlePart}, {"beitrag", kArticlePart},
    {"wikicontent", kArticleBody}, {"mwcontenttext", kArticleBody}, {"mwparseroutput", kArticleBody},
    {"markdownbody", kArticleBody}, {"richtext", kArticleBody}, {"rtetext", kArticleBody},
    {"fulltext", kArticleBody}, {"thecontent", kArticleBody}, {"postarticle", kArticlePart},
    {"article$", kArticlePart}, {"story$", kArticlePart}, {"post$", kArticlePart | kPost}, {"entry$", kArticlePart},
    {"hentry", kArticlePart | kPost}, {"content$", kArticlePart}, {"text$", kArticlePart}, {"inhalt", kArticlePart},

    {"comment", kComments}, {"kommentar", kComments}, {"comentario", kComments}, {"commentaire", kComments},
    {"commenti$", kComments}, {"disqus", kComments}, {"livefyre", kComments}, {"respond$", kComments},
    {"replies", kComments}, {"reply$", kComments}, {"leserbrief", kComments}, {"guestbook", kComments},
    {"usercomment", kComments}, {"fbcomment", kComments}, {"discussion", kComments}, {"reacties", kComments},
    {"trackback", kComments}, {"pingback", kComments},

    {"nav$", kFixed}, {"navi", kBoilerplate}, {"navbar", kFixed}, {"topnav", kFixed},
    {"subnav", kBoilerplate}, {"mainnav", kFixed}, {"postnav", kBoilerplate}, {"menu", kBoilerplate},
    {"topmenu", kBoilerplate}, {"mainmenu", kFixed}, {"submenu", kBoilerplate}, {"breadcrumb", kFixed},
    {"crumb", kBoilerplate}, {"brotkrumen", kBoilerplate}, {"pagination", kBoilerplate}, {"paginat", kBoilerplate},
    {"pager$", kBoilerplate}, {"pagenav", kBoilerplate}, {"pagelinks", kBoilerplate}, {"sitemap", kBoilerplate},
    {"footer", kFixed}, {"pagefooter", kFixed}, {"sitefooter", kFixed}, {"masthead", kBoilerplate},
    {"siteheader", kBoilerplate}, {"pageheader", kSuspect}, {"sidebar", kFixed}, {"sidenav", kFixed},
    {"seitenleiste", kFixed}, {"leftcol", kSuspect}, {"rightcol", kFixed}, {"rightrail", kFixed},
    {"share", kBoilerplate}, {"sharing", kBoilerplate}, {"sharebar", kBoilerplate}, {"postshare", kBoilerplate},
    {"addthis", kBoilerplate}, {"addtoany", kBoilerplate}, {"sociable", kBoilerplate}, {"social", kBoilerplate},
    {"shariff", kBoilerplate}, {"facebook", kSuspect}, {"fblike", kBoilerplate}, {"follow", kBoilerplate},
    {"subscribe", kBoilerplate}, {"subscription", kBoilerplate}, {"newsletter", kFixed},
    {"signup", kFixed}, {"signin", kFixed}, {"login", kFixed}, {"register$", kFixed},
    {"registration", kBoilerplate}, {"paywall", kSuspect}, {"cookie", kFixed}, {"consent", kFixed},
    {"gdpr", kFixed}, {"ad$", kBoilerplate}, {"ads$", kBoilerplate}, {"adslot", kBoilerplate},
    {"adunit", kBoilerplate}, {"adbox", kBoilerplate}, {"adcontainer", kBoilerplate}, {"adwrap", kBoilerplate},
    {"advert", kBoilerplate}, {"adsense", kBoilerplate}, {"anzeige", kBoilerplate}, {"werbung", kBoilerplate},
    {"reklam", kBoilerplate}, {"publicidad", kBoilerplate}, {"pubblicita", kBoilerplate}, {"banner", kBoilerplate},
    {"sponsor", kBoilerplate}, {"promo$", kBoilerplate}, {"promobox", kBoilerplate}, {"promotion", kBoilerplate},
    {"outbrain", kFixed}, {"taboola", kFixed}, {"related", kFixed}, {"relacionad", kFixed},
    {"correlati", kBoilerplate}, {"verwandt", kBoilerplate}, {"similar", kBoilerplate}, {"recommend", kFixed},
    {"recirc", kBoilerplate}, {"readmore", kBoilerplate}, {"morearticles", kBoilerplate}, {"morenews", kBoilerplate},
    {"morestories", kBoilerplate}, {"morefrom", kBoilerplate}, {"moreon", kBoilerplate}, {"mehrzum", kBoilerplate},
    {"weiterlesen", kBoilerplate}, {"alsolike", kBoilerplate}, {"seealso", kBoilerplate}, {"readnext", kBoilerplate},
    {"upnext", kBoilerplate}, {"nextpost", kBoilerplate}, {"prevpost", kBoilerplate}, {"nextprev", kBoilerplate},
    {"popular", kBoilerplate}, {"trending", kBoilerplate}, {"mostread", kBoilerplate}, {"mostviewed", kBoilerplate},
    {"latest", kBoilerplate}, {"topstories", kBoilerplate}, {"teaser", kSuspect}, {"widget", kSuspect},
    {"tagcloud", kBoilerplate}, {"tags$", kBoilerplate}, {"taglist", kBoilerplate}, {"tagged", kBoilerplate},
    {"posttags", kBoilerplate}, {"entrytags", kBoilerplate}, {"toolbar", kBoilerplate}, {"tools$", kBoilerplate},
    {"articletools", kBoilerplate}, {"popup", kFixed}, {"modal", kBoilerplate}, {"overlay", kBoilerplate},
    {"lightbox", kSuspect}, {"tooltip", kBoilerplate}, {"dropdown", kBoilerplate}, {"skiplink", kBoilerplate},
    {"skipto", kBoilerplate}, {"copyright", kFixed}, {"disclaimer", kSuspect}, {"legal$", kSuspect},
    {"rating", kSuspect}, {"voting", kBoilerplate}, {"vote$", kBoilerplate}, {"feedback", kBoilerplate},
    {"authorbox", kFixed}, {"authorbio", kFixed}, {"authorinfo", kBoilerplate},
    {"aboutauthor", kBoilerplate}, {"authorprofile", kBoilerplate}, {"abouttheauthor", kBoilerplate},
    {"bio$", kBoilerplate}, {"biobox", kBoilerplate}, {"autorenbox", kBoilerplate}, {"print$", kSuspect},
    {"jpshare", kBoilerplate}, {"sharedaddy", kBoilerplate}, {"jprelatedposts", kBoilerplate},
    {"wpcaption", kCaptionHint}, {"caption", kCaptionHint}, {"bildunterschrift", kCaptionHint},
    {"imagecredit", kCaptionHint}, {"photocredit", kCaptionHint}, {"imgcredit", kCaptionHint},
    {"credit$", kCaptionHint}, {"credits$", kCaptionHint}, {"copyrights", kCaptionHint},
    {"screenreader", kHidden}, {"sronly", kHidden}, {"visuallyhidden", kHidden}, {"invisible", kHidden},
    {"mweditsection", kHidden}, {"noprint", kSuspect}, {"toc$", kBoilerplate}, {"tableofcontents", kBoilerplate},

    {"byline", kByline}, {"author$", kByline}, {"postmeta", kByline}, {"entrymeta", kByline}, {"meta$", kByline},
    {"articlemeta", kByline}, {"metadata", kByline}, {"metainfo", kByline}, {"postinfo", kByline},
    {"dateline", kByline}, {"postdate", kByline}, {"pubdate", kByline}, {"publishdate", kByline}, {"date$", kByline},
    {"published$", kByline}, {"timestamp", kByline}, {"entrydate", kByline}, {"posted", kByline},
    {"entryfooter", kByline}, {"postfooter", kByline}, {"entryutility", kByline}, {"category", kSuspect},
    {"kicker", kByline}, {"categories", kSuspect},
};

struct Index {
  std::array<std::vector<Pattern>, 26> by_letter;

  Index() {
    for (const Pattern& pattern : kPatterns) by_letter[static_cast<size_t>(pattern.text[0] - 'a')].push_back(pattern);
  }
};

const Index& index() {
  static const Index built;
  return built;
}

constexpr size_t kLongestName = 256;

// A name squeezed to its letters and digits in lower case; begins_word marks where a word begins.
struct Squeezed {
  char letters[kLongestName + 1];
  bool begins_word[kLongestName + 1];
  size_t size = 0;

  explicit Squeezed(std::string_view name) {
    bool begins = true;
    uint8_t before = 0;
    for (size_t i = 0; i < name.size() && size < kLongestName; ++i) {
      const uint8_t c = static_cast<uint8_t>(name[i]);
      const bool letter = is_letter(c), digit = c >= '0' && c <= '9';
      if (!letter && !digit && c < 0x80) {
        begins = true;
        before = 0;
        continue;
      }
      const bool upper = c >= 'A' && c <= 'Z', before_lower = before >= 'a' && before <= 'z';
      const bool before_digit = before >= '0' && before <= '9';
      letters[size] = static_cast<char>(lower(c));
      begins_word[size++] = begins || (upper && before_lower) || (letter && before_digit) || (digit && !before_digit);
      begins = false;
      before = c;
    }
    letters[size] = 0;
    begins_word[size] = true;
  }
};

bool matches(const Squeezed& name, size_t at, std::string_view pattern) {
  const bool whole = pattern.ends_with('$');
  if (whole) pattern.remove_suffix(1);
  if (at + pattern.size() > name.size) return false;
  if (std::memcmp(name.letters + at, pattern.data(), pattern.size()) != 0) return false;
  return !whole || name.begins_word[at + pattern.size()];
}

uint16_t hints_of_name(std::string_view text) {
  uint16_t hints = 0;
  const Squeezed name(text);
  for (size_t at = 0; at < name.size; ++at) {
    const char first = name.letters[at];
    if (!name.begins_word[at] || first < 'a' || first > 'z') continue;
    for (const Pattern& pattern : index().by_letter[static_cast<size_t>(first - 'a')])
      if (matches(name, at, pattern.text)) hints |= pattern.hint;
  }
  return hints;
}

// Whether a name is one of state ("has-sidebar"), of a script or of a subject, rather than of what the element is.
bool tells_of_others(std::string_view name) {
  constexpr std::string_view kBeginnings[] = {"no-", "has-", "with-", "is-", "js-", "tag-", "category-"};
  return name.ends_with("-open") || name.ends_with("-closed") ||
         std::any_of(std::begin(kBeginnings), std::end(kBeginnings),
                     [name](std::string_view beginning) { return name.starts_with(beginning); });
}

uint16_t hints_of_names(std::string_view names) {
  uint16_t hints = 0;
  for (size_t at = 0; at < names.size();) {
    while (at < names.size() && is_space(static_cast<uint8_t>(names[at]))) ++at;
    size_t end = at;
    while (end < names.size() && !is_space(static_cast<uint8_t>(names[end]))) ++end;
    const std::string_view name = names.substr(at, end - at);
    at = end;
    if (!tells_of_others(name)) hints |= hints_of_name(name);
  }
  return hints;
}

bool is_invisible(std::string_view style) {
  char squeezed[128];
  size_t size = 0;
  for (const char c : style) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (!is_space(byte) && size < sizeof squeezed) squeezed[size++] = static_cast<char>(lower(byte));
  }
  const std::string_view rules(squeezed, size);
  constexpr size_t kNone = std::string_view::npos;
  return rules.find("display:none") != kNone || rules.find("visibility:hidden") != kNone;
}

uint16_t hints_of_role(std::string_view role) {
  constexpr std::string_view kOthers[] = {"navigation", "banner", "contentinfo", "complementary", "search", "dialog",
                                          "alert",      "menu",   "menubar",     "tablist",       "toolbar"};
  for (const std::string_view other : kOthers)
    if (equals_ignoring_case(role, other)) return kFixed;
  if (equals_ignoring_case(role, "main") || equals_ignoring_case(role, "article")) return kArticlePart;
  return 0;
}

// schema.org
uint16_t hints_of_property(std::string_view property) {
  if (property.find("articleBody") != std::string_view::npos || property == "text") return kArticleBody;
  return property == "comment" ? kComments : 0;
}

}  // namespace

uint16_t find_hints(const Tree& tree, const Node& node) {
  uint16_t hints = 0;
  for (uint32_t i = node.begin; i < node.begin + node.size; ++i) {
    const Attribute& attribute = tree.attributes[i];
    switch (attribute.name) {
      case AttributeName::kClass:
        hints |= hints_of_names(attribute.value);
        break;
      case AttributeName::kId:
        hints |= hints_of_name(attribute.value);
        break;
      case AttributeName::kRole:
        hints |= hints_of_role(attribute.value);
        break;
      case AttributeName::kItemprop:
        hints |= hints_of_property(attribute.value);
        break;
      case AttributeName::kStyle:
        if (is_invisible(attribute.value)) hints |= kHidden;
        break;
      case AttributeName::kHidden:
        hints |= kHidden;
        break;
      case AttributeName::kAriaHidden:
        if (equals_ignoring_case(attribute.value, "true")) hints |= kHidden;
        break;
      default:
        break;
    }
  }
  return hints;
}

}  // namespace kernels::html
