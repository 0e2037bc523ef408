// Vectors whose memory comes in whole pages.
#pragma once

#include <cstddef>
#include <new>
#include <sys/mman.h>
#include <vector>

namespace ngram {

// Memory straight from the system and straight back to it: what is reserved but not used takes none, and what is freed
// does not stay with the process, which a limit on the whole of it depends on.
template <class T>
struct PageAllocator {
  using value_type = T;

  PageAllocator() = default;
  template <class U>
  PageAllocator(const PageAllocator<U>&) {}  // NOLINT: allocators convert

  T* allocate(std::size_t count) {
    constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void* memory = ::mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, kFlags, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) { ::munmap(memory, count * sizeof(T)); }
  bool operator==(const PageAllocator&) const = default;
};

template <class T>
using PageVector = std::vector<T, PageAllocator<T>>;

}  // namespace ngram
