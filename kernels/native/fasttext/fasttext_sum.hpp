// The average of rows of a matrix, added up in the order in which they come.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "buffer.hpp"
#include "fasttext_matrix.hpp"

namespace kernels::fasttext {

class RowSum {
 public:
  static constexpr size_t kRoom = 1024;

  explicit RowSum(const Matrix& matrix) : matrix_(matrix), sum_(shape(matrix).columns) { clear(); }

  void clear() {
    std::fill_n(sum_.data(), sum_.size(), 0.0f);
    added_ = pending_ = 0;
  }

  // Where the next rows may be written: `count` <= kRoom of them at least, and up to limit(). append() then takes those
  // before `new_end`. What is appended after a call for n rows lies together as long as calls for no more than the
  // rest of n follow.
  uint32_t* room(size_t count) {
    if (kRoom - pending_ < count) flush();
    return end();
  }
  const uint32_t* limit() const { return rows_ + kRoom; }
  void append(const uint32_t* new_end) { pending_ = static_cast<size_t>(new_end - rows_); }
  uint32_t* end() { return rows_ + pending_; }

  // Null if there were no rows.
  const float* average() {
    flush();
    if (added_ == 0) return nullptr;
    const auto factor = static_cast<float>(1.0 / static_cast<double>(added_));
    for (size_t i = 0; i < sum_.size(); ++i) sum_[i] *= factor;
    return sum_.data();
  }

 private:
  void flush() {
    std::visit([this](const auto& matrix) { matrix.add_rows(rows_, pending_, sum_.data()); }, matrix_);
    added_ += pending_;
    pending_ = 0;
  }

  const Matrix& matrix_;
  Buffer<float> sum_;
  uint64_t added_ = 0;
  size_t pending_ = 0;
  uint32_t rows_[kRoom];
};

}  // namespace kernels::fasttext
