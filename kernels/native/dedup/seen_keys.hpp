// The keys of one document: a hash set that is emptied in constant time between documents.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kernels {

class SeenKeys {
 public:
  // Empties the set and makes room for `expected` keys.
  void start(size_t expected) {
    const size_t wanted = std::bit_ceil(2 * expected + 1);
    // A large document must not make the small ones after it walk over cold memory, so they use the front only.
    mask_ = wanted - 1;
    if (slots_.size() < wanted || ++round_ == 0) {
      slots_.assign(wanted, Slot{});
      round_ = 1;
    }
  }

  // False if the key was there.
  bool insert(uint64_t key) {
    size_t at = (key * 0x9E3779B97F4A7C15u >> 32) & mask_;
    for (; slots_[at].round == round_; at = (at + 1) & mask_)
      if (slots_[at].key == key) return false;
    slots_[at] = {key, round_};
    return true;
  }

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t round = 0;  // the slot is empty unless this is the round under way
  };
  std::vector<Slot> slots_;
  size_t mask_ = 0;
  uint32_t round_ = 0;
};

}  // namespace kernels
