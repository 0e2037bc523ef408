#include "unigram_charsmap.hpp"

#include <cstring>

#include "bytes.hpp"
#include "model_error.hpp"

namespace kernels::unigram {
namespace {

constexpr size_t kBlockBytes = 1024;   // a double array is a whole number of blocks of 256 units
constexpr uint32_t kLeaf = 1u << 31;   // set in units that hold a value
constexpr size_t kMostMatches = 32;    // sentencepiece looks at so many rules and no further

// A unit leads to its children: they are at its place XOR this XOR their label.
uint32_t offset(uint32_t unit) { return (unit >> 10) << ((unit >> 6) & 8); }
bool has_value(uint32_t unit) { return unit >> 8 & 1; }
uint32_t label(uint32_t unit) { return unit & (kLeaf | 0xFF); }
uint32_t value(uint32_t unit) { return unit & ~kLeaf; }

}  // namespace

CharsMap::CharsMap(std::string_view blob) {
  if (blob.empty()) return;
  uint32_t trie_bytes = 0;
  if (blob.size() <= sizeof trie_bytes) throw InvalidModel("the normaliser's rules end early");
  std::memcpy(&trie_bytes, blob.data(), sizeof trie_bytes);
  blob.remove_prefix(sizeof trie_bytes);
  if (trie_bytes == 0 || trie_bytes % kBlockBytes || trie_bytes >= blob.size() || blob.back() != '\0')
    throw InvalidModel("the normaliser's rules are damaged");
  units_.resize(trie_bytes / sizeof(uint32_t));
  std::memcpy(units_.data(), blob.data(), trie_bytes);
  replacements_ = blob.substr(trie_bytes);
  if (!is_sound()) throw InvalidModel("the normaliser's rules are damaged");
}

// Whether no walk leaves the array and every value is a place in the replacements.
bool CharsMap::is_sound() const {
  const auto inside = [this](size_t at) { return ((at ^ offset(units_[at])) | 0xFF) < units_.size(); };
  if (label(units_[0]) || has_value(units_[0]) || offset(units_[0]) == 0 || !inside(0)) return false;
  for (size_t at = 1; at < units_.size(); ++at) {
    const uint32_t unit = units_[at];
    if (label(unit) & kLeaf) {
      if (value(unit) >= replacements_.size()) return false;
    } else if (!inside(at) || (has_value(unit) && !(label(units_[at ^ offset(unit)]) & kLeaf))) {
      return false;
    }
  }
  return true;
}

CharsMap::Match CharsMap::longest(const uint8_t* p, const uint8_t* end) const {
  if (units_.empty()) return {};
  Match match;
  uint32_t at = offset(units_[0]), found = 0;
  size_t matches = 0;
  for (const uint8_t* next = p; next < end && matches < kMostMatches; ++next) {
    at ^= *next;
    const uint32_t unit = units_[at];
    if (label(unit) != *next) break;
    at ^= offset(unit);
    if (!has_value(unit)) continue;
    match.length = static_cast<size_t>(next + 1 - p);
    found = value(units_[at]);
    ++matches;
  }
  if (match.length) match.replacement = replacements_.c_str() + found;
  return match;
}

bool CharsMap::may_change(uint8_t byte) const {
  if (units_.empty()) return false;
  const uint32_t at = offset(units_[0]) ^ byte, unit = units_[at];
  if (label(unit) != byte) return false;
  bool changes = has_value(unit);
  for (uint32_t next = 0; next < 0x80; ++next) changes |= label(units_[at ^ offset(unit) ^ next]) == next;
  return changes;
}

}  // namespace kernels::unigram
