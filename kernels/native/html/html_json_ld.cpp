#include "html_json_ld.hpp"

#include "utf8.hpp"

namespace kernels::html {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr std::string_view kSpaces = " \t\r\n";

bool is_json_ld(const Tree& tree, const Node& node) {
  const std::string_view* type = node.tag == Tag::kScript ? tree.find(node, AttributeName::kType) : nullptr;
  return type && type->find("ld+json") != kNone;
}

// Content of the string that is the value of the key ending at `at`, escapes and all; empty where it is no string.
std::string_view string_value(std::string_view json, size_t at) {
  at = json.find_first_not_of(kSpaces, at);
  if (at == kNone || json[at] != ':') return {};
  at = json.find_first_not_of(kSpaces, at + 1);
  if (at == kNone || json[at] != '"') return {};
  size_t end = ++at;
  while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
  return end < json.size() ? json.substr(at, end - at) : std::string_view();
}

// The number in the four hexadecimal digits at `at`; more than any where there are none.
constexpr uint32_t kNoNumber = 0x10000;
uint32_t hexadecimal(std::string_view text, size_t at) {
  if (at + 4 > text.size()) return kNoNumber;
  uint32_t number = 0;
  for (const char c : text.substr(at, 4)) {
    const char folded = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') number = number * 16 + static_cast<uint32_t>(c - '0');
    else if (folded >= 'a' && folded <= 'f') number = number * 16 + static_cast<uint32_t>(folded - 'a' + 10);
    else return kNoNumber;
  }
  return number;
}

// Appends the character of the \u escape whose digits are at `at`; returns where reading goes on.
size_t append_escaped(std::string_view text, size_t at, std::string& out) {
  uint32_t code = hexadecimal(text, at);
  if (code == kNoNumber) return at;
  at += 4;
  if (code >= 0xD800 && code < 0xDC00 && text.substr(at, 2) == "\\u") {
    const uint32_t low = hexadecimal(text, at + 2);
    if (low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      at += 6;
    }
  }
  if (code >= 0xD800 && code < 0xE000) code = utf8::kReplacement;
  uint8_t bytes[4];
  out.append(bytes, utf8::encode(code, bytes));
  return at;
}

}  // namespace

std::string unescape_json(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c != '\\' || at == text.size()) {
      out += c;
      continue;
    }
    const char escaped = text[at++];
    if (escaped == 'u') at = append_escaped(text, at, out);
    else if (escaped == 'n' || escaped == 'r') out += '\n';
    else if (escaped == 't' || escaped == 'b' || escaped == 'f') out += ' ';
    else out += escaped;
  }
  return out;
}

std::string find_article_body(const Tree& tree) {
  constexpr std::string_view kKey = "\"articleBody\"";
  std::string_view longest;
  for (size_t i = 0; i + 1 < tree.nodes.size(); ++i) {
    if (!is_json_ld(tree, tree.nodes[i]) || !tree.nodes[i + 1].is_text()) continue;
    const std::string_view json = tree.text(tree.nodes[i + 1]);
    for (size_t at = json.find(kKey); at != kNone;) {
      const std::string_view value = string_value(json, at + kKey.size());
      if (value.size() > longest.size()) longest = value;
      at = json.find(kKey, at + kKey.size() + value.size());
    }
  }
  return unescape_json(longest);
}

}  // namespace kernels::html
