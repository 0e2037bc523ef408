// The weight matrices of a fastText model: float32, or product-quantised (Joulin et al. 2016, "FastText.zip").
#pragma once

#include <cstdint>
#include <utility>
#include <variant>

#include "buffer.hpp"
#include "fasttext_reader.hpp"

namespace kernels::fasttext {

struct Shape {
  uint64_t rows, columns;

  static Shape read(Reader& file);
};

class DenseMatrix {
 public:
  DenseMatrix(Shape shape, Buffer<float>&& values) : shape_(shape), values_(std::move(values)) {}
  static DenseMatrix read(Reader& file);

  Shape shape() const { return shape_; }

  // Adds the rows one after the other, so that every sum is rounded as fastText rounds it.
  void add_rows(const uint32_t* ids, size_t count, float* sum) const;
  float dot(const float* vector, uint64_t row) const;

 private:
  Shape shape_;
  Buffer<float> values_;
};

// Cuts a vector into pieces of one width, the last maybe narrower; a piece is one of 256 centroids.
struct Quantiser {
  uint64_t pieces, width, last_width;
  Buffer<float> centroids;

  static Quantiser read(Reader& file, uint64_t dimension);

  uint64_t width_of(uint64_t piece) const { return piece + 1 < pieces ? width : last_width; }
  const float* centroid(uint64_t piece, uint8_t code) const;
};

class QuantisedMatrix {
 public:
  static QuantisedMatrix read(Reader& file);

  Shape shape() const { return shape_; }
  void add_rows(const uint32_t* ids, size_t count, float* sum) const;
  float dot(const float* vector, uint64_t row) const;

  // Makes row i what row ids[i] was; all must exist.
  void reorder(const Buffer<uint32_t>& ids);
  // The same rows as floats.
  DenseMatrix expand() const;

 private:
  QuantisedMatrix(Shape shape, Quantiser&& quantiser, Buffer<uint8_t>&& codes)
      : shape_(shape), quantiser_(std::move(quantiser)), codes_(std::move(codes)) {}

  float norm(uint64_t row) const { return norms_.size() ? norms_[norm_codes_[row]] : 1; }

  Shape shape_;
  Quantiser quantiser_;
  Buffer<uint8_t> codes_;
  // Where only the directions of rows are quantised by pieces, their lengths are 256 numbers; else these are empty.
  Buffer<float> norms_;
  Buffer<uint8_t> norm_codes_;
};

using Matrix = std::variant<DenseMatrix, QuantisedMatrix>;

inline Shape shape(const Matrix& matrix) {
  return std::visit([](const auto& form) { return form.shape(); }, matrix);
}

}  // namespace kernels::fasttext
