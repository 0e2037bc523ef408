// Text to the pieces of a sentencepiece unigram model, the ones sentencepiece 0.2 gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "buffer.hpp"
#include "normal_form.hpp"
#include "unigram_lattice.hpp"
#include "unigram_model.hpp"
#include "unigram_normalizer.hpp"
#include "unigram_word_cache.hpp"

namespace kernels::unigram {

// Pieces of a text.
struct Encoding {
  Buffer<int32_t> ids;               // kUnknownPiece for a run of characters that no piece covers
  std::vector<std::string> unknown;  // the text of each such run, in order

  void clear() {
    ids.clear();
    unknown.clear();
  }
};

// sentencepiece adds up scores in float from the beginning of a text on, so which of two segmentations of nearly the
// same score wins may depend on everything before them. Here too: a word's segmentation is looked up only where the
// rounding cannot matter, else found anew with the same sums.
class Encoder {
 public:
  // Throws InvalidModel.
  explicit Encoder(Model model);

  // Takes a text, to be encoded by calls of next().
  void start(Text text);
  // Replaces what `encoding` holds by the pieces that follow those given so far, at least one. False at the end.
  bool next(Encoding& encoding);

  // Vocabulary by id.
  const std::vector<Piece>& pieces() const { return model_.pieces; }

 private:
  void encode_group(Encoding& encoding);
  void encode_exactly(const uint8_t* text, size_t size, Encoding& encoding);
  CachedWord& fill(CachedWord& place, const WordKey& key, const uint8_t* word, size_t size);
  void sum_up(const Encoding& encoding);
  static void emit(const CachedWord& known, Encoding& encoding);
  void emit_with_unknown(const CachedWord& known, const uint8_t* word, Encoding& encoding);
  void emit_unknown(const uint8_t* begin, const uint8_t* end, Encoding& encoding) const;

  Model model_;
  Normalizer normalizer_;
  std::vector<std::string> texts_;  // pieces as they occur in normalised text
  std::vector<float> scores_;
  float unknown_score_;
  float most_of_group_;  // a score that words looked up together do not add up to, without sign
  int32_t byte_pieces_[256] = {};
  bool words_are_apart_ = true;
  Lattice lattice_;

  WordCache cache_;
  Buffer<uint8_t> normal_;  // form of the text
  size_t encoded_ = 0;      // bytes of it
  float score_before_ = 0;  // of the pieces of it, those of `summed_up_` ids of the encoding among them
  size_t summed_up_ = 0;
};

}  // namespace kernels::unigram
