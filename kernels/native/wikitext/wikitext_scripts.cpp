#include "wikitext_scripts.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "wikitext_shield.hpp"

namespace kernels::wikitext {
namespace {

struct Form {
  std::string_view plain, raised, lowered;
};

constexpr Form kForms[] = {
    {"0", "⁰", "₀"}, {"1", "¹", "₁"}, {"2", "²", "₂"}, {"3", "³", "₃"}, {"4", "⁴", "₄"}, {"5", "⁵", "₅"},
    {"6", "⁶", "₆"}, {"7", "⁷", "₇"}, {"8", "⁸", "₈"}, {"9", "⁹", "₉"}, {"+", "⁺", "₊"}, {"-", "⁻", "₋"},
    {"−", "⁻", "₋"}, {"–", "⁻", "₋"}, {"(", "⁽", "₍"}, {")", "⁾", "₎"},
};

// Every character in its raised or lowered form; empty where one has none.
std::string in_form(std::string_view text, bool raised) {
  std::string out;
  bool digit = false;
  while (!text.empty()) {
    const auto* form = std::find_if(std::begin(kForms), std::end(kForms),
                                    [&](const Form& f) { return text.starts_with(f.plain); });
    if (form == std::end(kForms)) {
      if (text[0] != unshielded(text[0])) return in_form(std::string(1, unshielded(text[0])) + std::string(text.substr(1)), raised);
      return {};
    }
    digit |= form->plain[0] >= '0' && form->plain[0] <= '9';
    out += raised ? form->raised : form->lowered;
    text.remove_prefix(form->plain.size());
  }
  return digit || out.size() <= 3 ? out : std::string();
}

bool is_letter_or_high(char c) { return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || static_cast<signed char>(c) < 0; }

}  // namespace

void raise_or_lower(std::string& out, size_t start, bool raised) {
  constexpr size_t kLongest = 64;
  const bool attached = start > 0 && !is_space(out[start - 1]) && out[start - 1] != kGap && out[start - 1] != '(';
  if (out.size() - start > kLongest) return;
  std::string content;
  for (size_t i = start; i < out.size(); ++i) {
    if (out[i] == '\'' && i + 1 < out.size() && out[i + 1] == '\'') {
      while (i + 1 < out.size() && out[i + 1] == '\'') ++i;
      continue;
    }
    if (out[i] != kGap) content += out[i];
  }
  content = trim(content);
  const size_t last = content.find_last_not_of(",.;:");
  const std::string mark = last == std::string::npos ? std::string() : content.substr(last + 1);
  content.resize(last + 1);  // CO<sub>2,</sub>
  if (content.empty() || content.find('\n') != std::string::npos) return;
  std::string form = in_form(content, raised);
  if (!attached && !(raised && content.find_first_not_of("0123456789") == std::string::npos)) return;  // <sup>142</sup>Ce
  if (form.empty()) {
    const char before = out[start - 1];
    const bool after_digit = before >= '0' && before <= '9';
    const bool letters = std::all_of(content.begin(), content.end(), [](char c) { return is_letter_or_high(c) || c == '.'; });
    static constexpr std::string_view kOrdinals[] = {"e", "o", "a", "er", "re", "os", "as", "me", "nd", "st", "th", "rd",
                                                     "es", "ers", "nde", "º", "ª", "ème", "eme", "ère", "ra", "ro", "do",
                                                     "ta", "to", "da", "ro."};
    const bool ordinal = letters && (std::find(std::begin(kOrdinals), std::end(kOrdinals), content) != std::end(kOrdinals) ||
                                     (after_digit && content.size() > 1));
    const bool note = content.front() == '[' || shielded('[') == content.front();
    if (raised && (ordinal || note || (letters && content.size() > 3))) return;
    if (content.starts_with("^") || content.starts_with("_")) return;
    const bool single = content.size() == 1 || letters;
    form = raised ? "^" : "_";
    form = single ? form + content : form + "(" + content + ")";
    if (raised && content.front() == '(') form = "^" + content;
    for (char& c : form) c = c == '_' ? shielded('_') : c;
  }
  out.resize(start);
  out += form + mark;
}

}  // namespace kernels::wikitext
