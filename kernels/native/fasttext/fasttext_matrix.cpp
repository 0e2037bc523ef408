#include "fasttext_matrix.hpp"

#include <algorithm>
#include <cstring>

namespace kernels::fasttext {
namespace {

constexpr uint64_t kCentroids = 256;

using Lanes = float __attribute__((vector_size(16)));
constexpr size_t kLanes = sizeof(Lanes) / sizeof(float);
constexpr size_t kVectors = 4;  // as many sums as hide the latency of an addition
constexpr size_t kStripe = kLanes * kVectors;

Lanes load(const float* p) {
  Lanes lanes;
  std::memcpy(&lanes, p, sizeof lanes);
  return lanes;
}

void store(float* p, Lanes lanes) { std::memcpy(p, &lanes, sizeof lanes); }

// Adds kStripe columns of the rows, the sums kept in registers.
void add_stripe(const float* values, size_t stride, const uint32_t* ids, size_t count, float* sum) {
  Lanes sums[kVectors];
  for (size_t v = 0; v < kVectors; ++v) sums[v] = load(sum + v * kLanes);
  for (size_t i = 0; i < count; ++i) {
    const float* row = values + ids[i] * stride;
    for (size_t v = 0; v < kVectors; ++v) sums[v] += load(row + v * kLanes);
  }
  for (size_t v = 0; v < kVectors; ++v) store(sum + v * kLanes, sums[v]);
}

}  // namespace

Shape Shape::read(Reader& file) {
  const auto rows = file.value<int64_t>(), columns = file.value<int64_t>();
  expect(rows > 0 && rows <= UINT32_MAX && columns > 0 && columns <= INT32_MAX, "a matrix has an impossible shape");
  return {static_cast<uint64_t>(rows), static_cast<uint64_t>(columns)};
}

DenseMatrix DenseMatrix::read(Reader& file) {
  const Shape shape = Shape::read(file);
  return DenseMatrix(shape, file.weights(shape.rows * shape.columns));
}

void DenseMatrix::add_rows(const uint32_t* ids, size_t count, float* sum) const {
  size_t column = 0;
  for (; column + kStripe <= shape_.columns; column += kStripe)
    add_stripe(values_.data() + column, shape_.columns, ids, count, sum + column);
  if (column == shape_.columns) return;
  for (size_t i = 0; i < count; ++i) {
    const float* row = values_.data() + ids[i] * shape_.columns;
    for (size_t c = column; c < shape_.columns; ++c) sum[c] += row[c];
  }
}

float DenseMatrix::dot(const float* vector, uint64_t row) const {
  const float* values = values_.data() + row * shape_.columns;
  float result = 0;
  for (uint64_t c = 0; c < shape_.columns; ++c) result += values[c] * vector[c];
  return result;
}

Quantiser Quantiser::read(Reader& file, uint64_t dimension) {
  const auto stated_dimension = file.value<int32_t>(), pieces = file.value<int32_t>();
  const auto width = file.value<int32_t>(), last_width = file.value<int32_t>();
  const auto columns = static_cast<int64_t>(dimension);
  expect(stated_dimension == columns && width > 0 && last_width > 0 && last_width <= width && pieces > 0 &&
             (int64_t{pieces} - 1) * width + last_width == columns,
         "a quantiser does not fit its matrix");
  return {static_cast<uint64_t>(pieces), static_cast<uint64_t>(width), static_cast<uint64_t>(last_width),
          file.weights(dimension * kCentroids)};
}

const float* Quantiser::centroid(uint64_t piece, uint8_t code) const {
  return centroids.data() + piece * width * kCentroids + code * width_of(piece);
}

QuantisedMatrix QuantisedMatrix::read(Reader& file) {
  const bool has_norms = file.flag();
  const Shape shape = Shape::read(file);
  const auto code_count = file.value<int32_t>();
  expect(code_count > 0, "a quantised matrix has no codes");
  Buffer<uint8_t> codes = file.array<uint8_t>(static_cast<uint64_t>(code_count));
  Quantiser quantiser = Quantiser::read(file, shape.columns);
  expect(shape.rows * quantiser.pieces == codes.size(), "a quantised matrix has too many or too few codes");
  QuantisedMatrix result(shape, std::move(quantiser), std::move(codes));
  if (has_norms) {
    result.norm_codes_ = file.array<uint8_t>(shape.rows);
    result.norms_ = Quantiser::read(file, 1).centroids;
  }
  return result;
}

void QuantisedMatrix::reorder(const Buffer<uint32_t>& ids) {
  Buffer<uint8_t> codes(ids.size() * quantiser_.pieces);
  for (size_t row = 0; row < ids.size(); ++row)
    std::memcpy(codes.data() + row * quantiser_.pieces, codes_.data() + ids[row] * quantiser_.pieces, quantiser_.pieces);
  if (norms_.size()) {
    Buffer<uint8_t> norm_codes(ids.size());
    for (size_t row = 0; row < ids.size(); ++row) norm_codes[row] = norm_codes_[ids[row]];
    norm_codes_ = std::move(norm_codes);
  }
  codes_ = std::move(codes);
  shape_.rows = ids.size();
}

void QuantisedMatrix::add_rows(const uint32_t* ids, size_t count, float* sum) const {
  for (size_t i = 0; i < count; ++i) {
    const float length = norm(ids[i]);
    const uint8_t* codes = codes_.data() + ids[i] * quantiser_.pieces;
    float* to = sum;
    for (uint64_t piece = 0; piece < quantiser_.pieces; ++piece) {
      const float* centroid = quantiser_.centroid(piece, codes[piece]);
      const uint64_t width = quantiser_.width_of(piece);
      for (uint64_t c = 0; c < width; ++c) *to++ += length * centroid[c];
    }
  }
}

float QuantisedMatrix::dot(const float* vector, uint64_t row) const {
  const uint8_t* codes = codes_.data() + row * quantiser_.pieces;
  float result = 0;
  for (uint64_t piece = 0; piece < quantiser_.pieces; ++piece) {
    const float* centroid = quantiser_.centroid(piece, codes[piece]);
    const uint64_t width = quantiser_.width_of(piece);
    for (uint64_t c = 0; c < width; ++c) result += *vector++ * centroid[c];
  }
  return result * norm(row);
}

DenseMatrix QuantisedMatrix::expand() const {
  Buffer<float> values(shape_.rows * shape_.columns);
  std::fill_n(values.data(), values.size(), 0.0f);
  for (uint32_t row = 0; row < shape_.rows; ++row) add_rows(&row, 1, values.data() + row * shape_.columns);
  return DenseMatrix(shape_, std::move(values));
}

}  // namespace kernels::fasttext
