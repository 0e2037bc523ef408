#include "inflate.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "crc32.hpp"

// Shifts by a variable count take most of the time; newer processors have better ones. The sanitizers' runtimes are not
// ready yet when such a function is chosen.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define KERNELS_BEST_SHIFTS __attribute__((target_clones("bmi2", "default")))
#else
#define KERNELS_BEST_SHIFTS
#endif

namespace kernels {
namespace {

constexpr unsigned kLongestCode = 15, kLiteralBits = 10, kDistanceBits = 8, kLengthsBits = 7;
constexpr size_t kLiterals = 288, kDistances = 32, kEndOfBlock = 256;
constexpr size_t kLongestMatch = 258;
constexpr size_t kReach = 8;               // bytes read at a time, so that the input must go on for them
constexpr size_t kSlack = kLongestMatch + 32;  // room for what one step of the decoder may write

// What a code stands for: bits 0 to 4 are the bits it takes, bits 8 to 12 how many extra bits follow, bits 16 and up the
// literal, the length or distance to add the extra bits to, or the place of a second table.
using Entry = uint32_t;
constexpr Entry kLiteral = 1u << 5, kSpecial = 1u << 6;  // kSpecial: end of block, a second table, or no code at all
constexpr Entry kSecond = 1u << 7;
constexpr Entry kNoCode = 1u << 13, kInvalid = kSpecial | kNoCode;

constexpr Entry entry(uint32_t value, uint32_t extra_bits, Entry flags) { return value << 16 | extra_bits << 8 | flags; }
unsigned code_bits(Entry e) { return e & 31; }
unsigned extra_bits(Entry e) { return e >> 8 & 31; }
uint32_t value(Entry e) { return e >> 16; }

constexpr auto kLiteralEntries = [] {
  std::array<Entry, kLiterals> entries{};
  for (uint32_t symbol = 0; symbol < 256; ++symbol) entries[symbol] = entry(symbol, 0, kLiteral);
  entries[kEndOfBlock] = kSpecial;
  uint32_t length = 3;
  for (uint32_t symbol = 257; symbol < 285; ++symbol) {
    const uint32_t extra = symbol < 265 ? 0 : (symbol - 261) / 4;
    entries[symbol] = entry(length, extra, 0);
    length += 1u << extra;
  }
  entries[285] = entry(kLongestMatch, 0, 0);
  entries[286] = entries[287] = kInvalid;
  return entries;
}();

constexpr auto kDistanceEntries = [] {
  std::array<Entry, kDistances> entries{};
  uint32_t distance = 1;
  for (uint32_t symbol = 0; symbol < 30; ++symbol) {
    const uint32_t extra = symbol < 4 ? 0 : symbol / 2 - 1;
    entries[symbol] = entry(distance, extra, 0);
    distance += 1u << extra;
  }
  entries[30] = entries[31] = kInvalid;
  return entries;
}();

constexpr auto kLengthsEntries = [] {
  std::array<Entry, 19> entries{};
  for (uint32_t symbol = 0; symbol < entries.size(); ++symbol) entries[symbol] = entry(symbol, 0, 0);
  return entries;
}();

uint64_t load(const uint8_t* p) {
  uint64_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

// Fills a table of 2^kBits entries, behind which second tables for longer codes follow, from the code lengths of all
// symbols. False for what is no complete prefix code; a code of one symbol, in one bit, and an empty one are allowed if
// `may_be_short`.
template <unsigned kBits, size_t kRoom, size_t kSymbols>
bool make_table(std::array<Entry, kRoom>& table, const std::array<Entry, kSymbols>& entries, const uint8_t* lengths,
                size_t symbols, bool may_be_short) {
  std::array<uint16_t, kLongestCode + 1> counts{}, places{};
  for (size_t symbol = 0; symbol < symbols; ++symbol) ++counts[lengths[symbol]];
  uint32_t space = 0;
  for (unsigned length = 1; length <= kLongestCode; ++length) {
    space += static_cast<uint32_t>(counts[length]) << (kLongestCode - length);
    if (length < kLongestCode) places[length + 1] = static_cast<uint16_t>(places[length] + counts[length]);
  }
  std::array<uint16_t, kSymbols> sorted;
  const size_t used = symbols - counts[0];
  for (size_t symbol = 0; symbol < symbols; ++symbol)
    if (lengths[symbol]) sorted[places[lengths[symbol]]++] = static_cast<uint16_t>(symbol);
  if (space != 1u << kLongestCode) {
    if (!may_be_short || used > 1 || (used == 1 && counts[1] != 1)) return false;
    std::fill_n(table.begin(), size_t{1} << kBits, kInvalid);
    for (size_t at = 0; used && at < size_t{1} << kBits; at += 2) table[at] = entries[sorted[0]] | 1;
    return true;
  }
  // Codes are read from their first bit on, so they count up with their bits reversed.
  const auto advance = [](uint32_t code, unsigned length) {
    uint32_t bit = 1u << (length - 1);
    while (code & bit) bit >>= 1;
    return bit ? (code & (bit - 1)) | bit : 0;
  };
  uint32_t code = 0;
  size_t next = 0;
  unsigned length = 1;
  for (size_t filled = 2; length <= kBits; ++length, filled *= 2) {
    for (size_t left = counts[length]; left > 0; --left, code = advance(code, length))
      table[code] = entries[sorted[next++]] | length;
    if (next == used) {
      for (; filled < size_t{1} << kBits; filled *= 2) std::copy_n(table.data(), filled, table.data() + filled);
      return true;
    }
    if (length < kBits) std::copy_n(table.data(), filled, table.data() + filled);
  }
  constexpr uint32_t kMask = (1u << kBits) - 1;
  uint32_t prefix = ~uint32_t{0};
  size_t begin = 0, end = size_t{1} << kBits;
  unsigned second_bits = 0;
  for (; length <= kLongestCode; ++length) {
    for (size_t left = counts[length]; left > 0; --left, code = advance(code, length)) {
      if ((code & kMask) != prefix) {
        prefix = code & kMask;
        begin = end;
        second_bits = length - kBits;
        for (uint32_t room = static_cast<uint32_t>(left); room < 1u << second_bits;) {
          ++second_bits;
          room = room * 2 + counts[kBits + second_bits];
        }
        end = begin + (size_t{1} << second_bits);
        if (end > kRoom) return false;
        table[prefix] = entry(static_cast<uint32_t>(begin), second_bits, kSpecial | kSecond) | kBits;
      }
      const Entry made = entries[sorted[next++]] | (length - kBits);
      for (size_t at = begin + (code >> kBits); at < end; at += size_t{1} << (length - kBits)) table[at] = made;
    }
  }
  return true;
}

// The fewest bytes a member takes: header, an empty block, trailer.
constexpr size_t kHeaderBytes = 10, kTrailerBytes = 8;

// Bytes of a gzip header; 0 if it is none, or an unusual one.
size_t header_size(const uint8_t* p, const uint8_t* end) {
  constexpr uint8_t kExtra = 4, kName = 8, kComment = 16;
  const auto available = static_cast<size_t>(end - p);
  if (available < kHeaderBytes || p[0] != 0x1F || p[1] != 0x8B || p[2] != 8) return 0;
  const uint8_t flags = p[3];
  if (flags & ~(kExtra | kName | kComment)) return 0;
  size_t size = kHeaderBytes;
  if (flags & kExtra) {
    if (available < size + 2) return 0;
    size += 2 + (p[size] | size_t{p[size + 1]} << 8);
  }
  for (const uint8_t text : {kName, kComment}) {
    if (!(flags & text)) continue;
    if (size >= available) return 0;
    const void* zero = std::memchr(p + size, 0, available - size);
    if (!zero) return 0;
    size = static_cast<size_t>(static_cast<const uint8_t*>(zero) + 1 - p);
  }
  return size < available ? size : 0;
}

}  // namespace

// Second tables: at most as many entries as the codes longer than the first table's bits need.
struct Inflater::Tables {
  std::array<Entry, (1 << kLiteralBits) + 2048> literal;
  std::array<Entry, (1 << kDistanceBits) + 1024> distance;
  std::array<Entry, 1 << kLengthsBits> lengths;
};

Inflater::Inflater() : tables_(std::make_unique<Tables>()) {}
Inflater::~Inflater() = default;

class Inflater::Decoder {
 public:
  Decoder(Tables& tables, const uint8_t* in, const uint8_t* end, size_t limit, Buffer<uint8_t>& out)
      : tables_(tables), in_(in), last_(end - kReach), limit_(limit), out_(out) {}

  // All blocks. Returns where the deflate stream ends, null if it is damaged.
  const uint8_t* stream() {
    bool last = false;
    while (!last) {
      if (!refill()) return nullptr;
      last = take(1);
      const uint32_t kind = take(2);
      if (!(kind == 0 ? stored() : kind == 1 ? fixed() && block() : kind == 2 && dynamic() && block())) return nullptr;
    }
    return in_ - bit_count_ / 8;
  }

 private:
  // Tops up to 56 bits or more. False near the end of the input.
  bool refill() {
    if (in_ > last_) return false;
    bits_ |= load(in_) << bit_count_;
    in_ += (63 - bit_count_) / 8;
    bit_count_ |= 56;
    return true;
  }
  uint32_t take(unsigned count) {
    const auto taken = static_cast<uint32_t>(bits_ & ((uint64_t{1} << count) - 1));
    bits_ >>= count;
    bit_count_ -= count;
    return taken;
  }

  bool stored() {
    in_ -= bit_count_ / 8;
    bits_ = bit_count_ = 0;
    if (in_ > last_) return false;
    const auto sizes = static_cast<uint32_t>(load(in_));
    const size_t size = sizes & 0xFFFF;
    if (size != (~sizes >> 16) || static_cast<size_t>(last_ - in_) < 4 + size || out_.size() + size > limit_) return false;
    out_.make_room(size);
    std::memcpy(out_.end(), in_ + 4, size);
    out_.set_end(out_.end() + size);
    in_ += 4 + size;
    return true;
  }

  bool fixed() {
    std::array<uint8_t, kLiterals> lengths;
    for (size_t symbol = 0; symbol < kLiterals; ++symbol)
      lengths[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
    std::array<uint8_t, kDistances> distance_lengths;
    distance_lengths.fill(5);
    return make_table<kLiteralBits>(tables_.literal, kLiteralEntries, lengths.data(), kLiterals, false) &&
           make_table<kDistanceBits>(tables_.distance, kDistanceEntries, distance_lengths.data(), kDistances, false);
  }

  bool dynamic() {
    constexpr uint8_t kOrder[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    const size_t literals = 257 + take(5), distances = 1 + take(5), given = 4 + take(4);
    if (literals > 286 || distances > 30) return false;
    uint8_t lengths_lengths[19] = {};
    for (size_t i = 0; i < given; ++i) {
      if (i == 12 && !refill()) return false;
      lengths_lengths[kOrder[i]] = static_cast<uint8_t>(take(3));
    }
    if (!make_table<kLengthsBits>(tables_.lengths, kLengthsEntries, lengths_lengths, 19, false)) return false;
    std::array<uint8_t, kLiterals + kDistances + 138> lengths;
    const size_t wanted = literals + distances;
    for (size_t at = 0; at < wanted;) {
      if (!refill()) return false;
      for (int step = 0; step < 4 && at < wanted; ++step) {  // 14 bits each
        const Entry e = tables_.lengths[bits_ & ((1u << kLengthsBits) - 1)];
        take(code_bits(e));
        const uint32_t symbol = value(e);
        if (symbol < 16) {
          lengths[at++] = static_cast<uint8_t>(symbol);
          continue;
        }
        if (symbol == 16 && at == 0) return false;
        const uint8_t repeated = symbol == 16 ? lengths[at - 1] : 0;
        const size_t count = symbol == 16 ? 3 + take(2) : symbol == 17 ? 3 + take(3) : 11 + take(7);
        std::memset(&lengths[at], repeated, count);
        at += count;
      }
      if (at > wanted) return false;
    }
    if (lengths[kEndOfBlock] == 0) return false;
    return make_table<kLiteralBits>(tables_.literal, kLiteralEntries, lengths.data(), literals, false) &&
           make_table<kDistanceBits>(tables_.distance, kDistanceEntries, lengths.data() + literals, distances, true);
  }

  // Literals and matches up to the end of the block.
  KERNELS_BEST_SHIFTS bool block() {
    constexpr uint64_t kLiteralMask = (1u << kLiteralBits) - 1, kDistanceMask = (1u << kDistanceBits) - 1;
    while (true) {
      out_.make_room(2 * kSlack);
      uint8_t* out = out_.end();
      const uint8_t* const full = out_.room_end() - kSlack;
      uint64_t bits = bits_;
      unsigned bit_count = bit_count_;
      const uint8_t* in = in_;
      const auto consume = [&](unsigned count) {
        bits >>= count;
        bit_count -= count;
      };
      const auto fill = [&] {
        bits |= load(in) << bit_count;
        in += (63 - bit_count) / 8;
        bit_count |= 56;
      };
      const auto save = [&] {
        bits_ = bits;
        bit_count_ = bit_count;
        in_ = in;
        out_.set_end(out);
      };
      while (out <= full) {
        if (last_ - in < static_cast<ptrdiff_t>(2 * kReach)) return false;
        fill();
        Entry e = tables_.literal[bits & kLiteralMask];
        if (e & kLiteral) {  // four of them take 40 bits at most
          for (int more = 0; more < 3 && (e & kLiteral); ++more) {
            *out++ = static_cast<uint8_t>(value(e));
            consume(code_bits(e));
            e = tables_.literal[bits & kLiteralMask];
          }
          if (e & kLiteral) {
            *out++ = static_cast<uint8_t>(value(e));
            consume(code_bits(e));
            continue;
          }
          fill();
        }
        if (e & kSpecial) {
          if (e & kSecond) {
            consume(kLiteralBits);
            e = tables_.literal[value(e) + (bits & ((1u << extra_bits(e)) - 1))];
          }
          if (e & kLiteral) {
            *out++ = static_cast<uint8_t>(value(e));
            consume(code_bits(e));
            continue;
          }
          if (e & kSpecial) {
            consume(code_bits(e));
            save();
            return !(e & kNoCode) && out_.size() <= limit_;
          }
        }
        consume(code_bits(e));
        const size_t length = value(e) + (bits & ((1u << extra_bits(e)) - 1));
        consume(extra_bits(e));
        Entry d = tables_.distance[bits & kDistanceMask];
        if (d & kSecond) {
          consume(kDistanceBits);
          d = tables_.distance[value(d) + (bits & ((1u << extra_bits(d)) - 1))];
        }
        if (d & kSpecial) return false;
        consume(code_bits(d));
        const size_t distance = value(d) + (bits & ((uint64_t{1} << extra_bits(d)) - 1));
        consume(extra_bits(d));
        if (distance > static_cast<size_t>(out - out_.data())) return false;
        copy_match(out, distance, length);
        out += length;
      }
      save();
      if (out_.size() > limit_) return false;
    }
  }

  // May write up to 16 bytes more.
  static void copy_match(uint8_t* out, size_t distance, size_t length) {
    const uint8_t* from = out - distance;
    uint8_t* const end = out + length;
    if (distance >= 16) {
      do {
        std::memcpy(out, from, 16);
        out += 16;
        from += 16;
      } while (out < end);
    } else if (distance >= 8) {
      do {
        std::memcpy(out, from, 8);
        out += 8;
        from += 8;
      } while (out < end);
    } else {
      while (out < end) *out++ = *from++;
    }
  }

  Tables& tables_;
  const uint8_t* in_;
  const uint8_t* const last_;  // from which eight bytes may be read
  const size_t limit_;
  Buffer<uint8_t>& out_;
  uint64_t bits_ = 0;
  unsigned bit_count_ = 0;
};

size_t Inflater::member(const uint8_t* p, const uint8_t* end, size_t limit, Buffer<uint8_t>& out) {
  out.clear();
  const size_t header = header_size(p, end);
  if (!header || static_cast<size_t>(end - p) < header + kReach) return 0;
  const uint8_t* trailer = Decoder(*tables_, p + header, end, limit, out).stream();
  if (!trailer || static_cast<size_t>(end - trailer) < kTrailerBytes) return 0;
  const uint64_t checks = load(trailer);
  if (static_cast<uint32_t>(checks >> 32) != static_cast<uint32_t>(out.size())) return 0;
  if (static_cast<uint32_t>(checks) != crc32(out.data(), out.size())) return 0;
  return static_cast<size_t>(trailer + kTrailerBytes - p);
}

}  // namespace kernels
