#include "ngram_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace ngram {

namespace {

constexpr std::uint64_t kInterruptEvery = 1 << 20;

// The sums over all words that follow one context.
class ContextSums {
 public:
  void add(std::uint64_t count) {
    total_ += count;
    ++types_[std::min<std::uint64_t>(count, 3)];
  }

  float total() const { return static_cast<float>(total_); }

  // The weight left for the next lower order.
  float gamma(const Discount& discount) const {
    float taken = 0.0F;
    for (std::size_t i = 1; i <= 3; ++i) taken += discount.amount[i] * static_cast<float>(types_[i]);
    return taken / total();
  }

 private:
  std::uint64_t total_ = 0;
  std::array<std::uint64_t, 4> types_{};
};

float discounted(std::uint64_t count, const Discount& discount, const ContextSums& sums) {
  return (static_cast<float>(count) - discount.of(count)) / sums.total();
}

using ProbabilitySorter = ExternalSorter<ProbabilityRecord>;

// Counts of one order, context by context, to discounted probabilities in suffix order. The weight of each context goes
// to `backoffs`, in the suffix order of the contexts.
void discount_order(ExternalSorter<CountRecord>& counts, int order, KeyLayout layout, const Discount& discount,
                    ProbabilitySorter& probabilities, Spool<float>& backoffs, const Interrupt& interrupt) {
  std::vector<CountRecord> group;
  CountRecord record;
  bool more = counts.next(record);
  for (std::uint64_t groups = 0; more; ++groups) {
    const Wide context = layout.context(record.key.wide());
    ContextSums sums;
    group.clear();
    do {
      group.push_back(record);
      sums.add(record.count);
      more = counts.next(record);
    } while (more && layout.context(record.key.wide()) == context);
    const float gamma = sums.gamma(discount);
    for (const CountRecord& member : group) {
      const Wide suffix_key = layout.to_suffix_order(member.key.wide(), order);
      probabilities.push({Key::from(suffix_key), discounted(member.count, discount, sums), gamma});
    }
    backoffs.push(gamma);
    if (groups % kInterruptEvery == 0) interrupt();
  }
  probabilities.finish();
}

// Visits the n-grams of all orders in suffix order, each after its own suffix, whose probability it builds on.
class Interpolation {
 public:
  Interpolation(KeyLayout layout, ArpaWriter& writer, const Interrupt& interrupt)
      : layout_(layout), writer_(writer), interrupt_(interrupt) {}

  // Orders come from 2 up, each with the weights of its contexts.
  void add_order(std::unique_ptr<ProbabilitySorter> probabilities, std::unique_ptr<Spool<float>> backoffs) {
    Level level{std::move(probabilities), std::move(backoffs), {}, true};
    level.advance();
    levels_.push_back(std::move(level));
  }

  void unigram(WordId word, float probability) {
    write(1, word, probability);
    descend(2, word, probability);
  }

  void finish() const {
    for (const Level& level : levels_) {
      if (level.more) throw std::logic_error("an n-gram without its suffix");
    }
  }

 private:
  struct Level {
    std::unique_ptr<ProbabilitySorter> probabilities;
    std::unique_ptr<Spool<float>> backoffs;  // of the n-grams one order below
    ProbabilityRecord head;
    bool more;

    void advance() { more = probabilities->next(head); }
  };

  void descend(int order, Wide suffix, float suffix_probability) {
    if (static_cast<std::size_t>(order) > levels_.size() + 1) return;
    Level& level = levels_[static_cast<std::size_t>(order - 2)];
    while (level.more && layout_.without_oldest(level.head.key.wide()) == suffix) {
      const Wide key = level.head.key.wide();
      const float probability = level.head.discounted + level.head.gamma * suffix_probability;
      level.advance();
      write(order, key, probability);
      descend(order + 1, key, probability);
    }
  }

  void write(int order, Wide key, float probability) {
    float backoff = 1.0F;
    const WordId last = layout_.newest(key, order);
    // Every other n-gram is the context of something, as nothing is pruned.
    const bool is_context = last != kUnknown && last != kSentenceEnd;
    if (is_context && static_cast<std::size_t>(order) <= levels_.size() &&
        !levels_[static_cast<std::size_t>(order - 1)].backoffs->next(backoff)) {
      throw std::logic_error("an n-gram without its back-off");
    }
    writer_.add(order, key, std::min(0.0F, std::log10(probability)), std::log10(backoff));
    if (++written_ % kInterruptEvery == 0) interrupt_();
  }

  KeyLayout layout_;
  ArpaWriter& writer_;
  const Interrupt& interrupt_;
  std::vector<Level> levels_;
  std::uint64_t written_ = 0;
};

void interpolate_unigrams(const std::vector<std::uint64_t>& counts, const Discount& discount,
                          Interpolation& interpolation) {
  ContextSums sums;
  for (WordId word = kSentenceEnd; word < counts.size(); ++word) sums.add(counts[word]);
  // The uniform distribution is over all words that can follow: <unk> among them, <s> not.
  const float uniform = 1.0F / static_cast<float>(counts.size() - 1);
  const float gamma = sums.gamma(discount);
  interpolation.unigram(kUnknown, gamma * uniform);
  interpolation.unigram(kSentenceBegin, 1.0F);
  for (WordId word = kSentenceEnd; word < counts.size(); ++word) {
    interpolation.unigram(word, discounted(counts[word], discount, sums) + gamma * uniform);
  }
}

}  // namespace

Discount discount_from(const OrderStatistics& statistics) {
  const auto& n = statistics.with_count;
  Discount fallback{{0.0F, 0.5F, 1.0F, 1.5F}, true};
  if (n[1] == 0 || n[2] == 0 || n[3] == 0) return fallback;
  Discount discount;
  const double below = static_cast<double>(n[1]) + 2.0 * static_cast<double>(n[2]);
  const float y = static_cast<float>(n[1]) / static_cast<float>(below);
  for (std::size_t j = 1; j <= 3; ++j) {
    const auto count = static_cast<float>(j);
    discount.amount[j] = count - (count + 1.0F) * y * static_cast<float>(n[j + 1]) / static_cast<float>(n[j]);
    // Compared exactly: rounding can leave a zero a little above it.
    const bool zero = Wide{j} * n[j] * (n[1] + 2 * n[2]) == Wide{j + 1} * n[1] * n[j + 1];
    if (zero || discount.amount[j] <= 0.0F || discount.amount[j] > count) return fallback;
  }
  return discount;
}

std::uint64_t write_model(AdjustedCounts& counts, const std::vector<Discount>& discounts, const Vocabulary& vocabulary,
                          const MemoryPlan& plan, const std::string& directory, const std::string& path,
                          const Interrupt& interrupt) {
  std::vector<std::uint64_t> ngrams;
  for (const OrderStatistics& order : counts.statistics) ngrams.push_back(order.ngrams);
  std::uint64_t spilled = counts.spilled;
  ArpaWriter writer(path, directory, vocabulary, counts.layout, ngrams);
  Interpolation interpolation(counts.layout, writer, interrupt);
  for (std::size_t i = 0; i < counts.ngrams.size(); ++i) {
    const int order = static_cast<int>(i) + 2;
    auto probabilities =
        std::make_unique<ProbabilitySorter>(directory, plan.suffixes, ngrams[i + 1], order * counts.layout.bits);
    auto backoffs = std::make_unique<Spool<float>>(directory, plan.backoffs);
    discount_order(*counts.ngrams[i], order, counts.layout, discounts[i + 1], *probabilities, *backoffs, interrupt);
    spilled += counts.ngrams[i]->spilled() + probabilities->spilled() + backoffs->spilled();
    counts.ngrams[i].reset();
    interpolation.add_order(std::move(probabilities), std::move(backoffs));
  }
  interpolate_unigrams(counts.unigrams, discounts[0], interpolation);
  interpolation.finish();
  writer.finish();
  return spilled + writer.spilled();
}

}  // namespace ngram
