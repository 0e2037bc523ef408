#include "kenlm_format.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "bytes.hpp"
#include "model_error.hpp"

namespace kernels::kenlm {
namespace {

constexpr std::string_view kMagic = "mmap lm http://kheafield.com/code";
constexpr std::string_view kVersionMark = " format version ";
constexpr std::string_view kVersion = "5\n";
constexpr size_t kMagicBytes = 56;

// What a machine must agree on to read the file.
struct Sanity {
  char magic[kMagicBytes] = {};
  float zero = 0, one = 1, minus_half = -0.5;
  WordId one_word = 1, last_word = std::numeric_limits<WordId>::max(), padding = 0;
  uint64_t one_count = 1;
};
static_assert(sizeof(Sanity) == 88);

struct Parameters {
  uint8_t order;
  uint8_t padding[3];
  float probing_multiplier;
  uint32_t structure;
  uint8_t has_words;
  uint8_t more_padding[3];
  uint32_t version;
};
static_assert(sizeof(Parameters) == 20);

struct VocabularyHeader {
  uint32_t version;
  WordId words;
};

constexpr const char* kStructures[] = {"probing hash tables", "probing hash tables with rest costs", "a trie",
                                       "a quantized trie", "a trie with compressed pointers",
                                       "a quantized trie with compressed pointers"};

Sanity reference() {
  Sanity sanity;
  const std::string magic = std::string(kMagic).append(kVersionMark).append(kVersion);
  std::memcpy(sanity.magic, magic.data(), magic.size());
  return sanity;
}

size_t header_bytes(size_t order) { return (sizeof(Sanity) + sizeof(Parameters) + order * sizeof(uint64_t) + 7) / 8 * 8; }

template <class T>
T read(std::string_view file, size_t at) {
  T value;
  std::memcpy(&value, file.data() + at, sizeof value);
  return value;
}

void check_sanity(std::string_view file) {
  if (file.size() < sizeof(Sanity) + sizeof(Parameters)) throw InvalidModel("the header is cut short");
  const Sanity sanity = reference();
  if (std::memcmp(file.data(), &sanity, sizeof sanity) == 0) return;
  std::string_view rest = file.substr(kMagic.size());
  if (rest.starts_with(" incomplete")) throw InvalidModel("KenLM did not finish writing it");
  if (rest.starts_with(kVersionMark) && !rest.substr(kVersionMark.size()).starts_with(kVersion))
    throw InvalidModel("another version of KenLM's binary format than 5");
  throw InvalidModel("written on a machine of another byte order or word size");
}

// As many entries as KenLM makes, in the same arithmetic.
size_t table_entries(uint64_t count, float multiplier) {
  const float wanted = multiplier * static_cast<float>(count);
  if (!(wanted < 0x1p60F)) throw InvalidModel("more n-grams than fit in memory");
  return std::max(count + 1, static_cast<uint64_t>(wanted));
}

class Places {
 public:
  explicit Places(size_t begin) : end_(begin) {}

  TablePlace take(size_t entries, size_t entry_bytes, size_t bucket = 1) {
    if (bucket > 1) {
      entries = (entries + bucket - 1) / bucket * bucket;
      end_ = (end_ + kLineBytes - 1) / kLineBytes * kLineBytes;
    }
    const TablePlace place{end_, entries, bucket};
    if (__builtin_mul_overflow(entries, entry_bytes, &entries) || __builtin_add_overflow(end_, entries, &end_))
      throw InvalidModel("more n-grams than fit in memory");
    return place;
  }
  size_t end() const { return end_; }

 private:
  size_t end_;
};

}  // namespace

uint64_t hash_word(std::string_view word) {
  constexpr uint64_t kMultiplier = 0xC6A4A7935BD1E995u;
  constexpr unsigned kShift = 47;
  uint64_t hash = word.size() * kMultiplier;
  size_t at = 0;
  for (; at + 8 <= word.size(); at += 8) {
    const uint64_t chunk = read<uint64_t>(word, at) * kMultiplier;
    hash = (hash ^ (chunk ^ chunk >> kShift) * kMultiplier) * kMultiplier;
  }
  if (at < word.size()) {
    uint64_t rest = 0;
    std::memcpy(&rest, word.data() + at, word.size() - at);
    hash = (hash ^ rest) * kMultiplier;
  }
  hash = (hash ^ hash >> kShift) * kMultiplier;
  return hash ^ hash >> kShift;
}

Layout make_layout(std::vector<uint64_t> counts, float probing_multiplier, size_t bucket) {
  for (const uint64_t count : counts)
    if (count >= uint64_t{1} << 60) throw InvalidModel("more n-grams than fit in memory");
  if (counts[0] >= std::numeric_limits<WordId>::max()) throw InvalidModel("more words than 32-bit numbers");
  Layout layout;
  Places places(header_bytes(counts.size()));
  const auto table = [&](uint64_t count, size_t entry_bytes) {
    return places.take(table_entries(count, probing_multiplier), entry_bytes, bucket);
  };
  layout.vocabulary_header = places.take(1, sizeof(VocabularyHeader)).offset;
  layout.vocabulary = table(counts[0], sizeof(VocabularyEntry));
  layout.unigrams = places.take(counts[0] + 1, sizeof(Weights));
  for (size_t n = 2; n < counts.size(); ++n) layout.middle.push_back(table(counts[n - 1], sizeof(MiddleEntry)));
  layout.longest = table(counts.back(), sizeof(LongestEntry));
  layout.end = places.end();
  layout.counts = std::move(counts);
  return layout;
}

bool is_binary(std::string_view file) { return file.starts_with(kMagic); }

void refuse_compressed(std::string_view file) {
  for (const std::string_view magic : {"\x1F\x8B", "BZh", "\xFD" "7zXZ"})
    if (file.starts_with(magic)) throw UnsupportedModel("compressed");
}

Layout read_layout(std::string_view file) {
  check_sanity(file);
  const auto parameters = read<Parameters>(file, sizeof(Sanity));
  const size_t order = parameters.order;
  if (parameters.structure >= std::size(kStructures)) throw InvalidModel("an unknown data structure");
  if (parameters.structure != 0) throw UnsupportedModel(std::string("in ") + kStructures[parameters.structure]);
  if (parameters.version != 0) throw InvalidModel("another version of KenLM's probing hash tables than 0");
  if (order < 2 || order > kMostOrders) throw InvalidModel("of order " + std::to_string(order) + ", not 2 to 6");
  if (!(parameters.probing_multiplier >= 1)) throw InvalidModel("a probing multiplier less than 1");
  if (file.size() < header_bytes(order)) throw InvalidModel("the header is cut short");
  std::vector<uint64_t> counts(order);
  std::memcpy(counts.data(), file.data() + sizeof(Sanity) + sizeof(Parameters), order * sizeof(uint64_t));
  Layout layout = make_layout(std::move(counts), parameters.probing_multiplier);
  if (file.size() < layout.end)
    throw InvalidModel(std::to_string(file.size()) + " bytes long, but its header tells of " +
                       std::to_string(layout.end) + " at least");
  const auto vocabulary = read<VocabularyHeader>(file, layout.vocabulary_header);
  if (vocabulary.version != 0) throw InvalidModel("another version of KenLM's vocabulary than 0");
  if (vocabulary.words > layout.unigrams.entries) throw InvalidModel("more words than unigrams");
  layout.words = vocabulary.words;
  constexpr std::string_view kFirstWord("<unk>\0", 6);
  if (parameters.has_words && !file.substr(layout.end).starts_with(kFirstWord))
    throw InvalidModel("its words are not where they should be");
  return layout;
}

}  // namespace kernels::kenlm
