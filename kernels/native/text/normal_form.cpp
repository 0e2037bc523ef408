#include "normal_form.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "bytes.hpp"
#include "unicode_tables.hpp"
#include "utf8.hpp"

namespace kernels {
namespace {

constexpr uint32_t kCodePoints = 0x110000;
constexpr uint32_t kCapitalSigma = 0x3A3, kSmallSigma = 0x3C3, kSmallFinalSigma = 0x3C2;

bool is_whitespace(utf8::Decoded character) {
  // Most edges are ASCII: whitespace is then 9-13 and 28-32.
  const uint32_t code = character.code;
  return code < 0x80 ? code - 9 < 5 || code - 28 < 5 : unicode::is_whitespace(code);
}

// str.lower()'s rule: a cased character before, none after, not counting case-ignorable ones.
bool is_final_sigma(Text text, const uint8_t* before, const uint8_t* after) {
  uint32_t code = utf8::kReplacement;
  while (before > text.begin) {
    const utf8::Decoded character = utf8::decode_before(text.begin, before);
    code = character.code;
    if (!unicode::is_case_ignorable(code)) break;
    before -= character.length;
  }
  if (before == text.begin || !unicode::is_cased(code)) return false;
  while (after < text.end) {
    const utf8::Decoded character = utf8::decode(after, text.end);
    if (!unicode::is_case_ignorable(character.code)) return !unicode::is_cased(character.code);
    after += character.length;
  }
  return true;
}

uint8_t* encode_all(const std::u32string& codes, uint8_t* out) {
  for (const char32_t code : codes) out = utf8::encode(code, out);
  return out;
}

}  // namespace

Text strip_ends(Text text) {
  while (text.begin < text.end) {
    const utf8::Decoded character = utf8::decode(text.begin, text.end);
    if (!is_whitespace(character)) break;
    text.begin += character.length;
  }
  while (text.begin < text.end) {
    const utf8::Decoded character = utf8::decode_before(text.begin, text.end);
    if (!is_whitespace(character)) break;
    text.end -= character.length;
  }
  return text;
}

NormalForm::NormalForm(const Definition& definition)
    : definition_(definition), folds_digits_(definition.finish('1') == U"0"), entries_(kDirect + kPageSize, kKeep), pages_(kCodePoints >> kPageBits, kDirect) {
  for (uint32_t code = 0; code < kDirect; ++code) entries_[code] = make_entry(code);
  const auto change = [this](uint32_t code) {
    if (code >= kDirect) mutable_entry(code) = make_entry(code);
  };
  for (const uint32_t code : definition.touched) change(code);
  for (const auto& row : unicode::kDecimalDigits)
    for (uint32_t code = row.first; code <= row.last; ++code) change(code);
  for (const auto& row : unicode::kLower)
    for (uint32_t code = row.first; code <= row.last; code += row.stride) change(code);
  if (definition.decompose) change_decomposed(change);
  sequences_.resize(sequences_.size() + kLongestSequence);  // the last one is copied at full length too
}

template <class Change>
void NormalForm::change_decomposed(Change change) {
  for (const auto& row : unicode::kNonspacingMarks)
    for (uint32_t code = row.first; code <= row.last; ++code) change(code);
  for (const auto& row : unicode::kCombiningClasses)
    for (uint32_t code = row.first; code <= row.last; ++code) change(code);
  for (const auto& row : unicode::kDecompositions) change(row.source);
  for (uint32_t code = 0xAC00; unicode::is_hangul_syllable(code); ++code) change(code);
}

uint32_t& NormalForm::mutable_entry(uint32_t code) {
  uint32_t& page = pages_[code >> kPageBits];
  if (page == kDirect) {
    page = static_cast<uint32_t>(entries_.size());
    entries_.resize(entries_.size() + kPageSize, kKeep);
  }
  return entries_[page + (code & (kPageSize - 1))];
}

unicode::Sequence NormalForm::decomposed(uint32_t code) const {
  return definition_.decompose ? unicode::decompose(code) : unicode::Sequence{{code}, 1};
}

uint32_t NormalForm::make_entry(uint32_t code) {
  if (code == kCapitalSigma) return kSigma;
  std::u32string result;
  for (const uint32_t low : unicode::lower(code)) {
    for (const uint32_t part : decomposed(low)) {
      if (definition_.decompose && unicode::is_nonspacing_mark(part)) continue;
      if (definition_.decompose && unicode::combining_class(part)) return kReordered;
      result += definition_.finish(part);
    }
  }
  if (result == std::u32string{static_cast<char32_t>(code)} && code >= kDirect) return kKeep;
  uint8_t bytes[32];
  const auto length = static_cast<uint32_t>(encode_all(result, bytes) - bytes);
  if (length > std::min(3 * utf8::encoded_length(code), kLongestSequence))
    throw std::logic_error("a normal form outgrows its capacity");
  if (length <= kInline) {
    uint32_t packed = 0;
    std::memcpy(&packed, bytes, length);
    return length << kKindShift | packed;
  }
  const auto position = static_cast<uint32_t>(sequences_.size());
  sequences_.push_back(static_cast<uint8_t>(length));
  sequences_.insert(sequences_.end(), bytes, bytes + length);
  return kSequence | position;
}

// All copies are of a fixed length, which the room behind `out` allows and saves a call for each character.
uint8_t* NormalForm::write_bytes(const uint8_t* p, uint32_t length, uint32_t entry, uint8_t* out) const {
  if (entry >> kKindShift <= kInline) {
    std::memcpy(out, &entry, sizeof entry);
    return out + (entry >> kKindShift);
  }
  if (entry == kKeep) {  // three or four bytes: shorter characters are inline
    std::memcpy(out, p, 3);
    out[3] = p[length - 1];
    return out + length;
  }
  const uint8_t* sequence = &sequences_[entry & kPayload];
  std::memcpy(out, sequence + 1, kLongestSequence);
  return out + sequence[0];
}

// Canonical ordering, from a character that (or part of which) takes part in it to the next starter.
uint8_t* NormalForm::write_reordered(const uint8_t*& p, const uint8_t* end, uint8_t* out) const {
  std::vector<std::pair<uint32_t, uint32_t>> pending;  // combining class, code point
  const auto flush = [&] {
    std::stable_sort(pending.begin(), pending.end(), [](auto& a, auto& b) { return a.first < b.first; });
    for (const auto& [combining_class, code] : pending) out = encode_all(definition_.finish(code), out);
    pending.clear();
  };
  bool first = true;
  while (p < end) {
    const utf8::Decoded character = utf8::decode(p, end);
    const unicode::Sequence parts = unicode::decompose(unicode::lower(character.code).codes[0]);
    if (!first && unicode::combining_class(parts.codes[0]) == 0) break;
    first = false;
    p += character.length;
    for (const uint32_t part : parts) {
      const uint32_t combining_class = unicode::combining_class(part);
      if (combining_class == 0) flush();
      if (!unicode::is_nonspacing_mark(part)) pending.emplace_back(combining_class, part);
    }
  }
  flush();
  return out;
}

// Writes the characters at p, whatever they are, until plain ASCII follows.
uint8_t* NormalForm::write_characters(const uint8_t*& p, Text text, uint8_t* out) const {
  const uint8_t* const end = text.end;
  while (p < end) {
    if (*p < 0x80) {
      out = write_bytes(p, 1, entries_[*p], out);
      ++p;
      if (p < end && *p < 0x80) return out;
      continue;
    }
    const utf8::Decoded character = utf8::decode_multibyte(p, end);
    if (!character.valid) {
      std::memcpy(out, utf8::kReplacementBytes, sizeof utf8::kReplacementBytes);
      out += sizeof utf8::kReplacementBytes;
      p += character.length;
      continue;
    }
    const uint32_t found = entry(character.code);
    if (found == kReordered) {
      out = write_reordered(p, end, out);
      continue;
    }
    if (found == kSigma)
      out = utf8::encode(is_final_sigma(text, p, p + character.length) ? kSmallFinalSigma : kSmallSigma, out);
    else
      out = write_bytes(p, character.length, found, out);
    p += character.length;
  }
  return out;
}

uint8_t* NormalForm::apply(Text text, uint8_t* out) const {
  const Block digits = Block{} - static_cast<int8_t>(folds_digits_);  // a mask of all bits or none
  text = strip(text);
  const uint8_t* p = text.begin;
  while (p < text.end) {
    Block block;
    const size_t left = static_cast<size_t>(text.end - p);
    if (static_cast<size_t>(text.readable - p) >= kBlock) {
      block = load_block(p);
    } else {
      uint8_t padded[kBlock] = {};
      std::memcpy(padded, p, left);
      block = load_block(padded);
    }
    const Block upper = (block >= 'A') & (block <= 'Z');
    const Block digit = (block >= '0') & (block <= '9') & digits;
    store_block(out, ((block + (upper & 0x20)) & ~digit) | ('0' & digit));
    const size_t special = first_set((block < 0x20) | (block == 0x7F));
    if (special == kBlock && left >= kBlock) {  // apart, so that the next block need not wait for what is in this one
      p += kBlock;
      out += kBlock;
      continue;
    }
    const size_t plain = std::min(special, left);
    p += plain;
    out += plain;
    if (plain < kBlock && p < text.end) out = write_characters(p, text, out);
  }
  return out;
}

}  // namespace kernels
