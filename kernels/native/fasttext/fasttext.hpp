// Text classification with models of fastText (Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification").
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "column.hpp"
#include "fasttext_model.hpp"
#include "fasttext_words.hpp"

namespace kernels::fasttext {

// A model, and what is remembered of words: 16 MiB for each thread that predicts at the same time as others.
class Classifier {
 public:
  explicit Classifier(const std::string& path) : model_(read_model(path)) {}

  const Model& model() const { return model_; }

  // The best label of every text, a text being one line that ends at a word "</s>". Newlines divide words as spaces do
  // or, with delete_newlines, are passed over as if they were not there.
  void predict(const Column& text, bool delete_newlines, int32_t* labels, float* probabilities);

 private:
  std::unique_ptr<WordCache> take_cache();

  const Model model_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<WordCache>> idle_;
};

}  // namespace kernels::fasttext
