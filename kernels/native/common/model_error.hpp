// What can be wrong with a model file.
#pragma once

#include <stdexcept>

namespace kernels {

// The file is damaged or of another format.
struct InvalidModel : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

// A sound file of a kind that the kernels do not read.
struct UnsupportedModel : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace kernels
