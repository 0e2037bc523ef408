#include "kenlm_arpa.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "huge_pages.hpp"
#include "kenlm_arpa_lines.hpp"
#include "kenlm_format.hpp"
#include "kenlm_table.hpp"
#include "model_error.hpp"

namespace kernels::kenlm {
namespace {

constexpr float kKenlmMultiplier = 1.5;   // KenLM's default
constexpr float kProbingMultiplier = 3;   // larger tables, shorter searches
constexpr size_t kBucket = 4;             // as many entries as one look at memory tells of
constexpr float kMissingUnknown = -100;   // log10 probability of <unk> where the model has none
constexpr uint32_t kSignBit = 1u << 31;

float with_sign(float value) { return std::bit_cast<float>(std::bit_cast<uint32_t>(value) | kSignBit); }

// An n-gram that longer ones end in.
void mark_ending(Weights& weights) { weights.probability = std::fabs(weights.probability); }

// A context that longer n-grams begin with.
void mark_context(Weights& weights) {
  if (weights.backoff == 0) weights.backoff = 0;
}

// Back-off 0 means "begins no longer n-gram" until one comes that says otherwise.
float initial_backoff(float backoff) { return backoff == 0 ? -0.0F : backoff; }

// A table being filled, with room for as many entries as KenLM has: one of its own stays empty.
template <class EntryType>
struct Filling {
  Table<EntryType> table;
  size_t room;

  Filling(uint8_t* image, TablePlace place, TablePlace in_kenlm) : table(image, place), room(in_kenlm.entries - 1) {}

  // The entry, and whether it is new.
  std::pair<EntryType*, bool> insert(uint64_t key) {
    EntryType* entry = table.find_or_empty(key, table.ideal(key));
    if (entry->key == key) return {entry, false};
    if (room-- == 0) throw InvalidModel("too many n-grams are there without their endings");
    entry->key = key;
    return {entry, true};
  }
};

class Builder {
 public:
  Builder(const Layout& layout, const Layout& in_kenlm, uint8_t* image)
      : order_(layout.order()),
        unigrams_(reinterpret_cast<Weights*>(image + layout.unigrams.offset)),
        vocabulary_(image, layout.vocabulary, in_kenlm.vocabulary),
        longest_(image, layout.longest, in_kenlm.longest) {
    for (size_t i = 0; i < layout.middle.size(); ++i) middle_.emplace_back(image, layout.middle[i], in_kenlm.middle[i]);
  }

  void add_unigram(const ArpaNgram& ngram) {
    const std::string_view word = ngram.words[0];
    WordId id = kUnknownWord;
    if (is_unknown(word)) {
      has_unknown_ = true;
    } else {
      const auto [entry, is_new] = vocabulary_.insert(hash_word(word));
      if (!is_new) throw InvalidModel("the word " + std::string(word) + " occurs twice");
      entry->value = id = words_++;
    }
    unigrams_[id] = {ngram.probability, initial_backoff(ngram.backoff)};
  }

  // Returns how many words there are.
  WordId finish_unigrams() const {
    for (const char* word : {"<s>", "</s>"})
      if (!find_word(word)) throw InvalidModel(std::string("the word ") + word + " is missing");
    return words_;
  }

  // The tables are larger than the processor's caches, so several n-grams are on the way to their places at a time.
  void add(const ArpaNgram& ngram) {
    Waiting& added = waiting_[waiting_count_++];
    const size_t length = ngram.words.size();
    for (size_t age = 0; age < length; ++age) added.ids[age] = require_word(ngram.words[length - 1 - age]);
    added.keys[0] = added.ids[0];
    for (size_t n = 1; n < length; ++n) added.keys[n] = extend_key(added.keys[n - 1], added.ids[n]);
    added.context = context_key(added.ids, length - 1);
    added.probability = ngram.probability;
    added.backoff = initial_backoff(ngram.backoff);
    added.last_word = ngram.words.back();
    ask_for(added.keys[length - 1], length);
    ask_for(added.keys[length - 2], length - 1);
    ask_for(added.context, length - 1);
    if (waiting_count_ == kMostWaiting) insert_waiting(length);
  }

  // Call it behind the last n-gram of a length greater than 1.
  void insert_waiting(size_t length) {
    for (const Waiting& ngram : std::span(waiting_).first(std::exchange(waiting_count_, 0))) insert(ngram, length);
  }

  // Call it when every n-gram is there.
  void finish() {
    if (!has_unknown_) unigrams_[kUnknownWord] = {kMissingUnknown, 0};
  }

 private:
  static constexpr size_t kMostWaiting = 32;

  struct Waiting {
    std::array<WordId, kMostOrders> ids;     // the last word first
    std::array<uint64_t, kMostOrders> keys;  // of its last one, two, ... words
    uint64_t context;                        // the key of all words but the last
    float probability, backoff;
    std::string_view last_word;
  };

  void insert(const Waiting& ngram, size_t length) {
    bool is_new;
    if (length == order_) {
      const auto [entry, inserted] = longest_.insert(ngram.keys[length - 1]);
      entry->value = with_sign(ngram.probability);
      is_new = inserted;
    } else {
      const auto [entry, inserted] = middle_[length - 2].insert(ngram.keys[length - 1]);
      entry->value = {with_sign(ngram.probability), ngram.backoff};
      is_new = inserted;
    }
    if (!is_new) throw InvalidModel("an n-gram that ends in " + std::string(ngram.last_word) + " occurs twice");
    mark_endings(ngram, length);
    Weights* context = find_context(ngram.context, length - 1);
    if (!context) throw InvalidModel("an n-gram that ends in " + std::string(ngram.last_word) + " has no context");
    mark_context(*context);
  }

  static bool is_unknown(std::string_view word) { return word == "<unk>" || word == "<UNK>"; }

  WordId find_word(std::string_view word) const {
    const VocabularyEntry* entry = vocabulary_.table.find(hash_word(word));
    return entry ? entry->value : kUnknownWord;
  }

  WordId require_word(std::string_view word) const {
    const WordId id = find_word(word);
    if (!id && !is_unknown(word)) throw InvalidModel("the word " + std::string(word) + " is not among the unigrams");
    return id;
  }

  // The key of the `length` words before the last one.
  static uint64_t context_key(const std::array<WordId, kMostOrders>& ids, size_t length) {
    uint64_t key = ids[1];
    for (size_t age = 2; age <= length; ++age) key = extend_key(key, ids[age]);
    return key;
  }

  // The n-gram of `length` words with this key; null if it is not there.
  Weights* find_context(uint64_t key, size_t length) {
    if (length == 1) return &unigrams_[key];
    MiddleEntry* entry = middle_[length - 2].table.find(key);
    return entry ? &entry->value : nullptr;
  }

  void ask_for(uint64_t key, size_t length) const {
    if (length == order_)
      __builtin_prefetch(longest_.table.ideal(key));
    else if (length > 1)
      __builtin_prefetch(middle_[length - 2].table.ideal(key));
  }

  // Marks the shorter n-grams that the one of `length` words ends in, down to the first that is there already. Those
  // that a pruned model lacks are put in, with the probabilities that backing off gives them.
  void mark_endings(const Waiting& ngram, size_t length) {
    std::array<Weights*, kMostOrders> endings;  // by length - 1
    size_t known = length - 1;
    for (; known > 1; --known) {
      const auto [entry, is_new] = middle_[known - 2].insert(ngram.keys[known - 1]);
      endings[known - 1] = &entry->value;
      if (!is_new) break;
      entry->value = {0, -0.0F};
    }
    endings[0] = &unigrams_[ngram.ids[0]];
    float probability = -std::fabs(endings[known - 1]->probability);
    for (size_t n = known; n < length - 1; ++n) {
      if (Weights* context = find_context(context_key(ngram.ids, n), n)) {
        mark_context(*context);
        probability += context->backoff;
      }
      endings[n]->probability = probability;
    }
    for (size_t n = known; n < length; ++n) mark_ending(*endings[n - 1]);
  }

  const size_t order_;
  Weights* unigrams_;
  Filling<VocabularyEntry> vocabulary_;
  std::vector<Filling<MiddleEntry>> middle_;
  Filling<LongestEntry> longest_;
  WordId words_ = 1;
  bool has_unknown_ = false;
  std::array<Waiting, kMostWaiting> waiting_;
  size_t waiting_count_ = 0;
};

std::shared_ptr<uint8_t> allocate(size_t bytes) {
  const size_t lines = (bytes + kLineBytes - 1) / kLineBytes;
  void* memory = std::aligned_alloc(kLineBytes, lines * kLineBytes);
  if (!memory) throw std::bad_alloc();
  advise_huge_pages(memory, bytes);
  std::memset(memory, 0, bytes);
  return {static_cast<uint8_t*>(memory), std::free};
}

}  // namespace

ArpaImage read_arpa(std::string_view file) {
  ArpaLines lines(file);
  Layout layout = make_layout(lines.counts(), kProbingMultiplier, kBucket);
  const std::shared_ptr<uint8_t> image = allocate(layout.end);
  Builder builder(layout, make_layout(lines.counts(), kKenlmMultiplier), image.get());
  ArpaNgram ngram;
  for (size_t order = 1; order <= layout.order(); ++order) {
    lines.read_section(order);
    for (uint64_t i = 0; i < layout.counts[order - 1]; ++i) {
      lines.read_ngram(order, ngram);
      order == 1 ? builder.add_unigram(ngram) : builder.add(ngram);
    }
    if (order == 1)
      layout.words = builder.finish_unigrams();
    else
      builder.insert_waiting(order);
  }
  builder.finish();
  lines.read_end();
  return {std::move(layout), image};
}

}  // namespace kernels::kenlm
