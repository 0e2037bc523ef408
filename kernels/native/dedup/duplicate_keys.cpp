#include "duplicate_keys.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace kernels {
namespace {

// The next key of a shard.
struct Head {
  uint64_t key;
  uint32_t shard;
};

bool later(const Head& a, const Head& b) { return a.key > b.key; }

// Restores the heap after its root has changed.
void sift_down(std::vector<Head>& heap) {
  const size_t size = heap.size();
  const Head moving = heap[0];
  size_t hole = 0;
  for (size_t child = 1; child < size; child = 2 * hole + 1) {
    if (child + 1 < size) child += heap[child + 1].key < heap[child].key;
    if (moving.key <= heap[child].key) break;
    heap[hole] = heap[child];
    hole = child;
  }
  heap[hole] = moving;
}

}  // namespace

void mark_duplicates(const std::vector<ShardKeys>& shards) {
  std::vector<size_t> position(shards.size(), 0);
  std::vector<Head> heap;
  for (size_t i = 0; i < shards.size(); ++i)
    if (shards[i].size) heap.push_back({shards[i].keys[0], static_cast<uint32_t>(i)});
  std::make_heap(heap.begin(), heap.end(), later);

  std::vector<uint8_t*> marks;  // of the shards that have the key
  while (!heap.empty()) {
    const uint64_t key = heap[0].key;
    uint32_t first = heap[0].shard;
    bool repeated = false;
    uint8_t* first_mark = nullptr;
    marks.clear();
    while (!heap.empty() && heap[0].key == key) {
      const uint32_t index = heap[0].shard;
      const ShardKeys& shard = shards[index];
      size_t& at = position[index];
      repeated |= shard.marks[at] != kUnique;
      marks.push_back(shard.marks + at);
      if (index <= first) first = index, first_mark = shard.marks + at;
      if (++at < shard.size) {
        if (shard.keys[at] <= key)
          throw std::invalid_argument("keys of shard " + std::to_string(index) + " are not sorted and unique");
        heap[0].key = shard.keys[at];
      } else {
        heap[0] = heap.back();
        heap.pop_back();
      }
      if (!heap.empty()) sift_down(heap);
    }
    if (!repeated && marks.size() == 1) continue;
    for (uint8_t* mark : marks) *mark = kRepeated;
    *first_mark = kFirst;
  }
}

}  // namespace kernels
