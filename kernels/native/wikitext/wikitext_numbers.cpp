#include <cmath>
#include <cstdlib>

#include "wikitext_expander.hpp"
#include "wikitext_shield.hpp"

namespace kernels::wikitext {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool parse_number(std::string_view text, double& value, int* decimals) {
  std::string digits;
  int after_point = -1;
  text = trim(text);
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const bool first = digits.empty();
    if (is_digit(rest[0])) {
      digits += rest[0];
      if (after_point >= 0) ++after_point;
    } else if (rest[0] == '.' && after_point < 0) {
      digits += '.';
      after_point = 0;
    } else if ((rest[0] == '-' || rest[0] == '+') && first) {
      digits += rest[0];
    } else if (rest.starts_with("−") && first) {
      digits += '-';
      at += 2;
    } else if (rest[0] != ',' || first) {
      return false;
    }
    ++at;
  }
  if (digits.empty() || digits.size() > 40 || !is_digit(digits.back())) return false;
  value = std::strtod(digits.c_str(), nullptr);
  if (decimals != nullptr) *decimals = std::max(after_point, 0);
  return true;
}

std::string format_number(std::string_view text, const NumberFormat& format) {
  text = trim(text);
  size_t start = 0;
  if (text.starts_with("−")) start = 3;
  if (text.starts_with('-') || text.starts_with('+')) start = 1;
  size_t end = start;
  while (end < text.size() && is_digit(text[end])) ++end;
  const size_t point = end;
  if (end < text.size() && text[end] == '.')
    for (++end; end < text.size() && is_digit(text[end]);) ++end;
  if (end != text.size() || point == start) return std::string(text);
  std::string out = start ? "−" : "";
  if (text.starts_with('+')) out = "+";
  const size_t length = point - start;
  for (size_t i = 0; i < length; ++i) {
    if (i > 0 && (length - i) % 3 == 0 && static_cast<int>(length) >= format.grouped_from) out += format.group;
    out += text[start + i];
  }
  if (end > point + 1) {
    out += format.decimal;
    out.append(text.substr(point + 1, end - point - 1));
  }
  return out;
}

}  // namespace kernels::wikitext
