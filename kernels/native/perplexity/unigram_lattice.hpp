// The best way through a text in pieces: Viterbi's search over all segmentations, with the sums sentencepiece makes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "unigram_trie.hpp"

namespace kernels::unigram {

inline constexpr int32_t kUnknownPiece = -1;  // characters that no piece covers

struct PathPiece {
  int32_t id;
  uint32_t begin, end;  // bytes of the text
};

class Lattice {
 public:
  // So many bytes must be readable behind a text, and no piece may go on there.
  static constexpr size_t kPadding = 4;

  Lattice() = default;
  // `pieces` with their ids as values.
  Lattice(std::vector<Trie::Entry> pieces, float unknown_score);

  // The largest score of a piece or an unknown character, without sign.
  double largest_score() const { return largest_score_; }

  // Finds the segmentation that sentencepiece finds where the sum of scores before the text is `score_before`. Returns
  // the sum behind it.
  float find(const uint8_t* text, size_t size, float score_before);

  // The segmentation found last.
  const std::vector<PathPiece>& path() const { return path_; }

  // After find() with score_before = 0: up to which score before the text, with either sign, it would find the same; -1
  // if only there.
  float certain_up_to() const;

 private:
  // The best way to a place in the text, and what the next best one scores.
  struct Best {
    float score, second;
    uint64_t last;  // where its last piece begins, and above that the piece's node in the trie, 0 for an unknown character
  };

  void trace_back(size_t size);

  Trie trie_;
  float unknown_score_ = 0;
  double largest_score_ = 0;
  std::vector<Best> best_;    // by bytes of the text
  std::vector<PathPiece> path_;
};

}  // namespace kernels::unigram
