#include "kenlm_block.hpp"

#include <bit>
#include <cmath>
#include <type_traits>

namespace kernels::kenlm {
namespace {

constexpr uint32_t kSignBit = 1u << 31;

bool has_longer(Weights weights) { return !(std::bit_cast<uint32_t>(weights.probability) & kSignBit); }
bool is_extended(Weights weights) { return std::bit_cast<uint32_t>(weights.backoff) != kSignBit; }

// Notes where the n-gram of `length` words is a context of the next word.
void note_contexts(Block& block, uint32_t length) {
  for (size_t item = 0; item < block.count; ++item) {
    const bool is_context = is_extended(block.weights[length - 1][1 + item]) & (block.found[item] >= length);
    block.contexts[1 + item] = is_context ? length : block.contexts[1 + item];
  }
}

class Search {
 public:
  Search(const Model& model, Block& block) : model_(model), order_(model.order()), block_(block) {}

  void run() {
    size_t active_count = look_up_unigrams();
    for (size_t length = 2; length < order_ && active_count; ++length) {
      active_count = look_up(model_.middle(length), length, active_count);
      active_count = keep_after_contexts(static_cast<uint32_t>(length), active_count);
    }
    if (active_count) look_up(model_.longest(), order_, active_count);
  }

 private:
  // Returns how many words are active: a longer n-gram is looked for only where the shorter one says that there are any.
  size_t look_up_unigrams() {
    size_t active_count = 0;
    for (size_t item = 0; item < block_.count; ++item) {
      const WordId word = block_.words[kHistory + item];
      const Weights weights = model_.unigram(word);
      block_.weights[0][1 + item] = weights;
      block_.found[item] = 1;
      block_.contexts[1 + item] = is_extended(weights) | block_.begins[item];
      keys_[item] = word;
      active_[active_count] = static_cast<uint32_t>(item);
      active_count += has_longer(weights) & !block_.begins[item] & (block_.contexts[item] > 0);
    }
    return active_count;
  }

  // The n-grams of `length` words have been looked up: longer ones can be there only where those of the words before
  // begin some. Returns how many words remain active.
  size_t keep_after_contexts(uint32_t length, size_t active_count) {
    note_contexts(block_, length);
    const uint32_t* const contexts = block_.contexts;
    size_t kept = 0;
    for (size_t i = 0; i < active_count; ++i) {
      const uint32_t item = active_[i];
      active_[kept] = item;
      kept += contexts[item] >= length;
    }
    return kept;
  }

  // Returns how many words remain active.
  template <class EntryType>
  size_t look_up(const Table<EntryType>& given, size_t length, size_t active_count) {
    const Table<EntryType> table = given;
    for (size_t i = 0; i < active_count; ++i) {
      const size_t item = active_[i];
      keys_[item] = extend_key(keys_[item], block_.words[kHistory + item + 1 - length]);
      const EntryType* entry = table.ideal(keys_[item]);
      entries_[item] = entry;
      __builtin_prefetch(entry);
      __builtin_prefetch(reinterpret_cast<const char*>(entry) + table.kGroup * sizeof(EntryType) - 1);
    }
    uint32_t undecided[Block::kWords];
    size_t still_active = 0;
    uint32_t* const lengths = block_.found;
    [[maybe_unused]] Weights* const weights = block_.weights[std::min(length, kHistory) - 1] + 1;
    const auto shorter = static_cast<uint32_t>(length) - 1;
    const auto note = [&](uint32_t item, const EntryType& entry, bool found) {
      lengths[item] = shorter + found;
      if constexpr (std::is_same_v<EntryType, const MiddleEntry>) {
        const Weights value = entry.value;
        weights[item] = value;
        active_[still_active] = item;
        still_active += has_longer(value) & found;
      } else {
        block_.longest[item] = entry.value;
      }
    };
    const uint32_t* items = active_;
    size_t count = active_count;
    for (size_t asked = 0; count > 0; asked += table.kGroup, items = undecided) {
      size_t undecided_count = 0;
      for (size_t i = 0; i < count; ++i) {
        const uint32_t item = items[i];
        EntryType* const entry = static_cast<EntryType*>(entries_[item]) + asked;
        if (table.has_group(entry)) {
          const auto answer = table.ask_group(keys_[item], entry);
          note(item, *answer.entry, answer.found);
          undecided[undecided_count] = item;
          undecided_count += answer.undecided;
        } else if (EntryType* found = table.find(keys_[item], entry)) {
          note(item, *found, true);
        }
      }
      count = undecided_count;
    }
    return still_active;
  }

  const Model& model_;
  const size_t order_;
  Block& block_;
  uint64_t keys_[Block::kWords];
  const void* entries_[Block::kWords];  // where the keys should be
  uint32_t active_[Block::kWords];      // the words of which a longer n-gram may be there
};

// KenLM's sums, in which only the number of back-offs varies: adding zeros is faster than guessing it.
void sum_up(Block& block, uint32_t order) {
  const size_t count = block.count;
  const uint32_t* const contexts = block.contexts;
  float* const scores = block.scores;
  for (size_t item = 0; item < count; ++item) scores[item] = block.weights[0][1 + item].probability;
  for (uint32_t n = 1; n + 1 < order; ++n) {
    for (size_t item = 0; item < count; ++item) {
      const float longer = block.weights[n][1 + item].probability;
      scores[item] = block.found[item] > n ? longer : scores[item];
    }
  }
  for (size_t item = 0; item < count; ++item) {
    // Only the highest order keeps its sign: there it has no other meaning.
    const float longest = block.longest[item], other = -std::fabs(scores[item]);
    scores[item] = block.found[item] == order ? longest : other;
  }
  for (uint32_t n = 0; n + 1 < order; ++n) {
    for (size_t item = 0; item < count; ++item) {
      const float backoff = block.weights[n][item].backoff;
      scores[item] += (contexts[item] > n) & (block.found[item] < n + 2) ? backoff : 0;
    }
  }
}

}  // namespace

void score_words(const Model& model, Block& block) {
  Search(model, block).run();
  sum_up(block, static_cast<uint32_t>(model.order()));
}

}  // namespace kernels::kenlm
