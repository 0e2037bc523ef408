#include "wikitext_shield.hpp"

#include <algorithm>
#include <array>

#include "utf8.hpp"

namespace kernels::wikitext {
namespace {

constexpr std::string_view kMarkup = "[]{}|'=*#:;<>&_!-~+ \n\t";

struct Codes {
  std::array<char, 256> to{}, from{};

  Codes() {
    for (size_t i = 0; i < 256; ++i) to[i] = from[i] = static_cast<char>(i);
    unsigned char code = 2;
    for (char c : kMarkup) {
      while (code == '\t' || code == '\n' || code == '\r') ++code;
      to[static_cast<unsigned char>(c)] = static_cast<char>(code);
      from[code++] = c;
    }
  }
};

const Codes& codes() {
  static const Codes kCodes;
  return kCodes;
}

// Code point of "#123" or "#x1F", 0 where that is none.
uint32_t numeric(std::string_view body) {
  const bool hex = body.size() > 1 && (body[1] | 0x20) == 'x';
  body.remove_prefix(hex ? 2 : 1);
  if (body.empty() || body.size() > 8) return 0;
  uint32_t code = 0;
  for (char c : body) {
    const char low = static_cast<char>(c | 0x20);
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(hex && low >= 'a' && low <= 'f')) return 0;
    code = code * (hex ? 16 : 10) + static_cast<uint32_t>(digit ? c - '0' : low - 'a' + 10);
    if (code > 0x10FFFF) return 0;
  }
  return code >= 0xD800 && code < 0xE000 ? 0 : code;
}

// What a character reference stands for; spaces of any kind may be collapsed with others.
void append_reference(std::string_view character, std::string& out) {
  std::string plain;
  append_plain(character, plain);
  if (plain == " " || plain == "\n" || plain == "\t")
    out += ' ';
  else
    append_shielded(plain, out);
}

}  // namespace

char shielded(char c) { return codes().to[static_cast<unsigned char>(c)]; }
char unshielded(char c) { return codes().from[static_cast<unsigned char>(c)]; }

void append_shielded(std::string_view text, std::string& out) {
  for (char c : text) out += shielded(c);
}

size_t append_entity(std::string_view text, size_t at, const Names<std::string>& entities, std::string& out) {
  constexpr size_t kLongest = 32;
  const std::string_view ahead = text.substr(at + 1, kLongest);
  const size_t end = ahead.find(';');
  if (end == std::string_view::npos || end == 0) return 0;
  const std::string_view body = ahead.substr(0, end);
  if (body[0] != '#') {
    const auto found = entities.find(body);
    if (found == entities.end()) return 0;
    append_reference(found->second, out);
    return end + 2;
  }
  const uint32_t code = body.size() > 1 ? numeric(body) : 0;
  if (code == 0) return 0;
  uint8_t bytes[4];
  const uint8_t* last = utf8::encode(code, bytes);
  append_reference({reinterpret_cast<char*>(bytes), static_cast<size_t>(last - bytes)}, out);
  return end + 2;
}

void append_shielded_decoded(std::string_view text, const Names<std::string>& entities, std::string& out) {
  for (size_t at = 0; at < text.size();) {
    const size_t read = text[at] == '&' ? append_entity(text, at, entities, out) : 0;
    if (read == 0) out += shielded(text[at]);
    at += read ? read : 1;
  }
}

void append_plain(std::string_view text, std::string& out) {
  static constexpr std::string_view kSpaces[] = {"\u00A0", "\u202F", "\u2009", "\u2002", "\u2003", "\u2007", "\u200A"};
  static constexpr std::string_view kInvisible[] = {"\u200B", "\uFEFF", "\u00AD", "\u200E", "\u200F", "\u2060"};
  const auto length_of = [](std::string_view rest, const auto& characters) -> size_t {
    for (std::string_view character : characters)
      if (rest.starts_with(character)) return character.size();
    return 0;
  };
  size_t copied = 0;
  for (size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    const bool control = c < 0x20 && c != '\n' && c != '\t';
    if (!control && c != 0xC2 && c != 0xE2 && c != 0xEF) {
      ++at;
      continue;
    }
    const std::string_view rest = text.substr(at, 3);
    const size_t space = length_of(rest, kSpaces), gone = control ? 1 : length_of(rest, kInvisible);
    if (space + gone) {
      out.append(text.substr(copied, at - copied));
      if (space) out += ' ';
      copied = at + space + gone;
    }
    at += std::max<size_t>(space + gone, 1);
  }
  out.append(text.substr(copied));
}

void unshield(std::string& text) {
  for (char& c : text) c = unshielded(c);
}

}  // namespace kernels::wikitext
