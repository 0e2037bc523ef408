// Sorting records by key within a memory limit: sorted runs in a temporary file, merged as they are read back.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ngram_key.hpp"
#include "ngram_spool.hpp"

namespace ngram {

// Sorts in place by the low `key_bits` bits of the key (the rest are zero): one round of buckets by the highest bits,
// by cycles of swaps, then a comparison sort inside each bucket, which by then fits the cache.
template <class Record>
void sort_by_key(PageVector<Record>& records, int key_bits) {
  constexpr int kDigitBits = 12;
  constexpr std::size_t kBuckets = std::size_t{1} << kDigitBits;
  const auto less = [](const Record& a, const Record& b) { return a.key < b.key; };
  if (records.size() < 4 * kBuckets || key_bits <= kDigitBits) {
    std::sort(records.begin(), records.end(), less);
    return;
  }
  const int shift = key_bits - kDigitBits;
  const auto digit = [shift](const Record& r) { return static_cast<std::size_t>(r.key.wide() >> shift); };

  std::vector<std::size_t> begin(kBuckets + 1, 0);
  for (const Record& r : records) ++begin[digit(r) + 1];
  for (std::size_t b = 0; b < kBuckets; ++b) begin[b + 1] += begin[b];
  std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
  for (std::size_t b = 0; b < kBuckets; ++b) {
    while (next[b] < begin[b + 1]) {
      Record held = records[next[b]];
      for (std::size_t d = digit(held); d != b; d = digit(held)) std::swap(held, records[next[d]++]);
      records[next[b]++] = held;
    }
  }
  for (std::size_t b = 0; b < kBuckets; ++b) {
    std::sort(records.begin() + static_cast<std::ptrdiff_t>(begin[b]),
              records.begin() + static_cast<std::ptrdiff_t>(begin[b + 1]), less);
  }
}

// Merges records of equal keys where the record knows how (`absorb`), in a sorted vector.
template <class Record>
void combine_equal(PageVector<Record>& sorted) {
  if constexpr (requires(Record a, Record b) { a.absorb(b); }) {
    if (sorted.empty()) return;
    std::size_t kept = 0;
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      if (sorted[i].key == sorted[kept].key) {
        sorted[kept].absorb(sorted[i]);
      } else {
        sorted[++kept] = sorted[i];
      }
    }
    sorted.resize(kept + 1);
  }
}

// A sorted run inside a temporary file, read block by block.
template <class Record>
class RunReader {
 public:
  RunReader(const TemporaryFile* file, std::uint64_t first, std::uint64_t records, std::size_t block)
      : file_(file), offset_(first * sizeof(Record)), left_(records), block_(block) {}

  bool next() {
    if (++position_ < buffer_.size()) return true;
    if (left_ == 0) return false;
    buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(block_, left_)));
    file_->read_at(buffer_.data(), buffer_.size() * sizeof(Record), offset_);
    offset_ += buffer_.size() * sizeof(Record);
    left_ -= buffer_.size();
    position_ = 0;
    return true;
  }
  const Record& head() const { return buffer_[position_]; }

 private:
  const TemporaryFile* file_;
  std::uint64_t offset_;
  std::uint64_t left_;
  std::size_t block_;
  PageVector<Record> buffer_;
  std::size_t position_ = static_cast<std::size_t>(-1);
};

// Several runs as one sorted stream with equal keys absorbed.
template <class Record>
class RunMerger {
 public:
  explicit RunMerger(std::vector<RunReader<Record>> runs) : runs_(std::move(runs)) {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (runs_[i].next()) heap_.push_back(i);
    }
    std::make_heap(heap_.begin(), heap_.end(), later());
  }

  bool next(Record& out) {
    if (heap_.empty()) return false;
    take(out);
    if constexpr (requires(Record a, Record b) { a.absorb(b); }) {
      Record same;
      while (!heap_.empty() && runs_[heap_.front()].head().key == out.key) {
        take(same);
        out.absorb(same);
      }
    }
    return true;
  }

 private:
  auto later() const {
    return [this](std::size_t a, std::size_t b) { return runs_[b].head().key < runs_[a].head().key; };
  }

  void take(Record& out) {
    std::pop_heap(heap_.begin(), heap_.end(), later());
    RunReader<Record>& run = runs_[heap_.back()];
    out = run.head();
    if (run.next()) {
      std::push_heap(heap_.begin(), heap_.end(), later());
    } else {
      heap_.pop_back();
    }
  }

  std::vector<RunReader<Record>> runs_;
  std::vector<std::size_t> heap_;
};

// Push records in any order, finish, then read them back once in the order of their keys.
template <class Record>
class ExternalSorter {
 public:
  // `memory`: bytes for records held at once; `most`: how many records can come at most.
  ExternalSorter(std::string directory, std::size_t memory, std::uint64_t most, int key_bits)
      : directory_(std::move(directory)), memory_(memory), key_bits_(key_bits) {
    capacity_ = std::max<std::size_t>(memory / sizeof(Record), kFewestRecords);
    buffer_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(capacity_, most)));
  }

  void push(const Record& record) {
    if (buffer_.size() == capacity_) spill();
    buffer_.push_back(record);
  }

  void finish() {
    if (runs_.empty()) {
      sort_by_key(buffer_, key_bits_);
      combine_equal(buffer_);
      return;
    }
    if (!buffer_.empty()) spill();
    PageVector<Record>().swap(buffer_);  // assigning would keep the memory
    while (runs_.size() > fan_in()) merge_level();
    merger_.emplace(readers(0, runs_.size()));
  }

  bool next(Record& out) {
    if (merger_) return merger_->next(out);
    if (position_ == buffer_.size()) return false;
    out = buffer_[position_++];
    return true;
  }

  std::uint64_t spilled() const { return spilled_; }

 private:
  static constexpr std::size_t kFewestRecords = 64;
  static constexpr std::size_t kSmallestBlock = 16 << 10;
  static constexpr std::size_t kLargestBlock = 1 << 20;
  static constexpr std::size_t kMostRuns = 256;

  using Run = std::pair<std::uint64_t, std::uint64_t>;  // first record, records

  std::size_t fan_in() const { return std::clamp<std::size_t>(memory_ / kSmallestBlock, 2, kMostRuns); }

  void spill() {
    sort_by_key(buffer_, key_bits_);
    combine_equal(buffer_);
    if (!file_) file_ = std::make_unique<TemporaryFile>(directory_);
    runs_.emplace_back(file_->size() / sizeof(Record), buffer_.size());
    file_->append(buffer_.data(), buffer_.size() * sizeof(Record));
    spilled_ += buffer_.size() * sizeof(Record);
    buffer_.clear();
  }

  std::vector<RunReader<Record>> readers(std::size_t first, std::size_t last) const {
    const std::size_t block = std::clamp(memory_ / (last - first), kSmallestBlock, kLargestBlock) / sizeof(Record);
    std::vector<RunReader<Record>> result;
    for (std::size_t i = first; i < last; ++i) result.emplace_back(file_.get(), runs_[i].first, runs_[i].second, block);
    return result;
  }

  // Merges every `fan_in()` neighbouring runs into one, in a new file.
  void merge_level() {
    auto merged_file = std::make_unique<TemporaryFile>(directory_);
    std::vector<Run> merged_runs;
    std::vector<Record> block;
    for (std::size_t first = 0; first < runs_.size(); first += fan_in()) {
      RunMerger<Record> merger(readers(first, std::min(first + fan_in(), runs_.size())));
      const std::uint64_t start = merged_file->size() / sizeof(Record);
      Record record;
      const auto flush = [&] {
        merged_file->append(block.data(), block.size() * sizeof(Record));
        block.clear();
      };
      while (merger.next(record)) {
        block.push_back(record);
        if (block.size() * sizeof(Record) >= kSmallestBlock) flush();
      }
      flush();
      merged_runs.emplace_back(start, merged_file->size() / sizeof(Record) - start);
    }
    spilled_ += merged_file->size();
    file_ = std::move(merged_file);
    runs_ = std::move(merged_runs);
  }

  std::string directory_;
  std::size_t memory_;
  int key_bits_;
  std::size_t capacity_;
  PageVector<Record> buffer_;
  std::size_t position_ = 0;
  std::unique_ptr<TemporaryFile> file_;
  std::vector<Run> runs_;
  std::optional<RunMerger<Record>> merger_;
  std::uint64_t spilled_ = 0;
};

}  // namespace ngram
