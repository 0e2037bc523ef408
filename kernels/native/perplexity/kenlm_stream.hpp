// Scores sentences as KenLM 0.3 does, many words at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "buffer.hpp"
#include "kenlm_model.hpp"

namespace kernels::kenlm {

inline constexpr std::string_view kSpaces = " \t\n\v\f\r";  // what divides words

// A model is larger than the processor's caches, and which n-grams it has no processor can foresee. So words are taken in
// blocks, sentence after sentence: all n-grams of one order are on their way from memory together, and the loops over
// them have no branches that depend on what comes.
class ScoreStream {
 public:
  // The model must outlive the stream.
  explicit ScoreStream(const Model& model);
  ~ScoreStream();

  // A sentence: its beginning, its words, its end.
  void begin_sentence();
  void add(const WordId* words, size_t count);
  // Adds the words of a text, which ASCII whitespace divides. Reads up to a zero byte only, as KenLM does with a
  // sentence: returns whether there is none.
  bool add_words(std::string_view text);
  void end_sentence();

  // The scores of all sentences since the last call: log10 of the probability of a sentence and its end after its
  // beginning, the sum of floats that KenLM returns.
  Buffer<float> finish();

 private:
  struct Block;

  void score_block();
  size_t look_up_unigrams();
  void make_key(size_t item, size_t length, uint64_t shorter);
  template <class EntryType>
  size_t look_up(const Table<EntryType>& table, size_t length, size_t active_count);
  void sum_up();

  const Model& model_;
  const size_t order_;
  std::unique_ptr<Block> block_;
  size_t position_ = 0;  // of the next word in its sentence

  // Of the sentence being summed up.
  uint32_t context_ = 0;  // bit n: the n + 1 words before the next one bear on it
  float total_ = 0;
  bool in_sentence_ = false;
  Buffer<float> scores_;
};

}  // namespace kernels::kenlm
