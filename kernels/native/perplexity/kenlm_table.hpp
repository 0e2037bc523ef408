// A hash table with linear probing in KenLM's format, in memory that may come from any file.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "kenlm_format.hpp"

namespace kernels::kenlm {

// The remainder of a division by a number known early, in two multiplications.
class Divisor {
 public:
  Divisor() = default;
  explicit Divisor(uint64_t divisor) : divisor_(divisor), inverse_(~uint64_t{0} / divisor) {}

  uint64_t remainder(uint64_t value) const {
    __extension__ using Wide = unsigned __int128;
    const auto quotient = static_cast<uint64_t>(static_cast<Wide>(value) * inverse_ >> 64);  // or one less
    const uint64_t rest = value - quotient * divisor_;
    return rest - (rest >= divisor_ ? divisor_ : 0);
  }

 private:
  uint64_t divisor_ = 1, inverse_ = ~uint64_t{0};
};

template <class EntryType>
class Table {
 public:
  static constexpr size_t kGroup = 4;

  Table() = default;
  template <class Byte>  // const or not, as the entries
  Table(Byte* file, TablePlace place)
      : begin_(reinterpret_cast<EntryType*>(file + place.offset)),
        end_(begin_ + place.entries),
        bucket_(place.bucket),
        divisor_(place.entries / place.bucket) {}

  EntryType* ideal(uint64_t key) const { return begin_ + divisor_.remainder(key) * bucket_; }

  // The entry of the key, else the empty one where it would go, else null: the table is full. `entry` is the ideal one,
  // or one behind it up to which all are taken.
  EntryType* find_or_empty(uint64_t key, EntryType* entry) const {
    if (entry == end_) entry = begin_;
    const EntryType* const first = entry;
    do {
      if (entry->key == key || entry->key == 0) return entry;
      if (++entry == end_) entry = begin_;
    } while (entry != first);
    return nullptr;
  }

  // Null if the key is not there.
  EntryType* find(uint64_t key, EntryType* entry) const {
    entry = find_or_empty(key, entry);
    return entry && entry->key == key ? entry : nullptr;
  }
  EntryType* find(uint64_t key) const { return find(key, ideal(key)); }

  // What kGroup entries in a row say of a key: which of them is its entry, that none is, or that the next ones must be
  // asked. No branch depends on the entries.
  struct Answer {
    EntryType* entry;  // any of them unless found
    bool found;
    bool undecided;
  };
  bool has_group(const EntryType* entry) const { return end_ - entry >= static_cast<ptrdiff_t>(kGroup); }
  static Answer ask_group(uint64_t key, EntryType* entry) {
#if defined(__SSE2__)
    const auto keys = [entry](size_t at) {
      const __m128i low = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(&entry[at].key));
      return _mm_castps_si128(
          _mm_loadh_pi(_mm_castsi128_ps(low), reinterpret_cast<const __m64*>(&entry[at + 1].key)));
    };
    const __m128i wanted = _mm_set1_epi64x(static_cast<int64_t>(key)), none = _mm_setzero_si128();
    const __m128i first = keys(0), second = keys(2);
    const __m128i found = _mm_packs_epi32(_mm_cmpeq_epi32(first, wanted), _mm_cmpeq_epi32(second, wanted));
    const __m128i empty = _mm_packs_epi32(_mm_cmpeq_epi32(first, none), _mm_cmpeq_epi32(second, none));
    // Two bits for the halves of each key, those of `found` below those of `empty`.
    auto halves = static_cast<uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(found, empty)));
    halves &= halves >> 1 & 0x5555;
    const uint32_t at = static_cast<uint32_t>(std::countr_zero((halves & 0xFF) | 0x100)) / 2 % kGroup;
    return {entry + at, (halves & 0xFF) != 0, halves == 0};
#else
    size_t at = 0;
    bool found = false, empty = false;
    for (size_t i = 0; i < kGroup; ++i) {
      const uint64_t there = entry[i].key;
      at += i * (there == key);
      found |= there == key;
      empty |= there == 0;
    }
    return {entry + at % kGroup, found, !(found | empty)};
#endif
  }

 private:
  EntryType *begin_ = nullptr, *end_ = nullptr;
  size_t bucket_ = 1;
  Divisor divisor_;
};

}  // namespace kernels::kenlm
