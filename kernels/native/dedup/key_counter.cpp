#include "key_counter.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "offsets.hpp"

namespace kernels {
namespace {

constexpr size_t kParts = 256;
constexpr unsigned kPartShift = 56;
constexpr uint64_t kFlag = 1;
constexpr size_t kLeastLatest = 256;   // entries that arrive before a merge, at least
constexpr size_t kRadixFrom = 1024;    // fewer entries are sorted by comparison

uint64_t key_part(uint64_t entry) { return entry >> 8; }

// Sorts by the bytes above the lowest; `room` holds as many entries.
void radix_sort(uint64_t* entries, size_t count, uint64_t* room) {
  constexpr size_t kDigits = 7;
  std::array<std::array<uint32_t, 256>, kDigits> counts{};
  for (size_t i = 0; i < count; ++i)
    for (size_t digit = 0; digit < kDigits; ++digit) ++counts[digit][entries[i] >> (8 * digit + 8) & 0xFF];
  uint64_t *from = entries, *to = room;
  for (size_t digit = 0; digit < kDigits; ++digit) {
    std::array<uint32_t, 256>& starts = counts[digit];
    if (starts[entries[0] >> (8 * digit + 8) & 0xFF] == count) continue;  // all alike
    uint32_t start = 0;
    for (uint32_t& value : starts) start += std::exchange(value, start);
    for (size_t i = 0; i < count; ++i) to[starts[from[i] >> (8 * digit + 8) & 0xFF]++] = from[i];
    std::swap(from, to);
  }
  if (from != entries) std::copy(from, from + count, entries);
}

void sort_entries(uint64_t* entries, size_t count, uint64_t* room) {
  if (count < kRadixFrom || count > UINT32_MAX)
    std::sort(entries, entries + count);
  else
    radix_sort(entries, count, room);
}

// Merges without branches that depend on the data; equal keys end up side by side.
void merge(const uint64_t* a, size_t a_count, const uint64_t* b, size_t b_count, uint64_t* out) {
  size_t i = 0, j = 0;
  while (i < a_count && j < b_count) {
    const bool second = b[j] < a[i];
    *out++ = second ? b[j] : a[i];
    j += second;
    i += !second;
  }
  out = std::copy(a + i, a + a_count, out);
  std::copy(b + j, b + b_count, out);
}

// Copies sorted entries, flagging the keys that occur more than once. Returns how many keys there are.
size_t unite(const uint64_t* entries, size_t count, uint64_t* out) {
  size_t united = 0;
  for (size_t i = 0; i < count; ++i) {
    const bool repeated = united && key_part(entries[i]) == key_part(out[united - 1]);
    united -= repeated;
    out[united] = entries[i] | (repeated ? kFlag : 0);
    ++united;
  }
  return united;
}

}  // namespace

KeyCounter::KeyCounter() : parts_(kParts) {}

void KeyCounter::add(const uint64_t* hashes, size_t hash_count, const int64_t* offsets, size_t documents) {
  check_offsets(offsets, documents, hash_count);
  for (size_t i = 0; i < documents; ++i) {
    const uint64_t *begin = hashes + offsets[i], *end = hashes + offsets[i + 1];
    seen_.start(static_cast<size_t>(end - begin));
    for (const uint64_t* key = begin; key < end; ++key) {
      if (!seen_.insert(*key)) continue;
      Part& part = parts_[*key >> kPartShift];
      if (part.entries.size() >= part.limit) compact(part);
      part.entries.push_back(*key << 8);
    }
  }
}

void KeyCounter::compact(Part& part) {
  const size_t size = part.entries.size(), latest = size - part.sorted;
  scratch_.clear();
  scratch_.make_room(size);
  sort_entries(part.entries.data() + part.sorted, latest, scratch_.data());
  merge(part.entries.data(), part.sorted, part.entries.data() + part.sorted, latest, scratch_.data());
  part.sorted = unite(scratch_.data(), size, part.entries.data());
  part.entries.set_end(part.entries.data() + part.sorted);
  // Half as many may arrive as there are: 12 bytes for each key at most, and each is moved three times on average.
  part.limit = part.sorted + std::max(kLeastLatest, part.sorted / 2);
  part.entries.set_capacity(part.limit);
}

size_t KeyCounter::nbytes() const {
  size_t total = 0;
  for (const Part& part : parts_) total += std::max(part.entries.size(), part.limit) * sizeof(uint64_t);
  return total;
}

DocumentKeys KeyCounter::finish() {
  size_t total = 0;
  for (Part& part : parts_) {
    compact(part);
    part.entries.set_capacity(part.sorted);
    total += part.sorted;
  }
  DocumentKeys result{Buffer<uint64_t>(total), Buffer<uint8_t>(total)};
  size_t written = 0;
  for (size_t index = 0; index < kParts; ++index) {
    const Buffer<uint64_t> entries = std::move(parts_[index].entries);
    for (const uint64_t entry : entries) {
      result.keys[written] = static_cast<uint64_t>(index) << kPartShift | key_part(entry);
      result.flags[written++] = static_cast<uint8_t>(entry & kFlag);
    }
  }
  *this = KeyCounter();
  return result;
}

}  // namespace kernels
