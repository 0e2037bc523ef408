#include "shingles.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "bytes.hpp"
#include "unicode_tables.hpp"
#include "utf8.hpp"

namespace kernels {
namespace {

constexpr size_t kPiece = size_t{1} << 20;  // bytes of text normalised at a time, if it has white space so often

bool within(const unicode::Range* begin, const unicode::Range* end, uint32_t code) {
  const unicode::Range* row =
      std::upper_bound(begin, end, code, [](uint32_t c, const unicode::Range& r) { return c < r.first; });
  return row != begin && code <= row[-1].last;
}

std::u32string finish(uint32_t code) {
  if (unicode::is_decimal_digit(code)) return U"0";
  if (within(std::begin(unicode::kSeparators), std::end(unicode::kSeparators), code)) return U" ";
  if (within(std::begin(unicode::kFormats), std::end(unicode::kFormats), code)) return {};
  return {static_cast<char32_t>(code)};
}

std::vector<uint32_t> touched() {
  std::vector<uint32_t> codes;
  const auto add = [&codes](const auto& ranges) {
    for (const auto& row : ranges)
      for (uint32_t code = row.first; code <= row.last; ++code) codes.push_back(code);
  };
  add(unicode::kSeparators);
  add(unicode::kFormats);
  return codes;
}

// Scripts that put no spaces between words: each of their characters counts as one.
bool is_word_by_itself(uint32_t code) {
  constexpr unicode::Range kRanges[] = {
      {0x0E00, 0x0EFF},                                                         // Thai, Lao
      {0x1000, 0x109F}, {0x1780, 0x17FF},                                       // Myanmar, Khmer
      {0x2E80, 0x2FDF}, {0x3005, 0x3007}, {0x3040, 0x30FF}, {0x31F0, 0x31FF},   // radicals, kana
      {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFF}  // ideographs
  };
  return code >= kRanges[0].first && within(std::begin(kRanges), std::end(kRanges), code);
}

constexpr std::array<bool, 256> word_bytes() {
  std::array<bool, 256> is_word{};
  for (int c = 'a'; c <= 'z'; ++c) is_word[c] = true;
  for (int c = '0'; c <= '9'; ++c) is_word[c] = true;
  for (int c = 0x80; c < 256; ++c) is_word[c] = true;
  return is_word;
}

constexpr std::array<bool, 256> kWordByte = word_bytes();

Block is_ascii_word(Block block) {
  return ((block >= 'a') & (block <= 'z')) | ((block >= '0') & (block <= '9'));
}

bool is_ascii_space(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

}  // namespace

const NormalForm& shingle_form() {
  static const NormalForm form({finish, true, touched()});
  return form;
}

Shingler::Shingler(size_t words) : words_(words) {
  if (words == 0) throw std::invalid_argument("a shingle has at least one word");
}

void Shingler::start() {
  joined_.clear();
  spans_.clear();
}

// White space is no part of a word and decides nothing around it, so the text may be cut there.
void Shingler::add_piece(Text& text) {
  const uint8_t* cut = text.end;
  if (static_cast<size_t>(text.end - text.begin) > kPiece) {
    cut = text.begin + kPiece;
    while (cut > text.begin && !is_ascii_space(cut[-1])) --cut;
    if (cut == text.begin) cut = std::find_if(text.begin + kPiece, text.end, is_ascii_space);
  }
  const Text piece{text.begin, cut, text.readable};
  text.begin = cut;
  normal_.clear();
  normal_.make_room(NormalForm::capacity(static_cast<size_t>(piece.end - piece.begin)));
  add_words(normal_.data(), shingle_form().apply(piece, normal_.data()));
}

void Shingler::add_words(const uint8_t* p, const uint8_t* end) {
  // A word of one character takes at most two bytes for each of its own: itself and a space.
  joined_.make_room(2 * static_cast<size_t>(end - p) + kSlack);
  uint8_t* out = joined_.end();
  while (p < end) {
    if (!kWordByte[*p]) {
      ++p;
      continue;
    }
    uint8_t* const begin = out;
    while (p < end && kWordByte[*p]) {
      if (*p < 0x80) {
        const Block block = load_block(p);  // the normal form has room behind it
        store_block(out, block);
        const size_t run = std::min(first_set(~is_ascii_word(block)), static_cast<size_t>(end - p));
        p += run;
        out += run;
        continue;
      }
      const utf8::Decoded character = utf8::decode_multibyte(p, end);
      if (character.code == utf8::kReplacement) {  // a symbol, which the normal form puts for ill-formed bytes
        p += character.length;
        break;
      }
      const bool alone = is_word_by_itself(character.code);
      if (alone && out > begin) break;
      out = std::copy(p, p + character.length, out);
      p += character.length;
      if (alone) break;
    }
    if (out == begin) continue;
    spans_.push_back({static_cast<size_t>(begin - joined_.data()), static_cast<size_t>(out - joined_.data())});
    *out++ = ' ';
  }
  joined_.set_end(out);
}

void Shingler::forget_all_but(size_t words) {
  if (spans_.size() <= words) return;
  const size_t gone = words ? spans_[spans_.size() - words].begin : joined_.size();
  std::memmove(joined_.data(), joined_.data() + gone, joined_.size() - gone);
  joined_.set_end(joined_.end() - gone);
  spans_.erase(spans_.begin(), spans_.end() - static_cast<std::ptrdiff_t>(words));
  for (Span& span : spans_) span.begin -= gone, span.end -= gone;
}

}  // namespace kernels
