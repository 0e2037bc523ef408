// The pattern: an optional scheme, an optional user ending in @, then an IP address that is not private or a host name
// with a lower-case top level, an optional port and an optional path. Every part ends where its own characters do, so
// the only choice is where the host begins: at the front, behind the scheme, or behind any @.
#include "url_pattern.hpp"

#include <cstddef>
#include <cstring>
#include <string_view>

#include "bytes.hpp"
#include "characters.hpp"

namespace kernels::english {
namespace {

using namespace characters;

constexpr size_t kLongestLabel = 64, kLongestTopLevel = 63;

// A-Z a-z 0-9 U+00A1..U+FFFF
bool is_host_character(uint32_t code, const uint8_t* p) {
  return code < 0x80 ? is_ascii_letter(*p) || is_ascii_digit(*p) : code >= 0xA1 && code <= 0xFFFF;
}

struct Digits {
  const uint8_t* end;
  size_t count;
  uint8_t ascii[3];  // of the first three, 'x' for digits of other scripts
};

Digits read_digits(const uint8_t* p, const uint8_t* end) {
  Digits digits{p, 0, {}};
  while (digits.end < end) {
    const Character character = character_at(digits.end, end);
    if (!(character.classes & kDigit)) break;
    if (digits.count < 3) digits.ascii[digits.count] = *digits.end < 0x80 ? *digits.end : 'x';
    ++digits.count;
    digits.end = character.edge;
  }
  return digits;
}

bool starts_path(uint8_t byte) { return byte == '/' || byte == '?' || byte == '#'; }

bool is_port_and_path(const uint8_t* p, const uint8_t* end) {
  if (p < end && *p == ':') {
    const Digits port = read_digits(p + 1, end);
    if (port.count < 2 || port.count > 5) return false;
    p = port.end;
  }
  return p == end || starts_path(*p);
}

// Three digits from 200 to 2`tens`9 or, with `tens` + 1 before it, up to `ones`.
bool is_two_hundreds(const Digits& d, uint8_t tens, uint8_t ones) {
  if (d.count != 3 || d.ascii[0] != '2') return false;
  return (d.ascii[1] >= '0' && d.ascii[1] <= tens) ||
         (d.ascii[1] == tens + 1 && d.ascii[2] >= '0' && d.ascii[2] <= ones);
}

bool is_one_hundreds(const Digits& d) { return d.count == 3 && d.ascii[0] == '1'; }

bool is_outer_octet(const Digits& d, uint8_t tens, uint8_t ones) {
  const bool short_number = (d.count == 1 || d.count == 2) && d.ascii[0] >= '1' && d.ascii[0] <= '9';
  return short_number || is_one_hundreds(d) || is_two_hundreds(d, tens, ones);
}

bool is_inner_octet(const Digits& d) {
  return d.count == 1 || d.count == 2 || is_one_hundreds(d) || is_two_hundreds(d, '4', '5');
}

bool equals(const Digits& d, std::string_view number) {
  return d.count == number.size() && std::memcmp(d.ascii, number.data(), number.size()) == 0;
}

bool is_private(const Digits octets[4]) {
  if (equals(octets[0], "10") || equals(octets[0], "127")) return true;
  if (equals(octets[0], "169")) return equals(octets[1], "254");
  if (equals(octets[0], "192")) return equals(octets[1], "168");
  if (!equals(octets[0], "172") || octets[1].count != 2) return false;
  const uint8_t* second = octets[1].ascii;
  return (second[0] == '1' && second[1] >= '6' && second[1] <= '9') || second[0] == '2' ||
         (second[0] == '3' && (second[1] == '0' || second[1] == '1'));
}

bool is_address(const uint8_t* p, const uint8_t* end) {
  Digits octets[4];
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && (p == end || *p++ != '.')) return false;
    octets[i] = read_digits(p, end);
    p = octets[i].end;
  }
  return is_outer_octet(octets[0], '1', '3') && is_inner_octet(octets[1]) && is_inner_octet(octets[2]) &&
         is_outer_octet(octets[3], '4', '4') && !is_private(octets) && is_port_and_path(p, end);
}

// The position behind the dot of a label at p, null if there is none.
const uint8_t* skip_label(const uint8_t* p, const uint8_t* end) {
  size_t length = 0;
  bool host_character = false;
  for (; p < end && *p != '.'; ++length) {
    const utf8::Decoded decoded = utf8::decode(p, end);
    host_character = is_host_character(decoded.code, p);
    if (!host_character && (length == 0 || (*p != '_' && *p != '-'))) return nullptr;
    p += decoded.length;
  }
  return p < end && host_character && length <= kLongestLabel ? p + 1 : nullptr;
}

bool is_host(const uint8_t* p, const uint8_t* end) {
  bool labelled = false;
  while (const uint8_t* next = skip_label(p, end)) {
    p = next;
    labelled = true;
  }
  size_t length = 0;
  while (p < end) {
    const Character character = character_at(p, end);
    if (!(character.classes & kAlphaLower)) break;
    ++length;
    p = character.edge;
  }
  return labelled && length >= 2 && length <= kLongestTopLevel && is_port_and_path(p, end);
}

bool is_rest(const uint8_t* p, const uint8_t* end) { return is_address(p, end) || is_host(p, end); }

const uint8_t* skip_scheme(const uint8_t* begin, const uint8_t* end) {
  const uint8_t* p = begin;
  size_t length = 0;
  for (; p < end; ++length) {
    const Character character = character_at(p, end);
    if (!(character.classes & kWord) && *p != '+' && *p != '-' && *p != '.') break;
    p = character.edge;
  }
  return length >= 2 && end - p >= 3 && std::memcmp(p, "://", 3) == 0 ? p + 3 : begin;
}

}  // namespace

bool is_url(const uint8_t* begin, const uint8_t* end) {
  if (find_byte(begin, end, '.') == end) return false;
  if (is_rest(begin, end)) return true;
  const uint8_t* behind_scheme = skip_scheme(begin, end);
  if (behind_scheme != begin && is_rest(behind_scheme, end)) return true;
  for (const uint8_t* at = begin == end ? end : find_byte(begin + 1, end, '@'); at < end;
       at = find_byte(at + 1, end, '@'))
    if (is_rest(at + 1, end)) return true;
  return false;
}

}  // namespace kernels::english
