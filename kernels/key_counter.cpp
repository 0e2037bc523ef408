#include "key_counter.hpp"

#include <algorithm>

#include "offsets.hpp"

namespace kernels {
namespace {

constexpr size_t kParts = 256;
constexpr unsigned kPartShift = 56;
constexpr uint64_t kOccupied = 1, kFlagged = 2, kState = 0xFF;
constexpr size_t kAhead = 16;  // how many keys ahead memory is fetched

// Where the search for a key starts. The multiplication spreads keys that are not hashes.
size_t home(uint64_t slot, size_t capacity) {
  const uint64_t mixed = (slot >> 8) * 0x9E3779B97F4A7C15u >> 32;
  return static_cast<size_t>(mixed * capacity >> 32);
}

// The slot of the key (state bits apart), or the free slot where it belongs.
uint64_t* find_slot(std::vector<uint64_t>& slots, uint64_t wanted) {
  size_t at = home(wanted, slots.size());
  while (slots[at] != 0 && (slots[at] & ~kState) != wanted)
    if (++at == slots.size()) at = 0;
  return &slots[at];
}

void grow(std::vector<uint64_t>& slots) {
  std::vector<uint64_t> larger(slots.size() + slots.size() / 2);
  for (const uint64_t slot : slots)
    if (slot) *find_slot(larger, slot & ~kState) = slot;
  slots.swap(larger);
}

}  // namespace

KeyCounter::KeyCounter() : parts_(kParts) {
  for (Part& part : parts_) part.slots.resize(64);
}

void KeyCounter::prefetch(uint64_t key) const {
  const Part& part = parts_[key >> kPartShift];
  __builtin_prefetch(&part.slots[home(key << 8, part.slots.size())]);
}

void KeyCounter::mark_if_present(uint64_t key) {
  uint64_t* slot = find_slot(parts_[key >> kPartShift].slots, key << 8);
  if (*slot) *slot |= kFlagged;
}

void KeyCounter::insert_if_absent(uint64_t key) {
  Part& part = parts_[key >> kPartShift];
  uint64_t* slot = find_slot(part.slots, key << 8);
  if (*slot) return;
  *slot = key << 8 | kOccupied;
  ++part.used;
  ++size_;
  // Seven eighths full at most: 8 bytes per slot are then 9 to 14 per key.
  if (part.used > part.slots.size() / 8 * 7) grow(part.slots);
}

void KeyCounter::add(const uint64_t* hashes, size_t hash_count, const int64_t* offsets, size_t documents) {
  check_offsets(offsets, documents, hash_count);
  for (size_t i = 0; i < documents; ++i) {
    const uint64_t *begin = hashes + offsets[i], *end = hashes + offsets[i + 1];
    // All keys of a document are looked up before any is inserted, so repeats inside it do not count.
    for (const uint64_t* key = begin; key < end; ++key) {
      if (end - key > static_cast<ptrdiff_t>(kAhead)) prefetch(key[kAhead]);
      mark_if_present(*key);
    }
    for (const uint64_t* key = begin; key < end; ++key) insert_if_absent(*key);
  }
}

DocumentKeys KeyCounter::finish() {
  DocumentKeys result{Buffer<uint64_t>(size_), Buffer<uint8_t>(size_)};
  size_t written = 0;
  for (size_t index = 0; index < kParts; ++index) {
    std::vector<uint64_t> slots;
    slots.swap(parts_[index].slots);
    slots.erase(std::remove(slots.begin(), slots.end(), 0), slots.end());
    std::sort(slots.begin(), slots.end());
    for (const uint64_t slot : slots) {
      result.keys[written] = static_cast<uint64_t>(index) << kPartShift | slot >> 8;
      result.flags[written++] = (slot & kFlagged) != 0;
    }
  }
  *this = KeyCounter();
  return result;
}

}  // namespace kernels
