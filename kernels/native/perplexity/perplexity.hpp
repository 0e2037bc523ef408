// The two numbers of a document's perplexity: log10 probability and length, from an encoder and a language model over
// its pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "column.hpp"
#include "kenlm_model.hpp"
#include "kenlm_stream.hpp"
#include "unigram_encoder.hpp"

namespace kernels {

// The pieces of a sentence are scored joined by spaces, as cc_net's Python does it: KenLM splits the joined text at ASCII
// whitespace and reads nothing from a zero byte on; the length is that of str.split(), plus one for the sentence's end.
class PieceScorer {
 public:
  // The encoder must outlive the scorer, and so must the model. Throws InvalidModel.
  PieceScorer(unigram::Encoder& encoder, const kenlm::Model& model);

  // Both numbers of every document, which is one sentence, or as many as it has lines; 0 for one of empty lines.
  void score(const Column& text, bool per_line, double* log10, int64_t* length);

 private:
  static constexpr kenlm::WordId kIrregular = UINT32_MAX;

  int64_t add_sentence(Text text, kenlm::ScoreStream& stream);

  unigram::Encoder& encoder_;
  const kenlm::Model& model_;
  std::vector<kenlm::WordId> words_;  // by piece: the word it is; kIrregular if it is not exactly one
  unigram::Encoding encoding_;
  Buffer<kenlm::WordId> sentence_;
};

}  // namespace kernels
