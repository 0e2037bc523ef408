// A large_string or large_binary array of Arrow, read in place.
#pragma once

#include <cstddef>
#include <cstdint>

#include "normal_form.hpp"

namespace kernels {

class Column {
 public:
  // Arrow's buffers: the array holds `size` values from number `offset` on; validity may be null.
  Column(const uint8_t* validity, const int64_t* offsets, const uint8_t* bytes, size_t offset, size_t size)
      : validity_(validity), offsets_(offsets), bytes_(bytes), offset_(offset), size_(size) {}

  size_t size() const { return size_; }

  // Bytes between the first value and the end of the last.
  size_t total_bytes() const {
    return size_ ? static_cast<size_t>(offsets_[offset_ + size_] - offsets_[offset_]) : 0;
  }

  // The value; empty where null.
  Text operator[](size_t index) const {
    const size_t at = offset_ + index;
    const uint8_t* readable = bytes_ + offsets_[offset_ + size_];
    if (validity_ && !(validity_[at / 8] >> (at % 8) & 1)) return {readable, readable, readable};
    return {bytes_ + offsets_[at], bytes_ + offsets_[at + 1], readable};
  }

 private:
  const uint8_t* validity_;
  const int64_t* offsets_;
  const uint8_t* bytes_;
  size_t offset_, size_;
};

}  // namespace kernels
