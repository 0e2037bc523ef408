// A hash table with linear probing in KenLM's format, in memory that may come from any file.
#pragma once

#include <cstddef>
#include <cstdint>

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
      : begin_(reinterpret_cast<EntryType*>(file + place.offset)), end_(begin_ + place.entries), divisor_(place.entries) {}

  EntryType* ideal(uint64_t key) const { return begin_ + divisor_.remainder(key); }

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
  bool has_group(EntryType* entry) const { return end_ - entry >= static_cast<ptrdiff_t>(kGroup); }
  static Answer ask_group(uint64_t key, EntryType* entry) {
    size_t at = 0;
    bool found = false, empty = false;
    for (size_t i = 0; i < kGroup; ++i) {
      const uint64_t there = entry[i].key;
      at += i * (there == key);
      found |= there == key;
      empty |= there == 0;
    }
    return {entry + at % kGroup, found, !(found | empty)};
  }

 private:
  EntryType *begin_ = nullptr, *end_ = nullptr;
  Divisor divisor_;
};

}  // namespace kernels::kenlm
