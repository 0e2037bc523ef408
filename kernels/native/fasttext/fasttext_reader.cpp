#include "fasttext_reader.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cmath>
#include <system_error>

namespace kernels::fasttext {
namespace {

constexpr const char* kTruncated = "it ends too early";

// Trained weights stay below a few hundred. With this bound the score of a label is at most 1e7 (norm) * 2^31
// (dimension) * 1e7 (weight) * 1e14 (average of norm * weight), which a float holds: no infinity and no NaN arises.
constexpr float kLargestWeight = 1e7f;

}  // namespace

Reader::Reader(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "rb")) {
  struct stat status;
  if (!file_ || fstat(fileno(file_.get()), &status) != 0) fail();
  expect(S_ISREG(status.st_mode), "not a regular file");
  left_ = static_cast<uint64_t>(status.st_size);
}

bool Reader::flag() {
  const auto byte = value<uint8_t>();
  expect(byte <= 1, "a flag is neither 0 nor 1");
  return byte != 0;
}

Buffer<float> Reader::weights(uint64_t count) {
  Buffer<float> result = array<float>(count);
  bool sane = true;
  for (const float weight : result) sane &= std::fabs(weight) <= kLargestWeight;
  expect(sane, "a weight is not a finite number of sensible size");
  return result;
}

void Reader::word(Buffer<char>& result) {
  while (const char byte = value<char>()) result.push_back(byte);
}

void Reader::require(uint64_t count, uint64_t size) const { expect(count <= left_ / size, kTruncated); }

void Reader::bytes(void* to, size_t size) {
  require(size, 1);
  if (std::fread(to, 1, size, file_.get()) != size) {
    if (std::ferror(file_.get())) fail();
    throw std::invalid_argument(kTruncated);  // it was cut while being read
  }
  left_ -= size;
}

void Reader::fail() const { throw std::system_error(errno, std::generic_category(), path_); }

}  // namespace kernels::fasttext
