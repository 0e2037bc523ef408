#include "ngram_spool.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <unistd.h>

namespace ngram {

namespace {

[[noreturn]] void fail(const std::string& directory) {
  throw std::system_error(errno, std::generic_category(), directory);
}

}  // namespace

TemporaryFile::TemporaryFile(const std::string& directory) : directory_(directory) {
  std::string path = directory + "/ngram-XXXXXX";
  descriptor_ = ::mkstemp(path.data());
  if (descriptor_ < 0) fail(directory_);
  ::unlink(path.c_str());
}

TemporaryFile::~TemporaryFile() { ::close(descriptor_); }

void TemporaryFile::append(const void* data, std::size_t bytes) {
  const char* from = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = ::pwrite(descriptor_, from, bytes, static_cast<off_t>(size_));
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(directory_);
    }
    from += written;
    bytes -= static_cast<std::size_t>(written);
    size_ += static_cast<std::uint64_t>(written);
  }
}

void TemporaryFile::read_at(void* data, std::size_t bytes, std::uint64_t offset) const {
  char* to = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t got = ::pread(descriptor_, to, bytes, static_cast<off_t>(offset));
    if (got <= 0) {
      if (got < 0 && errno == EINTR) continue;
      if (got == 0) errno = EIO;
      fail(directory_);
    }
    to += got;
    bytes -= static_cast<std::size_t>(got);
    offset += static_cast<std::uint64_t>(got);
  }
}

}  // namespace ngram
