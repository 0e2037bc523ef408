// Sequences too long for memory: an anonymous temporary file, and a spool that uses it once its memory is full.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "ngram_pages.hpp"

namespace ngram {

// A file with no name: it is unlinked as soon as it is open, so nothing stays behind however the process ends.
// Every function throws std::system_error naming the directory.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& directory);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void append(const void* data, std::size_t bytes);
  void read_at(void* data, std::size_t bytes, std::uint64_t offset) const;
  std::uint64_t size() const { return size_; }

 private:
  std::string directory_;
  int descriptor_;
  std::uint64_t size_ = 0;
};

// Append records, then read them back once in the same order. Memory stays within `memory` bytes (at least one block).
template <class T>
class Spool {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Spool(std::string directory, std::size_t memory)
      : directory_(std::move(directory)), capacity_(std::max(memory / sizeof(T), kBlock)) {
    buffer_.reserve(capacity_);
  }

  void push(const T& value) {
    if (buffer_.size() == capacity_) spill();
    buffer_.push_back(value);
    ++size_;
  }

  bool next(T& value) {
    if (position_ == readable_ && !refill()) return false;
    value = reading_file_ ? block_[position_++] : buffer_[position_++];
    return true;
  }

  std::uint64_t size() const { return size_; }
  std::uint64_t spilled() const { return file_ ? file_->size() : 0; }

 private:
  static constexpr std::size_t kBlock = 1024;

  void spill() {
    if (!file_) file_.emplace(directory_);
    file_->append(buffer_.data(), buffer_.size() * sizeof(T));
    buffer_.clear();
  }

  // The file holds the older records; the buffer what came after.
  bool refill() {
    const std::uint64_t in_file = spilled() / sizeof(T);
    position_ = 0;
    if (file_read_ < in_file) {
      reading_file_ = true;
      readable_ = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock * 16, in_file - file_read_));
      block_.resize(readable_);
      file_->read_at(block_.data(), readable_ * sizeof(T), file_read_ * sizeof(T));
      file_read_ += readable_;
      return true;
    }
    if (buffer_read_) {
      readable_ = 0;
      return false;
    }
    buffer_read_ = true;
    reading_file_ = false;
    readable_ = buffer_.size();
    return readable_ > 0;
  }

  std::string directory_;
  std::size_t capacity_;
  PageVector<T> buffer_;
  std::optional<TemporaryFile> file_;
  std::uint64_t size_ = 0;

  PageVector<T> block_;
  std::uint64_t file_read_ = 0;
  std::size_t position_ = 0;
  std::size_t readable_ = 0;
  bool reading_file_ = false;
  bool buffer_read_ = false;
};

}  // namespace ngram
