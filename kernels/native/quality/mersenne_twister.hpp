// Python's random.Random for a small seed: the same numbers from the same calls.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace kernels {

class PythonRandom {
 public:
  // As random.seed(seed) for 0 <= seed < 2^32.
  explicit PythonRandom(uint32_t seed) {
    // Python initialises by an array that holds the seed, which std::mt19937 cannot; this is the published procedure.
    constexpr uint32_t kSize = 624;
    uint32_t state[kSize] = {19650218};
    for (uint32_t i = 1; i < kSize; ++i) state[i] = 1812433253u * (state[i - 1] ^ state[i - 1] >> 30) + i;
    uint32_t at = 1;
    for (uint32_t round = 0; round < kSize; ++round) {
      state[at] = (state[at] ^ (state[at - 1] ^ state[at - 1] >> 30) * 1664525u) + seed;
      advance(state, at);
    }
    for (uint32_t round = 0; round < kSize - 1; ++round) {
      state[at] = (state[at] ^ (state[at - 1] ^ state[at - 1] >> 30) * 1566083941u) - at;
      advance(state, at);
    }
    state[0] = 0x80000000u;
    for (uint32_t i = 0; i < kSize; ++i) state_[i] = state[i];
  }

  uint32_t next() {
    if (position_ == 624) refill();
    uint32_t y = state_[position_++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9D2C5680u;
    y ^= y << 15 & 0xEFC60000u;
    return y ^ y >> 18;
  }

  // random.random()
  double uniform() {
    const uint32_t high = next() >> 5, low = next() >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }

  // random.gauss(0, 1)
  double gauss() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    const double angle = uniform() * 2.0 * std::numbers::pi;
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    spare_ = std::sin(angle) * radius;
    has_spare_ = true;
    return std::cos(angle) * radius;
  }

  // The index random.choice() takes of `count` items, 0 < count < 2^32.
  uint32_t below(uint32_t count) {
    const int bits = std::bit_width(count);
    uint32_t drawn = next() >> (32 - bits);
    while (drawn >= count) drawn = next() >> (32 - bits);
    return drawn;
  }

 private:
  static void advance(uint32_t* state, uint32_t& at) {
    if (++at < 624) return;
    state[0] = state[623];
    at = 1;
  }

  void refill() {
    for (uint32_t i = 0; i < 624; ++i) {
      const uint32_t y = (state_[i] & 0x80000000u) | (state_[(i + 1) % 624] & 0x7FFFFFFFu);
      state_[i] = state_[(i + 397) % 624] ^ y >> 1 ^ (y & 1 ? 0x9908B0DFu : 0);
    }
    position_ = 0;
  }

  uint32_t state_[624];
  uint32_t position_ = 624;
  double spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace kernels
