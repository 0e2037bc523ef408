// Decoding of deflate streams (RFC 1951) that lie whole in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "buffer.hpp"
#include "inflate_bits.hpp"
#include "inflate_codes.hpp"

namespace kernels {

// What a block decodes with; kept from one to the next for the memory.
struct InflateTables {
  LiteralTable literal;
  DistanceTable distance;
  LengthsTable lengths;
  // By number, as many low bits. Here because one pointer to all tables is what a loop has registers for.
  std::array<uint64_t, kMostTaken + 1> low_bits = [] {
    std::array<uint64_t, kMostTaken + 1> masks;
    for (size_t bits = 0; bits < masks.size(); ++bits) masks[bits] = (uint64_t{1} << bits) - 1;
    return masks;
  }();

  // What the entry of a match stands for, with its extra bits, which lie behind the code in the bits before both were
  // taken: the length beyond kShortestMatch, the distance less one.
  size_t length(Entry entry, uint64_t before) const { return (entry >> 24) + extra(entry, before); }
  size_t reach(Entry entry, uint64_t before) const { return (entry >> 16) + extra(entry, before); }

 private:
  size_t extra(Entry entry, uint64_t before) const {
    return (before & low_bits[static_cast<uint8_t>(entry)]) >> (entry >> 8 & 63);
  }
};

// Bytes behind a stream that must be readable, or its end is taken for damage.
inline constexpr size_t kInflateReach = 32;

class InflateStream {
 public:
  // Turns to the stream at `p`, whose content is appended to `out`, which is empty. It counts as damaged where it comes
  // within kInflateReach bytes of `end`, has an incomplete code, or its content is larger than `limit`.
  void begin(const uint8_t* p, const uint8_t* end, size_t limit, Buffer<uint8_t>& out);

  // Goes on by the header of a block, or about as many symbols. Not after the end.
  void advance(size_t symbols);
  // Two streams, both within blocks, at the same time, which takes little longer than one: the processor waits for
  // neither. Returns at something out of the ordinary, of which there is little, or where a buffer is to grow; one of
  // the two needs to `advance` then, perhaps the other too. Whether it is the first is returned.
  static bool advance_both(InflateStream& first, InflateStream& second);

  bool in_block() const { return state_ == State::kInBlock; }
  bool going() const { return state_ == State::kInBlock || state_ == State::kBetween; }
  // Where the stream ends, as soon as it is not going any more; null where it is damaged.
  const uint8_t* end() const { return state_ == State::kEnded ? in_.position() : nullptr; }

 private:
  enum class State { kBetween, kInBlock, kEnded, kDamaged };
  struct Lane;

  State header();
  State stored();
  bool fixed();
  bool dynamic();
  bool lengths(size_t wanted, CodeLength* used, size_t& used_count);
  State symbols(size_t count);
  State behind_block() const { return last_ ? State::kEnded : State::kBetween; }
  size_t free_steps() const;
  void leave_lane(InflateBits in, Entry taken, const uint8_t* out);

  std::unique_ptr<InflateTables> tables_ = std::make_unique<InflateTables>();
  InflateBits in_;
  const uint8_t* safe_ = nullptr;  // up to where the input may be read in one step
  size_t limit_ = 0;
  Buffer<uint8_t>* out_ = nullptr;
  State state_ = State::kDamaged;
  bool last_ = false;  // whether the present block is
};

}  // namespace kernels
