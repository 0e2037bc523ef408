#include "inflate_stream.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "bytes.hpp"

// Shifts by a variable count take most of the time; newer processors have better ones. The sanitizers' runtimes are not
// ready yet when such a function is chosen.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define KERNELS_BEST_SHIFTS __attribute__((target_clones("bmi2", "default")))
#else
#define KERNELS_BEST_SHIFTS
#endif

namespace kernels {
namespace {

constexpr size_t kLookups = 3;  // literals decoded from one filling, each of which may write a byte
constexpr size_t kSlack = kLookups + kLongestMatch + 2 * kBlock;  // room for what one step of the decoder may write
constexpr size_t kLongestRepeat = 6;  // of a length that is not 0

// The next bits of the input. Lives in registers, where it is copied to around loops.
struct Bits {
  uint64_t bits = 0;
  // How many of them are valid: the low 6 bits; those above are whatever is left from the entries subtracted.
  uint32_t count = 0;
  const uint8_t* in;

  // Tops up to 56 bits or more; reads eight bytes.
  void fill() {
    uint64_t next;
    std::memcpy(&next, in, sizeof next);
    bits |= next << (count & 63);
    in += 7 - (count >> 3 & 7);
    count |= 56;
  }
  void consume(Entry entry) {
    bits >>= entry & 63;
    count -= entry;
  }
  uint32_t take(unsigned size) {
    const auto taken = static_cast<uint32_t>(bits & ((uint64_t{1} << size) - 1));
    consume(size);
    return taken;
  }
  // Where the byte begins that holds the first bit not taken, or the one after it if that bit is its first.
  const uint8_t* position() const { return in - (count >> 3 & 7); }
};

// What the extra bits add to, and these, which lie behind the code in the bits before both were taken.
size_t value_of(Entry entry, uint64_t before) {
  return (entry >> 16) + ((before & ((uint64_t{1} << (entry & 63)) - 1)) >> (entry >> 8 & 15));
}

size_t second_index(Entry entry, uint64_t bits) { return (entry >> 16) + (bits & ((1u << (entry >> 8 & 15)) - 1)); }

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

class Decoder {
 public:
  Decoder(InflateTables& tables, const uint8_t* in, const uint8_t* end, size_t limit, Buffer<uint8_t>& out)
      : tables_(tables), in_{.in = in}, safe_(end - kInflateReach), limit_(limit), out_(out) {}

  const uint8_t* stream() {
    bool last = false;
    while (!last) {
      if (in_.in > safe_) return nullptr;
      in_.fill();
      last = in_.take(1);
      const uint32_t kind = in_.take(2);
      if (!(kind == 0 ? stored() : kind == 1 ? fixed() && block() : kind == 2 && dynamic() && block())) return nullptr;
    }
    return in_.position();
  }

 private:
  bool stored() {
    in_ = {.in = in_.position()};
    if (in_.in > safe_) return false;
    uint32_t sizes;
    std::memcpy(&sizes, in_.in, sizeof sizes);
    in_.in += sizeof sizes;
    const size_t size = sizes & 0xFFFF;
    if (size != (~sizes >> 16) || in_.in > safe_ || static_cast<size_t>(safe_ - in_.in) < size) return false;
    if (out_.size() + size > limit_) return false;
    out_.make_room(size);
    out_.set_end(append(out_.end(), in_.in, in_.in + size));
    in_.in += size;
    return true;
  }

  bool fixed() {
    CodeLength literals[kLiterals], distances[kDistances];
    for (uint16_t symbol = 0; symbol < kLiterals; ++symbol)
      literals[symbol] = {symbol, static_cast<uint16_t>(symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)};
    for (uint16_t symbol = 0; symbol < kDistances; ++symbol) distances[symbol] = {symbol, 5};
    return tables_.literal.make(kLiteralMeanings, literals, kLiterals, false) &&
           tables_.distance.make(kDistanceMeanings, distances, kDistances, false);
  }

  bool dynamic() {
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
    if (!tables_.lengths.make(kLengthsMeanings, used, count, false)) return false;
    if (!lengths(literals + distances, used, count)) return false;
    size_t split = count;
    for (; split > 0 && used[split - 1].symbol >= literals; --split)
      used[split - 1].symbol = static_cast<uint16_t>(used[split - 1].symbol - literals);
    const auto ends_block = [](const CodeLength& length) { return length.symbol == kEndOfBlock; };
    return std::any_of(used, used + split, ends_block) &&
           tables_.literal.make(kLiteralMeanings, used, split, false) &&
           tables_.distance.make(kDistanceMeanings, used + split, count - split, true);
  }

  // Puts those of the `wanted` symbols that have a code in `used`.
  KERNELS_BEST_SHIFTS bool lengths(size_t wanted, CodeLength* used, size_t& used_count) {
    constexpr uint32_t kRepeat = 16, kZeros = 17;
    const Entry* const entries = tables_.lengths.entries();
    const uint64_t mask = tables_.lengths.mask();
    Bits in = in_;
    size_t count = 0;
    uint16_t symbol = 0, bits = 0;
    const auto add = [&] {
      used[count] = {symbol++, bits};
      count += bits != 0;
    };
    while (symbol < wanted) {
      if (in.in > safe_) return false;
      in.fill();
      const Entry entry = entries[in.bits & mask];
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

  // Literals and matches up to the end of the block.
  KERNELS_BEST_SHIFTS bool block() {
    const Entry* const literals = tables_.literal.entries();
    const Entry* const distances = tables_.distance.entries();
    const uint64_t literal_mask = tables_.literal.mask(), distance_mask = tables_.distance.mask();
    if (in_.in > safe_) return false;
    Bits in = in_;
    in.fill();
    Entry entry = literals[in.bits & literal_mask];
    while (true) {
      out_.make_room(2 * kSlack);
      uint8_t* out = out_.end();
      const uint8_t* const full = out_.room_end() - kSlack;
      while (out <= full) {
        if (in.in > safe_) return false;
        uint64_t before = in.bits;
        in.consume(entry);
        if (entry & kLiteral) {
          *out++ = static_cast<uint8_t>(entry >> 16);
          entry = literals[in.bits & literal_mask];
          before = in.bits;
          in.consume(entry);
          if (entry & kLiteral) {
            *out++ = static_cast<uint8_t>(entry >> 16);
            entry = literals[in.bits & literal_mask];
            before = in.bits;
            in.consume(entry);
            if (entry & kLiteral) {
              *out++ = static_cast<uint8_t>(entry >> 16);
              in.fill();
              entry = literals[in.bits & literal_mask];
              continue;
            }
          }
          in.fill();
        }
        if (entry & kSpecial) {
          if (entry & kSecond) {
            entry = literals[second_index(entry, in.bits)];
            before = in.bits;
            in.consume(entry);
          }
          if (entry & kLiteral) {
            *out++ = static_cast<uint8_t>(entry >> 16);
            in.fill();
            entry = literals[in.bits & literal_mask];
            continue;
          }
          if (entry & kSpecial) {
            in_ = in;
            out_.set_end(out);
            return (entry & kEnd) && out_.size() <= limit_;
          }
        }
        const size_t length = value_of(entry, before);
        entry = distances[in.bits & distance_mask];
        before = in.bits;
        in.consume(entry);
        if (entry & kSpecial) {
          if (!(entry & kSecond)) return false;
          entry = distances[second_index(entry, in.bits)];
          if (entry & kSpecial) return false;
          before = in.bits;
          in.consume(entry);
        }
        const size_t distance = value_of(entry, before);
        in.fill();
        entry = literals[in.bits & literal_mask];
        if (distance > static_cast<size_t>(out - out_.data())) return false;
        out = copy_match(out, distance, length);
      }
      out_.set_end(out);
      if (out_.size() > limit_) return false;
    }
  }

  InflateTables& tables_;
  Bits in_;
  const uint8_t* const safe_;  // up to where the input may be read in one step
  const size_t limit_;
  Buffer<uint8_t>& out_;
};

}  // namespace

const uint8_t* inflate(InflateTables& tables, const uint8_t* p, const uint8_t* end, size_t limit,
                       Buffer<uint8_t>& out) {
  return static_cast<size_t>(end - p) < kInflateReach ? nullptr : Decoder(tables, p, end, limit, out).stream();
}

}  // namespace kernels
