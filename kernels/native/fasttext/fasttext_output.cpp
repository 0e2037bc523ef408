#include "fasttext_output.hpp"

#include <algorithm>
#include <cmath>

namespace kernels::fasttext {
namespace {

constexpr int64_t kUnbuilt = 1'000'000'000'000'000;  // count of a node to come: above every sum of counts
constexpr int64_t kSigmoidSteps = 512;
constexpr int64_t kSigmoidBound = 8;

// fastText compares logarithms, moved away from that of zero.
float log_score(float probability) { return static_cast<float>(std::log(probability + 1e-5)); }

// The best label so far; of equal ones the later.
class Best {
 public:
  // Whether a label, or a subtree of labels, with this score cannot be the best.
  bool beats(float score) const { return label_ >= 0 && score < score_; }

  void offer(int32_t label, float score) {
    if (beats(score)) return;
    label_ = label;
    score_ = score;
  }

  Prediction prediction() const { return label_ < 0 ? Prediction{} : Prediction{label_, std::exp(score_)}; }

 private:
  int32_t label_ = -1;
  float score_ = 0;
};

}  // namespace

Output::Output(Loss loss, Matrix&& matrix, const std::vector<int64_t>& counts)
    : loss_(loss), matrix_(std::move(matrix)), labels_(static_cast<int32_t>(counts.size())) {
  if (loss_ == Loss::kHierarchicalSoftmax) build_tree(counts);
  if (loss_ == Loss::kNegativeSampling || loss_ == Loss::kOneVersusAll) {
    for (int64_t i = 0; i <= kSigmoidSteps; ++i) {
      const float x = static_cast<float>(i * 2 * kSigmoidBound) / kSigmoidSteps - kSigmoidBound;
      sigmoids_.push_back(static_cast<float>(1.0 / (1.0 + std::exp(-x))));
    }
  }
}

// Huffman's tree over labels in descending order of counts: the two rarest of what has no parent yet are joined. Where
// the counts of a file do not descend it is no longer Huffman's, but still a tree.
void Output::build_tree(const std::vector<int64_t>& counts) {
  const int32_t size = 2 * labels_ - 1;
  std::vector<int64_t> count(counts);
  count.resize(static_cast<size_t>(size), kUnbuilt);
  int32_t leaf = labels_ - 1, node = labels_;
  const auto next = [&] { return leaf >= 0 && count[leaf] < count[node] ? leaf-- : node++; };
  for (int32_t parent = labels_; parent < size; ++parent) {
    const int32_t left = next(), right = next();
    tree_.push_back({left, right});
    count[parent] = count[left] + count[right];
  }
}

Prediction Output::best_in_tree(const float* hidden, Scratch& scratch) const {
  static const float lowest = log_score(0);
  Best best;
  auto& nodes = scratch.nodes;
  nodes.assign(1, {2 * labels_ - 2, 0});
  while (!nodes.empty()) {
    const auto [number, score] = nodes.back();
    nodes.pop_back();
    if (score < lowest || best.beats(score)) continue;
    if (number < labels_) {
      best.offer(number, score);
      continue;
    }
    const int32_t row = number - labels_;
    const float dot = std::visit([&](const auto& matrix) { return matrix.dot(hidden, row); }, matrix_);
    const auto right = static_cast<float>(1.0 / (1 + std::exp(-dot)));
    nodes.push_back({tree_[row].right, score + log_score(right)});
    nodes.push_back({tree_[row].left, score + log_score(static_cast<float>(1.0 - right))});
  }
  return best.prediction();
}

void Output::softmax(std::vector<float>& scores) const {
  const float highest = *std::max_element(scores.begin(), scores.end());
  float total = 0;
  for (float& score : scores) {
    score = static_cast<float>(std::exp(static_cast<double>(score - highest)));
    total += score;
  }
  for (float& score : scores) score /= total;
}

void Output::sigmoid(std::vector<float>& scores) const {
  for (float& score : scores) {
    if (score < -kSigmoidBound)
      score = 0;
    else if (score > kSigmoidBound)
      score = 1;
    else
      score = sigmoids_[static_cast<size_t>((score + kSigmoidBound) * kSigmoidSteps / kSigmoidBound / 2)];
  }
}

Prediction Output::best(const float* hidden, Scratch& scratch) const {
  if (loss_ == Loss::kHierarchicalSoftmax) return best_in_tree(hidden, scratch);
  scratch.scores.resize(static_cast<size_t>(labels_));
  std::visit(
      [&](const auto& matrix) {
        for (int32_t label = 0; label < labels_; ++label) scratch.scores[label] = matrix.dot(hidden, label);
      },
      matrix_);
  if (loss_ == Loss::kSoftmax)
    softmax(scratch.scores);
  else
    sigmoid(scratch.scores);
  Best best;
  for (int32_t label = 0; label < labels_; ++label) best.offer(label, log_score(scratch.scores[label]));
  return best.prediction();
}

}  // namespace kernels::fasttext
