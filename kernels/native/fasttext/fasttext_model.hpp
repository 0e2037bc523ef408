// A supervised model of fastText as its file, `.bin` or `.ftz`, has it.
#pragma once

#include <cstdint>
#include <string>

#include "fasttext_matrix.hpp"
#include "fasttext_ngrams.hpp"
#include "fasttext_output.hpp"
#include "fasttext_vocabulary.hpp"

namespace kernels::fasttext {

struct Model {
  Vocabulary vocabulary;
  Ngrams ngrams;
  Matrix input;
  Output output;

  size_t dimension() const { return shape(input).columns; }
};

// Throws std::invalid_argument saying what is wrong with the file, std::system_error where it cannot be read.
Model read_model(const std::string& path);

}  // namespace kernels::fasttext
