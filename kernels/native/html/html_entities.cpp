#include "html_entities.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>

#include "html_entity_table.hpp"
#include "utf8.hpp"

namespace kernels::html {
namespace {

// What the numbers 0x80 to 0x9F mean: their characters in windows-1252.
constexpr uint16_t kWindows1252[32] = {
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
};

constexpr uint32_t kLastCodePoint = 0x10FFFF;

int digit_value(uint8_t c, int base) {
  if (c >= '0' && c <= '9') return c - '0';
  const uint8_t folded = c | 0x20;
  return base == 16 && folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

bool is_no_character(uint32_t code) {
  return (code >= 0x1 && code <= 0x8) || (code >= 0xE && code <= 0x1F) || (code >= 0x7F && code <= 0x9F) ||
         (code >= 0xFDD0 && code <= 0xFDEF) || code == 0xB || (code & 0xFFFE) == 0xFFFE;
}

uint8_t* write_number(uint32_t code, uint8_t* out) {
  if (code >= 0x80 && code <= 0x9F) return utf8::encode(kWindows1252[code - 0x80], out);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code == 0 || code > kLastCodePoint || surrogate) return utf8::encode(utf8::kReplacement, out);
  return is_no_character(code) ? out : utf8::encode(code, out);
}

Reference write_numeric(const uint8_t* p, const uint8_t* end, uint8_t* out) {
  const uint8_t* digits = p + 2;
  const int base = digits < end && (*digits | 0x20) == 'x' ? 16 : 10;
  if (base == 16) ++digits;
  const uint8_t* at = digits;
  uint32_t code = 0;
  for (int value; at < end && (value = digit_value(*at, base)) >= 0; ++at)
    code = std::min(code * static_cast<uint32_t>(base) + static_cast<uint32_t>(value), kLastCodePoint + 1);
  if (at == digits) {
    *out++ = '&';
    return {p + 1, out};
  }
  if (at < end && *at == ';') ++at;
  return {at, write_number(code, out)};
}

}  // namespace

Reference write_reference(const uint8_t* p, const uint8_t* end, uint8_t* out) {
  if (p + 1 < end && p[1] == '#') return write_numeric(p, end, out);
  const uint8_t* name = p + 1;
  const uint8_t* stop = name;
  while (stop < end && static_cast<size_t>(stop - name) < kLongestEntity) {
    const uint8_t c = *stop;
    const bool alphanumeric = static_cast<uint8_t>((c | 0x20) - 'a') < 26 || static_cast<uint8_t>(c - '0') < 10;
    if (c == ';') ++stop;
    if (!alphanumeric) break;
    ++stop;
  }
  // The longest name that is there: one that ends in ";" first, then those that need none.
  for (std::string_view rest(reinterpret_cast<const char*>(name), static_cast<size_t>(stop - name)); rest.size() >= 2;
       rest.remove_suffix(1)) {
    const auto before = [](const Entity& entity, std::string_view wanted) { return entity.name < wanted; };
    const Entity* found = std::lower_bound(std::begin(kEntities), std::end(kEntities), rest, before);
    if (found == std::end(kEntities) || found->name != rest) continue;
    std::memcpy(out, found->text.data(), found->text.size());
    return {name + rest.size(), out + found->text.size()};
  }
  *out++ = '&';
  return {p + 1, out};
}

}  // namespace kernels::html
