// A back-off language model in KenLM's probing hash tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kenlm_format.hpp"
#include "kenlm_table.hpp"

namespace kernels::kenlm {

class Model {
 public:
  // Maps a binary file, or reads an ARPA one into memory. Throws std::system_error when the file cannot be read,
  // InvalidModel and UnsupportedModel.
  static Model open(const std::string& path);

  size_t order() const { return middle_.size() + 2; }
  WordId sentence_begin() const { return sentence_begin_; }
  WordId sentence_end() const { return sentence_end_; }

  // kUnknownWord for words that are not in the vocabulary. Throws InvalidModel where the file gives a word a number
  // that no word has.
  WordId word(std::string_view word) const;

  const Weights& unigram(WordId word) const { return unigrams_[word]; }
  // N-grams of order 2 and longer by `extend_key`: those of an order below the highest, and those of the highest.
  const Table<const MiddleEntry>& middle(size_t order) const { return middle_[order - 2]; }
  const Table<const LongestEntry>& longest() const { return longest_; }

 private:
  Model(std::shared_ptr<const void> memory, const uint8_t* bytes, const Layout& layout);

  std::shared_ptr<const void> memory_;
  WordId word_count_;
  const Weights* unigrams_;
  Table<const VocabularyEntry> vocabulary_;
  std::vector<Table<const MiddleEntry>> middle_;
  Table<const LongestEntry> longest_;
  WordId sentence_begin_, sentence_end_;
};

}  // namespace kernels::kenlm
