// A model file read front to back, nothing in it taken on trust.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "buffer.hpp"

namespace kernels::fasttext {

// Throws std::invalid_argument(message) unless `holds`.
inline void expect(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

// Every function throws std::invalid_argument where the file ends too early and std::system_error where it cannot be
// read. Nothing is allocated for what the rest of the file cannot hold.
class Reader {
 public:
  explicit Reader(const std::string& path);

  template <class T>
  T value() {
    static_assert(std::is_arithmetic_v<T>);
    T result;
    bytes(&result, sizeof result);
    return result;
  }

  bool flag();

  template <class T>
  Buffer<T> array(uint64_t count) {
    require(count, sizeof(T));
    Buffer<T> result(count);
    bytes(result.data(), count * sizeof(T));
    return result;
  }

  // Weights: all must be finite and of a size at which no sum or product of them overflows.
  Buffer<float> weights(uint64_t count);

  // Appends what comes before the next NUL, and reads past the NUL.
  void word(Buffer<char>& result);

  // Expects room for `count` things of `size` bytes in the rest of the file.
  void require(uint64_t count, uint64_t size) const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void bytes(void* to, size_t size);
  [[noreturn]] void fail() const;

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  uint64_t left_ = 0;
};

}  // namespace kernels::fasttext
