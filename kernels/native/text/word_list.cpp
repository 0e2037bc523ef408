#include "word_list.hpp"

#include <cstring>
#include <stdexcept>

#include "characters.hpp"
#include "unicode.hpp"

namespace kernels {
namespace {

using namespace characters;

// str.lower(), but for a capital sigma at the end of a word.
void lower(Text text, std::string& out) {
  out.clear();
  for (const uint8_t* p = text.begin; p < text.end;) {
    if (*p < 0x80) {
      out.push_back(static_cast<char>(*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p));
      ++p;
      continue;
    }
    const utf8::Decoded decoded = utf8::decode_multibyte(p, text.end);
    for (const uint32_t code : unicode::lower(decoded.code)) {
      uint8_t bytes[4];
      out.append(reinterpret_cast<char*>(bytes), reinterpret_cast<char*>(utf8::encode(code, bytes)));
    }
    p += decoded.length;
  }
}

}  // namespace

WordList::WordList(const std::vector<std::string>& words, bool flanked) : flanked_(flanked) {
  for (const std::string& word : words) {
    if (word.empty()) throw std::invalid_argument("an empty word would be found everywhere");
    by_first_[static_cast<uint8_t>(word[0])].push_back(word);
  }
}

bool WordList::occurs_in(Text text) {
  lower(text, lowered_);
  const auto* p = reinterpret_cast<const uint8_t*>(lowered_.data());
  const uint8_t* end = p + lowered_.size();
  for (bool inside = false; p < end;) {  // inside: behind a character of \w
    if (!(flanked_ && inside) && starts_at(p, end)) return true;
    const Character character = character_at(p, end);
    inside = (character.classes & characters::kWord) != 0;
    p = character.edge;
  }
  return false;
}

bool WordList::starts_at(const uint8_t* p, const uint8_t* end) const {
  for (const std::string& word : by_first_[*p]) {
    if (static_cast<size_t>(end - p) < word.size() || std::memcmp(p, word.data(), word.size())) continue;
    if (!flanked_ || !(classes_at(p + word.size(), end) & characters::kWord)) return true;
  }
  return false;
}

}  // namespace kernels
