// From the average of a text's vectors to its most probable label.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "buffer.hpp"
#include "fasttext_matrix.hpp"

namespace kernels::fasttext {

enum class Loss : int32_t { kHierarchicalSoftmax = 1, kNegativeSampling, kSoftmax, kOneVersusAll };

struct Prediction {
  int32_t label = -1;  // none
  float probability = 0;
};

class Output {
 public:
  // `counts`: how often each label occurred in training; they shape the tree of hierarchical softmax.
  Output(Loss loss, Matrix&& matrix, const std::vector<int64_t>& counts);

  Loss loss() const { return loss_; }

  // Memory that best() works in, one per thread.
  struct Scratch {
    struct Node {
      int32_t number;
      float score;
    };
    std::vector<float> scores;
    std::vector<Node> nodes;
  };

  // The best label with the arithmetic of fastText 0.9.3: float32 sums in its order, double where it has double.
  Prediction best(const float* hidden, Scratch& scratch) const;

 private:
  struct Branches {
    int32_t left, right;  // below labels: a label; else a node
  };

  void build_tree(const std::vector<int64_t>& counts);
  Prediction best_in_tree(const float* hidden, Scratch& scratch) const;
  void softmax(std::vector<float>& scores) const;
  void sigmoid(std::vector<float>& scores) const;

  Loss loss_;
  Matrix matrix_;
  int32_t labels_;
  std::vector<Branches> tree_;   // node `labels_ + i` at i; the last is the root
  std::vector<float> sigmoids_;  // at equal steps from -kSigmoidBound to kSigmoidBound
};

}  // namespace kernels::fasttext
