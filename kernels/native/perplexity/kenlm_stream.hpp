// Scores sentences as KenLM 0.3 does, many words at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "buffer.hpp"
#include "kenlm_block.hpp"
#include "kenlm_model.hpp"

namespace kernels::kenlm {

inline constexpr std::string_view kSpaces = " \t\n\v\f\r";  // what divides words

class ScoreStream {
 public:
  // The model must outlive the stream.
  explicit ScoreStream(const Model& model) : model_(model), block_(std::make_unique<Block>()) {}

  // A sentence: its beginning, its words, its end.
  void begin_sentence();
  void add(const WordId* words, size_t count) { add(words, count, false); }
  // Adds the words of a text, which ASCII whitespace divides. Reads up to a zero byte only, as KenLM does with a
  // sentence: returns whether there is none.
  bool add_words(std::string_view text);
  void end_sentence();

  // The scores of all sentences since the last call: log10 of the probability of a sentence and its end after its
  // beginning, the sum of floats that KenLM returns.
  Buffer<float> finish();

 private:
  void add(const WordId* words, size_t count, bool begins);
  void score_block();

  const Model& model_;
  std::unique_ptr<Block> block_;

  // Of the sentence being summed up.
  float total_ = 0;
  bool in_sentence_ = false;
  Buffer<float> scores_;
};

}  // namespace kernels::kenlm
