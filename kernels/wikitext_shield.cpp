#include "wikitext_shield.hpp"

#include <array>
#include <cstring>

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
    if (found->second == "\u00A0")
      out += ' ';
    else
      append_shielded(found->second, out);
    return end + 2;
  }
  const uint32_t code = body.size() > 1 ? numeric(body) : 0;
  if (code == 0) return 0;
  if (code < 0x20 || code == 0xA0) {
    out += ' ';
  } else {
    uint8_t bytes[4];
    const uint8_t* last = utf8::encode(code, bytes);
    append_shielded({reinterpret_cast<char*>(bytes), static_cast<size_t>(last - bytes)}, out);
  }
  return end + 2;
}

void append_shielded_decoded(std::string_view text, const Names<std::string>& entities, std::string& out) {
  for (size_t at = 0; at < text.size();) {
    const size_t read = text[at] == '&' ? append_entity(text, at, entities, out) : 0;
    if (read == 0) out += shielded(text[at]);
    at += read ? read : 1;
  }
}

void unshield(std::string& text) {
  static constexpr std::string_view kSpaces[] = {"\u00A0", "\u202F", "\u2009", "\u2002", "\u2003", "\u2007", "\u200A"};
  static constexpr std::string_view kInvisible[] = {"\u200B", "\uFEFF", "\u00AD", "\u200E", "\u200F", "\u2060"};
  const auto is_one_of = [](std::string_view rest, const auto& characters, size_t& length) {
    for (std::string_view character : characters)
      if (rest.starts_with(character)) return length = character.size(), true;
    return false;
  };
  size_t write = 0;
  for (size_t read = 0; read < text.size();) {
    const auto c = static_cast<unsigned char>(text[read]);
    if (c == 0xC2 || c == 0xE2 || c == 0xEF) {
      const std::string_view rest = std::string_view(text).substr(read, 3);
      size_t length = 0;
      if (is_one_of(rest, kInvisible, length)) {
        read += length;
        continue;
      }
      if (is_one_of(rest, kSpaces, length)) {
        text[write++] = ' ';
        read += length;
        continue;
      }
    }
    text[write++] = unshielded(text[read++]);
  }
  text.resize(write);
}

}  // namespace kernels::wikitext
