#include "inflate_stream.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "bytes.hpp"

namespace kernels {
namespace {

constexpr size_t kLookups = 3;  // literals decoded from one filling, each of which may write a byte
constexpr size_t kSlack = kLookups + kLongestMatch + 2 * kBlock;  // room for what one step of the decoder may write
constexpr size_t kLongestRepeat = 6;  // of a length that is not 0

// May write up to 31 bytes more.
uint8_t* copy_match(uint8_t* out, size_t distance, size_t length) {
  const uint8_t* from = out - distance;
  uint8_t* const end = out + length;
  // What repeats in less than a block is copied until it takes one.
  for (; distance < kBlock; distance *= 2) {
    store_block(out, load_block(from));
    if (static_cast<size_t>(end - out) <= distance) return end;
    out += distance;
  }
  store_block(out, load_block(from));
  store_block(out + kBlock, load_block(from + kBlock));
  while (static_cast<size_t>(end - out) > 2 * kBlock) {
    out += 2 * kBlock;
    from += 2 * kBlock;
    store_block(out, load_block(from));
    store_block(out + kBlock, load_block(from + kBlock));
  }
  return end;
}

}  // namespace

void InflateStream::begin(const uint8_t* p, const uint8_t* end, size_t limit, Buffer<uint8_t>& out) {
  in_ = {.in = p};
  safe_ = end - std::min(kInflateReach, static_cast<size_t>(end - p));
  limit_ = limit;
  out_ = &out;
  state_ = static_cast<size_t>(end - p) < kInflateReach ? State::kDamaged : State::kBetween;
}

void InflateStream::advance(size_t count) { state_ = state_ == State::kInBlock ? symbols(count) : header(); }

InflateStream::State InflateStream::header() {
  if (in_.in > safe_) return State::kDamaged;
  in_.fill();
  last_ = in_.take(1);
  const uint32_t kind = in_.take(2);
  if (kind == 0) return stored();
  return (kind == 1 && fixed()) || (kind == 2 && dynamic()) ? State::kInBlock : State::kDamaged;
}

InflateStream::State InflateStream::stored() {
  in_ = {.in = in_.position()};
  if (in_.in > safe_) return State::kDamaged;
  uint32_t sizes;
  std::memcpy(&sizes, in_.in, sizeof sizes);
  in_.in += sizeof sizes;
  const size_t size = sizes & 0xFFFF;
  if (size != (~sizes >> 16) || in_.in > safe_ || static_cast<size_t>(safe_ - in_.in) < size) return State::kDamaged;
  if (out_->size() + size > limit_) return State::kDamaged;
  out_->make_room(size);
  out_->set_end(append(out_->end(), in_.in, in_.in + size));
  in_.in += size;
  return behind_block();
}

bool InflateStream::fixed() {
  CodeLength literals[kLiterals], distances[kDistances];
  for (uint16_t symbol = 0; symbol < kLiterals; ++symbol)
    literals[symbol] = {symbol, static_cast<uint16_t>(symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)};
  for (uint16_t symbol = 0; symbol < kDistances; ++symbol) distances[symbol] = {symbol, 5};
  return tables_->literal.make(kLiteralMeanings, literals, kLiterals, false) &&
         tables_->distance.make(kDistanceMeanings, distances, kDistances, false);
}

bool InflateStream::dynamic() {
  constexpr uint8_t kOrder[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  const size_t literals = 257 + in_.take(5), distances = 1 + in_.take(5), given = 4 + in_.take(4);
  if (literals > 286 || distances > 30) return false;
  uint8_t by_symbol[19] = {};
  for (size_t i = 0; i < given; ++i) {
    if (i % 16 == 12) in_.fill();
    by_symbol[kOrder[i]] = static_cast<uint8_t>(in_.take(3));
  }
  CodeLength used[kLiterals + kDistances + kLongestRepeat];
  size_t count = 0;
  for (uint16_t symbol = 0; symbol < std::size(by_symbol); ++symbol)
    if (by_symbol[symbol]) used[count++] = {symbol, by_symbol[symbol]};
  if (!tables_->lengths.make(kLengthsMeanings, used, count, false)) return false;
  if (!lengths(literals + distances, used, count)) return false;
  size_t split = count;
  for (; split > 0 && used[split - 1].symbol >= literals; --split)
    used[split - 1].symbol = static_cast<uint16_t>(used[split - 1].symbol - literals);
  const auto ends_block = [](const CodeLength& length) { return length.symbol == kEndOfBlock; };
  return std::any_of(used, used + split, ends_block) &&
         tables_->literal.make(kLiteralMeanings, used, split, false) &&
         tables_->distance.make(kDistanceMeanings, used + split, count - split, true);
}

// Puts those of the `wanted` symbols that have a code in `used`.
KERNELS_BEST_SHIFTS bool InflateStream::lengths(size_t wanted, CodeLength* used, size_t& used_count) {
  constexpr uint32_t kRepeat = 16, kZeros = 17;
  InflateBits in = in_;
  size_t count = 0;
  uint16_t symbol = 0, bits = 0;
  const auto add = [&] {
    used[count] = {symbol++, bits};
    count += bits != 0;
  };
  while (symbol < wanted) {
    if (in.in > safe_) return false;
    in.fill();
    const Entry entry = tables_->lengths[in.bits];
    in.consume(entry);
    const uint32_t kind = entry >> 16;
    if (kind < kRepeat) {
      bits = static_cast<uint16_t>(kind);
      add();
    } else if (kind == kRepeat) {
      if (symbol == 0) return false;
      for (uint32_t left = 3 + in.take(2); left > 0; --left) add();
    } else {
      bits = 0;
      symbol = static_cast<uint16_t>(symbol + (kind == kZeros ? 3 + in.take(3) : 11 + in.take(7)));
    }
  }
  in_ = in;
  used_count = count;
  return symbol == wanted;
}

// Literals and matches.
KERNELS_BEST_SHIFTS InflateStream::State InflateStream::symbols(size_t count) {
  const LiteralTable& literals = tables_->literal;
  const DistanceTable& distances = tables_->distance;
  if (in_.in > safe_) return State::kDamaged;
  InflateBits in = in_;
  in.fill();
  Entry entry = literals[in.bits];
  out_->make_room(2 * kSlack);
  uint8_t* out = out_->end();
  const uint8_t* const full = out_->room_end() - kSlack;
  for (; count > 0 && out <= full; --count) {
    if (in.in > safe_) return State::kDamaged;
    uint64_t before = in.bits;
    in.consume(entry);
    if (entry & kLiteral) {
      *out++ = literal_of(entry);
      entry = literals[in.bits];
      before = in.bits;
      in.consume(entry);
      if (entry & kLiteral) {
        *out++ = literal_of(entry);
        entry = literals[in.bits];
        before = in.bits;
        in.consume(entry);
        if (entry & kLiteral) {
          *out++ = literal_of(entry);
          in.fill();
          entry = literals[in.bits];
          continue;
        }
      }
      in.fill();
    }
    if (entry & kSpecial) {
      if (entry & kSecond) {
        entry = literals.second(entry, in.bits);
        before = in.bits;
        in.consume(entry);
      }
      if (entry & kLiteral) {
        *out++ = literal_of(entry);
        in.fill();
        entry = literals[in.bits];
        continue;
      }
      if ((entry & (kSpecial | kLong)) == kSpecial) {
        in_ = in;
        out_->set_end(out);
        return (entry & kEnd) && out_->size() <= limit_ ? behind_block() : State::kDamaged;
      }
    }
    const size_t length = tables_->length(entry, before) + kShortestMatch;
    entry = distances[in.bits];
    before = in.bits;
    in.consume(entry);
    if (entry & kSpecial) {
      if (!(entry & kSecond)) return State::kDamaged;
      entry = distances.second(entry, in.bits);
      if (entry & kSpecial) return State::kDamaged;
      before = in.bits;
      in.consume(entry);
    }
    const size_t distance = tables_->reach(entry, before) + 1;
    in.fill();
    entry = literals[in.bits];
    if (distance > static_cast<size_t>(out - out_->data())) return State::kDamaged;
    out = copy_match(out, distance, length);
  }
  in_ = in;
  out_->set_end(out);
  return out_->size() <= limit_ ? State::kInBlock : State::kDamaged;
}

}  // namespace kernels
