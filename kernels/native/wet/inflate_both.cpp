#include <algorithm>

#include "inflate_stream.hpp"

namespace kernels {
namespace {

constexpr size_t kStepReads = 8, kStepWrites = 1 + kShortMatch;  // bytes one step goes on by, at most

// A step takes two codes and their extra bits; the next one begins with a look at what is left of 56.
static_assert(kLiteralBits + (kLiteralBits + 5) + (kDistanceBits + kMostExtra) + kLiteralBits <= 56);

// All bits if the entry is a literal.
uint64_t literal_mask(Entry entry) {
  return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int16_t>(entry)) >> 63);
}

}  // namespace

// Where a stream is, for registers.
struct InflateStream::Lane {
  InflateBits in;
  uint8_t* out;
  const uint8_t* begin;
  const InflateTables* tables;
  Entry taken = 0;  // by a step that is to be undone

  explicit Lane(const InflateStream& stream)
      : in(stream.in_), out(stream.out_->end()), begin(stream.out_->data()), tables(stream.tables_.get()) {
    in.fill();
  }

  // A literal, if that is next, then another one or a match: without a branch between them, since nobody can foretell
  // which it is. False at anything else, at a long match and at one that repeats itself.
  bool step() {
    Entry first = tables->literal[in.bits];
    in.fill();
    *out = literal_of(first);
    const uint64_t is_literal = literal_mask(first);
    first &= static_cast<Entry>(is_literal);
    uint8_t* const to = out - static_cast<int64_t>(is_literal);
    in.consume(first);

    const uint64_t bits = in.bits;
    const Entry second = tables->literal[bits];
    const uint64_t is_second = literal_mask(second);
    in.consume(second);
    const uint64_t behind = in.bits;
    const Entry third = tables->distance[behind] & ~static_cast<Entry>(is_second);
    in.consume(third);
    taken = first + second + third;
    if ((second | third) & kSpecial) return false;

    // Both less one, which is 0 for a literal: a match of one byte, if not from the content.
    const size_t reach = tables->reach(third, behind);
    const size_t length = tables->length(second, bits) + (kShortestMatch - 1) * (1 + is_second);
    const auto repeated = reinterpret_cast<uintptr_t>(to) - 1 - reach;
    if (repeated < reinterpret_cast<uintptr_t>(begin) || length > reach) return false;
    const auto literal = reinterpret_cast<uintptr_t>(tables->literal.literal(bits));
    copy_short_match(to, reinterpret_cast<const uint8_t*>(repeated ^ ((repeated ^ literal) & is_second)));
    out = to + length + 1;
    taken = 0;
    return true;
  }
};

size_t InflateStream::free_steps() const {
  const auto out = static_cast<size_t>(out_->room_end() - out_->end());
  if (in_.in > safe_ || out < 2 * kStepWrites) return 0;
  return std::min(static_cast<size_t>(safe_ - in_.in) / kStepReads, (out - 2 * kStepWrites) / kStepWrites);
}

// Takes what it needs of a lane by value: one whose address is known could change with every byte written.
[[gnu::noinline]] void InflateStream::leave_lane(InflateBits in, Entry taken, const uint8_t* out) {
  in_ = in;
  in_.put_back(taken & 63);
  out_->set_end(out);
}

KERNELS_BEST_SHIFTS bool InflateStream::advance_both(InflateStream& first, InflateStream& second) {
  const size_t first_steps = first.free_steps(), second_steps = second.free_steps();
  bool is_first = first_steps < second_steps;
  size_t steps = std::min(first_steps, second_steps);
  if (steps == 0) return is_first;
  Lane a(first), b(second);
  for (; steps > 0; --steps) {
    if (!a.step()) {
      is_first = true;
      break;
    }
    if (!b.step()) {
      is_first = false;
      break;
    }
  }
  first.leave_lane(a.in, a.taken, a.out);
  second.leave_lane(b.in, b.taken, b.out);
  return is_first;
}

}  // namespace kernels
