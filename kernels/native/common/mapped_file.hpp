// A file as memory, shared by all processes that map it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kernels {

class MappedFile {
 public:
  // Throws std::system_error.
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view view() const { return {static_cast<const char*>(data_), size_}; }

  // Brings the whole file into memory, which takes one pass over it instead of a disk access for each place looked up.
  void load() const;

 private:
  void* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace kernels
