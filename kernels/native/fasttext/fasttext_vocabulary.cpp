#include "fasttext_vocabulary.hpp"

#include <algorithm>
#include <bit>

namespace kernels::fasttext {
namespace {

enum EntryType : int8_t { kWordEntry = 0, kLabelEntry = 1 };

// NUL, count and type: what an entry takes at least.
constexpr uint64_t kSmallestEntry = 1 + sizeof(int64_t) + sizeof(int8_t);

constexpr int32_t kMostLabels = 1 << 30;  // whose tree has numbers of 32 bits

// fastText builds its tree of labels with this as the count of nodes to come.
constexpr int64_t kLargestCount = 1'000'000'000'000'000;

}  // namespace

Vocabulary::Vocabulary(Reader& file) {
  const auto size = file.value<int32_t>(), words = file.value<int32_t>(), labels = file.value<int32_t>();
  expect(labels > 0 && labels <= kMostLabels, "an impossible number of labels");
  expect(words >= 0 && int64_t{words} + labels == size, "words and labels do not make up the vocabulary");
  file.value<int64_t>();  // tokens of the training text
  pruned_ = file.value<int64_t>();
  expect(pruned_ >= -1, "the number of n-grams left after pruning is impossible");
  words_ = static_cast<uint32_t>(words);
  read_entries(file, static_cast<uint32_t>(size));
  index();
}

void Vocabulary::read_entries(Reader& file, uint32_t count) {
  file.require(count, kSmallestEntry);
  ends_.set_capacity(count + 1);
  ends_.push_back(0);
  int64_t total = 0;
  for (uint32_t number = 0; number < count; ++number) {
    file.word(text_);
    ends_.push_back(text_.size());
    const auto occurrences = file.value<int64_t>();
    const bool is_label = number >= words_;
    expect(file.value<int8_t>() == (is_label ? kLabelEntry : kWordEntry), "labels and words are mixed");
    if (!is_label) continue;
    expect(occurrences >= 0 && occurrences < kLargestCount - total, "a label has an impossible count");
    total += occurrences;
    label_counts_.push_back(occurrences);
  }
}

void Vocabulary::index() {
  const auto count = static_cast<uint32_t>(ends_.size() - 1);
  slots_ = Buffer<Slot>(std::bit_ceil(size_t{2} * count));
  std::fill_n(slots_.data(), slots_.size(), Slot{0, -1});
  for (uint32_t number = 0; number < count; ++number) {
    const uint32_t hash = hash_of(entry(number));
    size_t at = hash & (slots_.size() - 1);
    // Of equal entries the last one counts, as in fastText.
    while (slots_[at].entry >= 0 && !(slots_[at].hash == hash && entry(slots_[at].entry) == entry(number)))
      at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {hash, static_cast<int32_t>(number)};
  }
}

int64_t Vocabulary::find(std::string_view text, uint32_t hash) const {
  for (size_t at = hash & (slots_.size() - 1); slots_[at].entry >= 0; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash == hash && entry(slots_[at].entry) == text) return slots_[at].entry;
  }
  return kUnknown;
}

}  // namespace kernels::fasttext
