#include "kenlm_stream.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <type_traits>
#include <utility>

namespace kernels::kenlm {
namespace {

constexpr size_t kBlockWords = 256;
constexpr size_t kHistory = kMostOrders - 1;
constexpr uint32_t kSignBit = 1u << 31;

// By any set of the lowest bits: all bits up to the highest one that is set.
constexpr auto kUpTo = [] {
  std::array<uint8_t, size_t{1} << kMostOrders> table{};
  for (unsigned bits = 0; bits < table.size(); ++bits)
    table[bits] = static_cast<uint8_t>((1u << std::bit_width(bits)) - 1);
  return table;
}();

bool has_longer(float probability) { return !(std::bit_cast<uint32_t>(probability) & kSignBit); }
bool is_extended(float backoff) { return std::bit_cast<uint32_t>(backoff) != kSignBit; }

}  // namespace

struct ScoreStream::Block {
  size_t count = 0;
  WordId words[kHistory + kBlockWords] = {};  // the last ones of the block before come first
  uint32_t predecessors[kBlockWords] = {};    // in the sentence; kHistory stands for more, too

  // What the model knows of the n-grams that end in each word: bit n is set if that of n + 1 words is there, and their
  // weights by n. The back-offs come after those of the last word of the block before.
  uint32_t found[kBlockWords] = {};
  float probabilities[kMostOrders][kBlockWords] = {};
  float backoffs[kHistory][1 + kBlockWords] = {};

  // The search for longer ones.
  uint64_t keys[kBlockWords] = {};
  const void* entries[kBlockWords] = {};  // where the keys should be
  uint32_t active[kBlockWords] = {};      // the words of which a longer n-gram may be there
};

ScoreStream::ScoreStream(const Model& model)
    : model_(model), order_(model.order()), block_(std::make_unique<Block>()) {}

ScoreStream::~ScoreStream() = default;

void ScoreStream::begin_sentence() {
  position_ = 0;
  const WordId word = model_.sentence_begin();
  add(&word, 1);
}

void ScoreStream::end_sentence() {
  const WordId word = model_.sentence_end();
  add(&word, 1);
}

void ScoreStream::add(const WordId* words, size_t count) {
  Block& block = *block_;
  while (count > 0) {
    const size_t taken = std::min(count, kBlockWords - block.count);
    for (size_t i = 0; i < taken; ++i) {
      block.words[kHistory + block.count + i] = words[i];
      block.predecessors[block.count + i] = static_cast<uint32_t>(std::min(position_ + i, kHistory));
    }
    for (size_t i = 0; i < taken; ++i) make_key(block.count + i, 2, words[i]);
    position_ += taken;
    words += taken;
    count -= taken;
    if ((block.count += taken) == kBlockWords) score_block();
  }
}

bool ScoreStream::add_words(std::string_view text) {
  const std::string_view read = text.substr(0, text.find('\0'));
  for (size_t begin = 0; (begin = read.find_first_not_of(kSpaces, begin)) != std::string_view::npos;) {
    const size_t end = std::min(read.find_first_of(kSpaces, begin), read.size());
    const WordId word = model_.word(read.substr(begin, end - begin));
    add(&word, 1);
    begin = end;
  }
  return read.size() == text.size();
}

Buffer<float> ScoreStream::finish() {
  score_block();
  if (in_sentence_) scores_.push_back(total_);
  in_sentence_ = false;
  return std::exchange(scores_, Buffer<float>());
}

void ScoreStream::score_block() {
  size_t active_count = look_up_unigrams();
  for (size_t length = 2; length <= order_ && active_count; ++length) {
    for (size_t i = 0; i < active_count && length > 2; ++i) {
      const size_t item = block_->active[i];
      make_key(item, length, block_->keys[item]);
    }
    active_count = length < order_ ? look_up(model_.middle(length), length, active_count)
                                   : look_up(model_.longest(), length, active_count);
  }
  sum_up();
  Block& block = *block_;
  std::copy_n(block.words + block.count, kHistory, block.words);
  for (auto& backoffs : block.backoffs) backoffs[0] = backoffs[block.count];
  block.count = 0;
}

// Returns how many words are active: a longer n-gram is looked for only where the shorter one says that there are any.
size_t ScoreStream::look_up_unigrams() {
  Block& block = *block_;
  size_t active_count = 0;
  for (size_t item = 0; item < block.count; ++item) {
    const Weights weights = model_.unigram(block.words[kHistory + item]);
    block.probabilities[0][item] = weights.probability;
    block.backoffs[0][1 + item] = weights.backoff;
    block.found[item] = 1;
    block.active[active_count] = static_cast<uint32_t>(item);
    active_count += has_longer(weights.probability) && block.predecessors[item] > 0;
  }
  return active_count;
}

// From the key of the n-gram one word shorter.
inline void ScoreStream::make_key(size_t item, size_t length, uint64_t shorter) {
  Block& block = *block_;
  const uint64_t key = extend_key(shorter, block.words[kHistory + item + 1 - length]);
  const void* entry = length < order_ ? static_cast<const void*>(model_.middle(length).ideal(key))
                                      : static_cast<const void*>(model_.longest().ideal(key));
  block.keys[item] = key;
  block.entries[item] = entry;
  __builtin_prefetch(entry);
  __builtin_prefetch(static_cast<const char*>(entry) + Table<const MiddleEntry>::kGroup * sizeof(MiddleEntry) - 1);
}

// Returns how many words remain active.
template <class EntryType>
size_t ScoreStream::look_up(const Table<EntryType>& table, size_t length, size_t active_count) {
  Block& block = *block_;
  float* const probabilities = block.probabilities[length - 1];
  const uint32_t shorter = (1u << (length - 1)) - 1;
  [[maybe_unused]] float* const backoffs = block.backoffs[std::min(length, kHistory) - 1] + 1;
  uint32_t undecided[kBlockWords];
  size_t still_active = 0;
  const auto note = [&](uint32_t item, const EntryType& entry, bool found) {
    if constexpr (std::is_same_v<EntryType, const MiddleEntry>) {
      probabilities[item] = entry.value.probability;
      backoffs[item] = entry.value.backoff;
    } else {
      probabilities[item] = entry.value;
    }
    block.found[item] = shorter | static_cast<uint32_t>(found) << (length - 1);
    block.active[still_active] = item;
    still_active += found & has_longer(probabilities[item]) & (block.predecessors[item] >= length);
  };
  const uint32_t* items = block.active;
  size_t count = active_count;
  for (size_t asked = 0; count > 0; asked += table.kGroup, items = undecided) {
    size_t undecided_count = 0;
    for (size_t i = 0; i < count; ++i) {
      const uint32_t item = items[i];
      EntryType* const entry = static_cast<EntryType*>(block.entries[item]) + asked;
      if (table.has_group(entry)) {
        const auto answer = table.ask_group(block.keys[item], entry);
        note(item, *answer.entry, answer.found);
        undecided[undecided_count] = item;
        undecided_count += answer.undecided;
      } else if (EntryType* found = table.find(block.keys[item], entry)) {
        note(item, *found, true);
      }
    }
    count = undecided_count;
  }
  return still_active;
}

// KenLM's sums, in which only the number of back-offs varies: adding zeros is faster than guessing it.
void ScoreStream::sum_up() {
  Block& block = *block_;
  const size_t count = block.count;
  const auto order = static_cast<uint32_t>(order_);
  uint32_t extended[kBlockWords] = {};  // bit n: longer n-grams begin with that of n + 1 words
  for (uint32_t n = 0; n < kHistory; ++n) {
    const uint32_t bit = 1u << n;
    for (size_t item = 0; item < count; ++item) extended[item] |= is_extended(block.backoffs[n][1 + item]) ? bit : 0;
  }
  uint32_t charged[kBlockWords];  // bit n: the back-off of the n + 1 words before is charged
  uint32_t context = context_;
  for (size_t item = 0; item < count; ++item) {
    context = block.predecessors[item] > 1 ? context : 1;
    const uint32_t used = block.found[item] & (2 * context + 1);
    charged[item] = context & ~(used >> 1);
    block.found[item] = used;
    context = kUpTo[extended[item] & used];
  }
  context_ = context;
  float scores[kBlockWords];
  std::copy_n(block.probabilities[0], count, scores);
  for (uint32_t n = 1; n + 1 < order; ++n) {
    for (size_t item = 0; item < count; ++item) {
      const float longer = block.probabilities[n][item];
      scores[item] = block.found[item] >> n & 1 ? longer : scores[item];
    }
  }
  for (size_t item = 0; item < count; ++item) {
    // Only the highest order keeps its sign: there it has no other meaning.
    const float longest = block.probabilities[order - 1][item], other = -std::fabs(scores[item]);
    scores[item] = block.found[item] >> (order - 1) & 1 ? longest : other;
  }
  for (uint32_t n = 0; n + 1 < order; ++n) {
    for (size_t item = 0; item < count; ++item) {
      const auto backoff = std::bit_cast<uint32_t>(block.backoffs[n][item]);
      scores[item] += std::bit_cast<float>(backoff & (0 - (charged[item] >> n & 1)));
    }
  }
  float total = total_;
  for (size_t item = 0; item < count; ++item) {
    if (block.predecessors[item] == 0) {
      if (in_sentence_) scores_.push_back(total);
      in_sentence_ = true;
      total = 0;
    } else {
      total += scores[item];
    }
  }
  total_ = total;
}

}  // namespace kernels::kenlm
