#include "ngram_vocabulary.hpp"

#include <cstring>
#include <limits>
#include <stdexcept>

namespace ngram {

namespace {

constexpr std::size_t kChunkBytes = 1 << 16;
constexpr WordId kEmpty = std::numeric_limits<WordId>::max();

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Not seeded: ids come from order of appearance alone, so the hash never shows in any output.
std::uint64_t hash_of(std::string_view word) {
  std::uint64_t hash = 0x9e3779b97f4a7c15ULL ^ word.size();
  std::size_t i = 0;
  for (; i + 8 <= word.size(); i += 8) {
    std::uint64_t chunk;
    std::memcpy(&chunk, word.data() + i, 8);
    hash = mix(hash ^ chunk, 0xd6e8feb86659fd93ULL);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, word.data() + i, word.size() - i);
  return mix(hash ^ rest, 0xa0761d6478bd642fULL);
}

}  // namespace

Vocabulary::Vocabulary() : slots_(1 << 12, Slot{0, kEmpty}) {
  for (const char* special : {"<unk>", "<s>", "</s>"}) intern(special);
}

WordId Vocabulary::intern(std::string_view word) {
  const std::uint64_t hash = hash_of(word);
  const auto tag = static_cast<std::uint32_t>(hash >> 32);
  std::size_t at = hash & (slots_.size() - 1);
  for (; slots_[at].id != kEmpty; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash == tag && words_[slots_[at].id] == word) return slots_[at].id;
  }
  if (words_.size() >= kEmpty) throw std::length_error("more than 4,294,967,294 distinct words");
  const auto id = static_cast<WordId>(words_.size());
  words_.push_back(store(word));
  slots_[at] = {tag, id};
  if (2 * words_.size() > slots_.size()) grow();
  return id;
}

std::string_view Vocabulary::store(std::string_view word) {
  if (word.size() > chunk_left_) {
    chunk_left_ = word.size() > kChunkBytes ? word.size() : kChunkBytes;
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_left_));
    free_ = chunks_.back().get();
  }
  char* to = free_;
  std::memcpy(to, word.data(), word.size());
  free_ += word.size();
  chunk_left_ -= word.size();
  return {to, word.size()};
}

void Vocabulary::grow() {
  std::vector<Slot> old(slots_.size() * 2, Slot{0, kEmpty});
  old.swap(slots_);
  for (WordId id = 0; id < words_.size(); ++id) {
    const std::uint64_t hash = hash_of(words_[id]);
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].id != kEmpty) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {static_cast<std::uint32_t>(hash >> 32), id};
  }
}

}  // namespace ngram
