#include "wikitext_site.hpp"

#include "unicode.hpp"
#include "utf8.hpp"

namespace kernels::wikitext {

std::string lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = p + text.size();
  while (p < end) {
    if (*p < 0x80) {
      out += to_lower_ascii(static_cast<char>(*p++));
      continue;
    }
    const utf8::Decoded character = utf8::decode_multibyte(p, end);
    if (!character.valid) {
      out.append(reinterpret_cast<const char*>(p), character.length);
    } else {
      uint8_t bytes[4];
      for (uint32_t code : unicode::lower(character.code)) {
        const uint8_t* last = utf8::encode(code, bytes);
        out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(last - bytes));
      }
    }
    p += character.length;
  }
  return out;
}

std::string normal_name(std::string_view text) {
  std::string spaced;
  for (char c : trim(text)) {
    if (c == '_' || is_space(c)) c = ' ';
    if (c != ' ' || (!spaced.empty() && spaced.back() != ' ')) spaced += c;
  }
  while (!spaced.empty() && spaced.back() == ' ') spaced.pop_back();
  return lower(spaced);
}

}  // namespace kernels::wikitext
