// Large tables are read at random: without huge pages most of the time goes into address translation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace kernels {

// Advice only; memory under a few huge pages is left alone.
inline void advise_huge_pages([[maybe_unused]] void* memory, [[maybe_unused]] size_t bytes) {
#if defined(MADV_HUGEPAGE)
  constexpr uintptr_t kHugePage = uintptr_t{1} << 21;
  if (bytes < 2 * kHugePage) return;
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(memory) + kHugePage - 1) & ~(kHugePage - 1);
  const uintptr_t end = (reinterpret_cast<uintptr_t>(memory) + bytes) & ~(kHugePage - 1);
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

template <typename T>
using HugeArray = std::unique_ptr<T[], FreeMemory>;

// `count` values as T() makes them, of types that need no destructor; their bytes are a multiple of 2 MiB.
template <typename T>
HugeArray<T> huge_array(size_t count) {
  constexpr size_t kHugePage = size_t{1} << 21;
  void* memory = std::aligned_alloc(kHugePage, count * sizeof(T));
  if (!memory) throw std::bad_alloc();
  advise_huge_pages(memory, count * sizeof(T));
  T* const values = static_cast<T*>(memory);
  std::uninitialized_value_construct_n(values, count);
  return HugeArray<T>(values);
}

}  // namespace kernels
