#include "english_affixes.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_set>

#include "characters.hpp"

namespace kernels::english {
namespace {

using namespace characters;

constexpr std::string_view kEllipsis = "\xE2\x80\xA6", kApostrophe = "\xE2\x80\x99", kDegree = "\xC2\xB0";
constexpr std::string_view kEnDash = "\xE2\x80\x93", kEmDash = "\xE2\x80\x94";
constexpr std::string_view kLetterCurrencies[] = {"US$", "C$", "A$"};

std::string_view view(const uint8_t* begin, const uint8_t* end) {
  return {reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin)};
}

bool starts_with(const uint8_t* p, const uint8_t* end, std::string_view text) {
  return view(p, end).substr(0, text.size()) == text;
}

bool ends_with(const uint8_t* begin, const uint8_t* p, std::string_view text) {
  return static_cast<size_t>(p - begin) >= text.size() && std::memcmp(p - text.size(), text.data(), text.size()) == 0;
}

const uint8_t* skip_dots(const uint8_t* p, const uint8_t* end) {
  while (p < end && *p == '.') ++p;
  return p;
}

// What may follow a digit: units, currencies, a plus sign.
struct AfterDigit {
  std::unordered_set<std::string_view> texts{"+"};
  size_t longest = 1;

  AfterDigit() {
    for (const char* unit : kUnits) insert(unit);
    for (const std::string_view currency : kLetterCurrencies) insert(currency);
  }
  void insert(std::string_view text) {
    texts.insert(text);
    longest = std::max(longest, text.size());
  }
};

size_t after_digit_length(const uint8_t* begin, const uint8_t* end) {
  static const AfterDigit known;
  const uint8_t* p = end;
  const uint8_t* limit = static_cast<size_t>(end - begin) > known.longest ? end - known.longest : begin;
  while (p > limit && !is_ascii_digit(p[-1])) --p;
  if (p == begin || p == end || !is_ascii_digit(p[-1])) return 0;
  const Character first = character_at(p, end);
  const bool matches = (first.edge == end && first.classes & kCurrency) || known.texts.count(view(p, end));
  return matches ? static_cast<size_t>(end - p) : 0;
}

size_t final_dot_length(const uint8_t* begin, const uint8_t* end) {
  const uint8_t* p = end - 1;
  while (p > begin && p[-1] == '.') --p;
  if (end - p > 1) return static_cast<size_t>(end - p);
  if (p == begin) return 0;
  const Character before = character_before(begin, p);
  if (before.classes & kBeforeDot) return 1;
  if (before.classes & kAlphaUpper && classes_before(begin, before.edge) & kAlphaUpper) return 1;
  return std::string_view("FfCcKk").find(static_cast<char>(p[-1])) != std::string_view::npos &&
         ends_with(begin, p - 1, kDegree);
}

const uint8_t* end_of_hyphen(const uint8_t* p, const uint8_t* end) {
  const auto alpha_follows = [end](const uint8_t* at) { return (classes_at(at, end) & kAlpha) != 0; };
  if (*p == '~') return alpha_follows(p + 1) ? p + 1 : nullptr;
  if (*p == '-') {
    for (const uint8_t* q = p + 1; q <= p + 3; ++q) {
      if (alpha_follows(q)) return q;
      if (q == end || *q != '-') return nullptr;
    }
    return nullptr;
  }
  if (starts_with(p, end, kEnDash)) return alpha_follows(p + 3) ? p + 3 : nullptr;
  if (!starts_with(p, end, kEmDash)) return nullptr;
  if (alpha_follows(p + 3)) return p + 3;
  return starts_with(p + 3, end, kEmDash) && alpha_follows(p + 6) ? p + 6 : nullptr;
}

// The end of the infix that begins at p, null where none does.
const uint8_t* end_of_infix(const uint8_t* begin, const uint8_t* p, const uint8_t* end) {
  const Character character = character_at(p, end);
  if (character.classes & kInfix) return character.edge;
  if (*p >= 0x80 && *p != static_cast<uint8_t>(kEmDash[0])) return nullptr;
  const uint32_t before = classes_before(begin, p);
  const bool digit_before = begin < p && is_ascii_digit(p[-1]);
  const auto follows = [&](uint32_t wanted) { return (classes_at(p + 1, end) & wanted) != 0; };
  switch (*p) {
    case '.':
      if (p + 1 < end && p[1] == '.') return skip_dots(p, end);
      return before & (kAlphaLower | kQuote) && follows(kAlphaUpper | kQuote) ? p + 1 : nullptr;
    case ',':
      return before & kAlpha && follows(kAlpha) ? p + 1 : nullptr;
    case ':': case '<': case '>': case '=': case '/':
      return (before & kAlpha || digit_before) && follows(kAlpha) ? p + 1 : nullptr;
    case '+': case '*': case '^': case '-':
      if (digit_before && p + 1 < end && (is_ascii_digit(p[1]) || p[1] == '-')) return p + 1;
      [[fallthrough]];
    case '~': case 0xE2:  // a dash, perhaps
      if (*p == '+' || *p == '*' || *p == '^') return nullptr;
      return before & kAlpha || digit_before ? end_of_hyphen(p, end) : nullptr;
    default:
      return nullptr;
  }
}

}  // namespace

size_t prefix_length(const uint8_t* begin, const uint8_t* end) {
  if (begin == end) return 0;
  const Character first = character_at(begin, end);
  if (first.classes & kPrefix) return static_cast<size_t>(first.edge - begin);
  switch (*begin) {
    case '+':
      return begin + 1 == end || !is_ascii_digit(begin[1]);
    case '.': {
      const auto dots = static_cast<size_t>(skip_dots(begin, end) - begin);
      return dots > 1 ? dots : 0;
    }
    case 'U': case 'C': case 'A':
      for (const std::string_view currency : kLetterCurrencies)
        if (starts_with(begin, end, currency)) return currency.size();
      return 0;
    default:
      return 0;
  }
}

size_t suffix_length(const uint8_t* begin, const uint8_t* end) {
  if (begin == end) return 0;
  if (end[-1] == '.') return final_dot_length(begin, end);
  const Character last = character_before(begin, end);
  if (last.classes & kSuffix) {
    const bool doubled = ends_with(begin, end, kEllipsis) && ends_with(begin, last.edge, kEllipsis);
    return doubled ? 2 * kEllipsis.size() : static_cast<size_t>(end - last.edge);
  }
  if (end[-1] == 's' || end[-1] == 'S') {
    if (ends_with(begin, end - 1, "'")) return 2;
    if (ends_with(begin, end - 1, kApostrophe)) return 1 + kApostrophe.size();
  }
  return after_digit_length(begin, end);
}

Infix find_infix(const uint8_t* begin, const uint8_t* p, const uint8_t* end) {
  while (p < end) {
    if (is_ascii_letter(*p) || is_ascii_digit(*p)) {
      ++p;
      continue;
    }
    if (const uint8_t* infix_end = end_of_infix(begin, p, end)) return {p, infix_end};
    p = character_at(p, end).edge;
  }
  return {end, end};
}

}  // namespace kernels::english
