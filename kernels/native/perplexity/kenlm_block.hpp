// A block of words in sentences, and the log10 probability of each after the words before it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kenlm_format.hpp"
#include "kenlm_model.hpp"

namespace kernels::kenlm {

inline constexpr size_t kHistory = kMostOrders - 1;

// A model is larger than the processor's caches, and which n-grams it has no processor can foresee. So words are taken
// in blocks: all n-grams of one order are on their way from memory together, and the loops over them have few branches
// that depend on what comes.
struct Block {
  static constexpr size_t kWords = 256;

  // To be given.
  size_t count = 0;
  WordId words[kHistory + kWords] = {};  // the last ones of the block before come first
  bool begins[kWords] = {};              // a sentence, which its first word does: nothing before it bears on it

  float scores[kWords] = {};  // what comes out; without meaning at the beginning of a sentence

  // What the model knows of the n-grams that end in each word: the length of the longest, the length of the longest that
  // begins longer ones, so that it bears on the next word, and their weights by length - 1. Before the last two stand
  // those of the last word of the block before.
  uint32_t found[kWords] = {};
  uint32_t contexts[1 + kWords] = {};
  Weights weights[kHistory][1 + kWords] = {};
  float longest[kWords] = {};

  // Makes room for the next block.
  void next() {
    std::copy_n(words + count, kHistory, words);
    contexts[0] = contexts[count];
    for (auto& of_length : weights) of_length[0] = of_length[count];
    count = 0;
  }
};

// Finds the scores.
void score_words(const Model& model, Block& block);

}  // namespace kernels::kenlm
