#include "ngram_count.hpp"

#include <bit>
#include <stdexcept>

namespace ngram {

namespace {

constexpr std::uint64_t kInterruptEvery = 1 << 20;

int trailing_zeros(Wide value) {
  const auto low = static_cast<std::uint64_t>(value);
  return low != 0 ? std::countr_zero(low) : 64 + std::countr_zero(static_cast<std::uint64_t>(value >> 64));
}

int bit_width(Wide value) {
  const auto high = static_cast<std::uint64_t>(value >> 64);
  return static_cast<int>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<std::uint64_t>(value)));
}

// The highest-order n-grams of the text with their counts, in suffix order. An n-gram is cut at the beginning of its
// sentence: its older places are zero.
void count_highest(Spool<WordId>& tokens, int order, KeyLayout layout, ExternalSorter<CountRecord>& counts,
                   const Interrupt& interrupt) {
  const int newest = (order - 1) * layout.bits;
  const Wide begin = order > 1 ? static_cast<Wide>(kSentenceBegin) << newest : Wide{0};
  Wide key = begin;
  WordId word;
  for (std::uint64_t i = 0; tokens.next(word); ++i) {
    key = layout.without_oldest(key) | (static_cast<Wide>(word) << newest);
    counts.push({Key::from(key), 1});
    if (word == kSentenceEnd) key = begin;
    if (i % kInterruptEvery == 0) interrupt();
  }
  counts.finish();
}

// Reads the highest-order n-grams in suffix order and closes every n-gram whose suffix range has ended.
class CountAdjuster {
 public:
  CountAdjuster(AdjustedCounts& into, int order)
      : into_(into),
        order_(order),
        open_count_(static_cast<std::size_t>(order) + 1, 0),
        occurrences_(static_cast<std::size_t>(order) + 1, 0) {}

  void add(const CountRecord& record) {
    const Wide key = record.key.wide();
    const int length = order_ - trailing_zeros(key) / into_.layout.bits;
    const int same = open_ == 0 ? 0 : words_in_common(key);
    close_above(same);
    key_ = key;
    // The longest n-gram in common is now seen after one more word; longer ones are new.
    if (same > 0) ++open_count_[same];
    for (int n = same + 1; n < length; ++n) open_count_[n] = 1;
    open_count_[length] = record.count;
    for (int n = 1; n <= length; ++n) occurrences_[n] = (n <= same ? occurrences_[n] : 0) + record.count;
    open_ = length;
  }

  // lmplz enters the very last n-gram of each lower order in its statistics with the number of times it occurs instead
  // of its adjusted count. The discounts of published models come from these statistics, so they are kept.
  void finish() {
    const int last = open_;
    close_above(0);
    for (int n = 1; n <= last && n < order_; ++n) into_.statistics[n - 1].replace(open_count_[n], occurrences_[n]);
  }

 private:
  int words_in_common(Wide key) const {
    return (order_ * into_.layout.bits - bit_width(key ^ key_)) / into_.layout.bits;
  }

  void close_above(int same) {
    for (; open_ > same; --open_) {
      const std::uint64_t count = open_count_[open_];
      const Wide suffix_key = key_ >> ((order_ - open_) * into_.layout.bits);
      into_.statistics[open_ - 1].add(count);
      if (open_ == 1) {
        into_.unigrams[static_cast<WordId>(suffix_key)] = count;
      } else {
        into_.ngrams[open_ - 2]->push({Key::from(into_.layout.to_context_order(suffix_key, open_)), count});
      }
    }
  }

  AdjustedCounts& into_;
  int order_;
  Wide key_ = 0;
  int open_ = 0;                           // the longest n-gram not yet closed
  std::vector<std::uint64_t> open_count_;  // adjusted, by length
  std::vector<std::uint64_t> occurrences_;
};

}  // namespace

MemoryPlan MemoryPlan::divide(std::size_t memory, int order) {
  const std::size_t sorters = order > 1 ? static_cast<std::size_t>(order - 1) : 1;
  return {memory / 8, memory / 3, memory / 3 / sorters, memory / 3 / sorters, memory / 16 / sorters};
}

void TokenText::add(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    add_sentence(lines.substr(0, end));
    if (end == std::string_view::npos) break;
    lines.remove_prefix(end + 1);
  }
}

void TokenText::add_sentence(std::string_view line) {
  constexpr std::string_view kDelimiters("\0\t\r ", 4);
  std::size_t at = 0;
  while ((at = line.find_first_not_of(kDelimiters, at)) != std::string_view::npos) {
    const std::size_t end = std::min(line.find_first_of(kDelimiters, at), line.size());
    const WordId word = vocabulary.intern(line.substr(at, end - at));
    at = end;
    if (word <= kSentenceEnd) {
      ++skipped;
    } else {
      tokens_->push(word);
      ++words;
    }
  }
  tokens_->push(kSentenceEnd);
  ++sentences;
}

AdjustedCounts count_ngrams(TokenText& text, int order, const MemoryPlan& plan, const std::string& directory,
                            const Interrupt& interrupt) {
  if (text.sentences == 0) throw std::invalid_argument("there is no sentence to estimate a model from");
  const int bits = bit_width(text.vocabulary.size() - 1);
  if (bits * order > kKeyBits) {
    throw std::length_error("an order-" + std::to_string(order) + " model holds at most 2^" +
                            std::to_string(kKeyBits / order) + " distinct words, this text has " +
                            std::to_string(text.vocabulary.size()));
  }
  std::unique_ptr<Spool<WordId>> tokens = text.take_tokens();
  const std::uint64_t most = tokens->size();
  AdjustedCounts adjusted;
  adjusted.layout.bits = bits;
  adjusted.unigrams.resize(text.vocabulary.size());
  adjusted.statistics.resize(static_cast<std::size_t>(order));
  for (int n = 2; n <= order; ++n) {
    adjusted.ngrams.push_back(std::make_unique<ExternalSorter<CountRecord>>(directory, plan.contexts, most, n * bits));
  }
  ExternalSorter<CountRecord> counts(directory, plan.counts, most, order * bits);
  count_highest(*tokens, order, adjusted.layout, counts, interrupt);
  adjusted.spilled = tokens->spilled() + counts.spilled();
  tokens.reset();

  CountAdjuster adjuster(adjusted, order);
  CountRecord record;
  for (std::uint64_t i = 0; counts.next(record); ++i) {
    adjuster.add(record);
    if (i % kInterruptEvery == 0) interrupt();
  }
  adjuster.finish();
  for (auto& sorter : adjusted.ngrams) sorter->finish();
  // <unk> and <s> are unigrams of the model without ever being counted.
  adjusted.statistics[0].ngrams += 2;
  return adjusted;
}

}  // namespace ngram
