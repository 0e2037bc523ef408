// From text to the adjusted counts of Kneser-Ney smoothing.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ngram_key.hpp"
#include "ngram_sort.hpp"
#include "ngram_spool.hpp"
#include "ngram_vocabulary.hpp"

namespace ngram {

// Called every so many records; stops the work by throwing.
using Interrupt = std::function<void()>;

// How much memory each part may take, in bytes. The parts of one line are alive together:
// tokens + counts + contexts, then contexts + suffixes.
struct MemoryPlan {
  std::size_t tokens;
  std::size_t counts;
  std::size_t contexts;  // of each order from 2 up
  std::size_t suffixes;  // of each order from 2 up
  std::size_t backoffs;  // of each order below the highest

  static MemoryPlan divide(std::size_t memory, int order);
};

// Text as word ids: sentences one after the other, each closed by kSentenceEnd.
class TokenText {
 public:
  TokenText(const std::string& directory, std::size_t memory)
      : tokens_(std::make_unique<Spool<WordId>>(directory, memory)) {}

  // One sentence a line, words divided by spaces, tabs, carriage returns or zero bytes. The words <unk>, <s> and </s>
  // are skipped (and counted), being no words of the text.
  void add(std::string_view lines);

  Vocabulary vocabulary;
  std::uint64_t words = 0;
  std::uint64_t sentences = 0;
  std::uint64_t skipped = 0;

  std::unique_ptr<Spool<WordId>> take_tokens() { return std::move(tokens_); }

 private:
  void add_sentence(std::string_view line);

  std::unique_ptr<Spool<WordId>> tokens_;
};

struct OrderStatistics {
  std::uint64_t ngrams = 0;
  // How many n-grams have adjusted count 1, 2, 3, 4 (index 0 unused).
  std::array<std::uint64_t, 5> with_count{};

  void add(std::uint64_t count) {
    ++ngrams;
    if (count < with_count.size()) ++with_count[count];
  }
  void replace(std::uint64_t count, std::uint64_t by) {
    if (count < with_count.size()) --with_count[count];
    if (by < with_count.size()) ++with_count[by];
  }
};

// Adjusted counts: of the highest order, and of n-grams that begin a sentence, how often they occur; of the others, how
// many different words precede them.
struct AdjustedCounts {
  KeyLayout layout{};
  std::vector<std::uint64_t> unigrams;                               // by word id
  std::vector<std::unique_ptr<ExternalSorter<CountRecord>>> ngrams;  // order 2 first; keys in context order
  std::vector<OrderStatistics> statistics;                           // order 1 first
  std::uint64_t spilled = 0;                                         // bytes written to temporary files
};

// Takes the tokens of the text. Throws std::invalid_argument if it has no sentence, std::length_error if an n-gram of
// that many distinct words does not fit a key.
AdjustedCounts count_ngrams(TokenText& text, int order, const MemoryPlan& plan, const std::string& directory,
                            const Interrupt& interrupt);

}  // namespace ngram
