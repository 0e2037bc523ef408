#include "fasttext_model.hpp"

#include <algorithm>

#include "utf8.hpp"

namespace kernels::fasttext {
namespace {

constexpr int32_t kMagic = 793712314;
constexpr int32_t kVersionWithoutCharacters = 11, kVersion = 12;
constexpr int32_t kSupervised = 3;

// Up to this size a quantised input matrix is expanded, which makes adding its rows faster. lid.176 takes 3 MiB.
constexpr uint64_t kLargestExpansion = uint64_t{64} << 20;

struct Header {
  int32_t dimension, buckets;
  Loss loss;
  Ngrams::Lengths lengths;
};

bool within(int32_t number, int32_t first, int32_t last) { return first <= number && number <= last; }

Header read_header(Reader& file) {
  expect(file.value<int32_t>() == kMagic, "wrong file format");
  const auto version = file.value<int32_t>();
  expect(within(version, kVersionWithoutCharacters, kVersion), "unknown version of the file format");
  const auto dimension = file.value<int32_t>();
  for (int skipped = 0; skipped < 4; ++skipped) file.value<int32_t>();  // ws, epoch, minCount, neg
  const auto word_ngrams = file.value<int32_t>(), loss = file.value<int32_t>(), model = file.value<int32_t>();
  const auto buckets = file.value<int32_t>(), shortest = file.value<int32_t>();
  auto longest = file.value<int32_t>();
  if (version == kVersionWithoutCharacters) longest = 0;
  file.value<int32_t>();  // lrUpdateRate
  file.value<double>();   // t
  expect(model == kSupervised, "not a classifier but word vectors");
  expect(within(loss, 1, 4), "unknown loss");
  const auto allowed = [](int32_t length) { return within(length, 0, Ngrams::kLongest); };
  expect(buckets >= 0 && shortest >= 0 && allowed(longest) && allowed(word_ngrams),
         "impossible lengths of n-grams or number of buckets");
  expect(buckets > 0 || (longest == 0 && word_ngrams <= 1), "n-grams without buckets");
  const auto number = [](int32_t value) { return static_cast<uint32_t>(value); };
  return {dimension, buckets, static_cast<Loss>(loss), {number(shortest), number(longest), number(word_ngrams)}};
}

// Row i of the result is row order[i] of the file, unless `order` is empty.
Matrix read_input(Reader& file, bool quantised, const Buffer<uint32_t>& order) {
  if (!quantised) return DenseMatrix::read(file);
  QuantisedMatrix matrix = QuantisedMatrix::read(file);
  const auto exists = [&](uint32_t row) { return row < matrix.shape().rows; };
  expect(std::all_of(order.begin(), order.end(), exists), "a row of the vocabulary does not exist");
  if (order.size()) matrix.reorder(order);
  const Shape size = matrix.shape();
  if (size.rows * size.columns > kLargestExpansion / sizeof(float)) return matrix;
  return matrix.expand();
}

}  // namespace

Model read_model(const std::string& path) {
  Reader file(path);
  const Header header = read_header(file);
  Vocabulary vocabulary(file);
  for (uint32_t label = 0; label < vocabulary.labels(); ++label) {
    const std::string_view name = vocabulary.label(label);
    const auto* begin = reinterpret_cast<const uint8_t*>(name.data());
    expect(utf8::find_invalid(begin, begin + name.size()) == begin + name.size(), "a label is not UTF-8");
  }
  Buffer<uint32_t> order;
  BucketRows bucket_rows(file, vocabulary, static_cast<uint32_t>(header.buckets), order);
  const bool has_buckets = vocabulary.pruned() < 0 && (header.lengths.longest > 0 || header.lengths.words > 1);
  const uint64_t rows_needed = vocabulary.words() + (has_buckets ? static_cast<uint64_t>(header.buckets) : 0);
  const bool quantised = file.flag();
  expect(quantised || vocabulary.pruned() < 0, "pruned, but not quantised");
  Matrix input = read_input(file, quantised, order);
  expect(shape(input).rows >= rows_needed && header.dimension == static_cast<int64_t>(shape(input).columns),
         "the input matrix does not fit the vocabulary");
  const bool quantised_output = file.flag() && quantised;
  Matrix output = quantised_output ? Matrix(QuantisedMatrix::read(file)) : Matrix(DenseMatrix::read(file));
  expect(shape(output).rows == vocabulary.labels() && shape(output).columns == shape(input).columns,
         "the output matrix does not fit the labels");
  Output classes(header.loss, std::move(output), vocabulary.label_counts());
  return {std::move(vocabulary), Ngrams(header.lengths, static_cast<uint32_t>(header.buckets), std::move(bucket_rows)),
          std::move(input), std::move(classes)};
}

}  // namespace kernels::fasttext
