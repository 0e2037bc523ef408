#include "mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "huge_pages.hpp"

namespace kernels {

MappedFile::MappedFile(const std::string& path) {
  const auto fail = [&](int error) { throw std::system_error(error, std::generic_category(), path); };
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(errno);
  struct stat status;
  int error = ::fstat(descriptor, &status) < 0 ? errno : !S_ISREG(status.st_mode) ? EINVAL : 0;
  if (!error && status.st_size > 0) {
    size_ = static_cast<size_t>(status.st_size);
    data_ = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, descriptor, 0);
    if (data_ == MAP_FAILED) error = errno;
  }
  ::close(descriptor);
  if (error) fail(error);
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(data_, size_);
}

void MappedFile::load() const {
  if (!data_) return;
  advise_huge_pages(data_, size_);
#if defined(MADV_POPULATE_READ)
  if (::madvise(data_, size_, MADV_POPULATE_READ) == 0) return;
#endif
  ::madvise(data_, size_, MADV_WILLNEED);
}

}  // namespace kernels
