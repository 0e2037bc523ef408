// Growable memory that is not zeroed and can be handed to Python without a copy.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "huge_pages.hpp"

namespace kernels {

template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Buffer() { reserve(1); }
  explicit Buffer(size_t size) {
    reserve(std::max<size_t>(size, 1));
    size_ = size;
  }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() { std::free(data_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](size_t at) { return data_[at]; }
  const T& operator[](size_t at) const { return data_[at]; }

  void push_back(T value) {
    make_room(1);
    data_[size_++] = value;
  }

  // Room for `count` more behind end(), growing geometrically.
  void make_room(size_t count) {
    if (capacity_ - size_ < count) reserve(std::max(size_ + count, capacity_ + capacity_ / 2));
  }

  void clear() { size_ = 0; }

  const T* room_end() const { return data_ + capacity_; }

  // Exactly this room, or that of the elements if they need more.
  void set_capacity(size_t capacity) { reserve(std::max({capacity, size_, size_t{1}})); }

  // Makes `new_end`, which lies within the room made, the end.
  void set_end(const T* new_end) { size_ = static_cast<size_t>(new_end - data_); }

  // Gives the memory up to the caller, who frees it with std::free.
  T* release() {
    set_capacity(0);
    size_ = capacity_ = 0;
    return std::exchange(data_, nullptr);
  }

 private:
  void swap(Buffer& other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  void reserve(size_t capacity) {
    if (capacity == capacity_) return;
    if (capacity > SIZE_MAX / sizeof(T)) throw std::bad_alloc();
    void* moved = std::realloc(data_, capacity * sizeof(T));
    if (!moved) throw std::bad_alloc();
    data_ = static_cast<T*>(moved);
    advise_huge_pages(moved, capacity * sizeof(T));
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// For counts of lines, which Arrow's list offsets keep as int32.
inline int32_t to_int32(size_t count) {
  if (count > static_cast<size_t>(std::numeric_limits<int32_t>::max()))
    throw std::length_error("more than 2^31 - 1 lines in one batch");
  return static_cast<int32_t>(count);
}

// Text or binary values one behind the other, as Arrow's large_string keeps them.
struct TextBuffer {
  Buffer<int64_t> offsets;
  Buffer<uint8_t> bytes;

  explicit TextBuffer(size_t expected_bytes = 0) {
    offsets.push_back(0);
    bytes.make_room(expected_bytes);
  }

  void end_value() { offsets.push_back(static_cast<int64_t>(bytes.size())); }
};

}  // namespace kernels
