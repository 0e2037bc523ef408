// Decoding of small gzip members (RFC 1951, RFC 1952) that lie whole in memory, one behind the other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "buffer.hpp"
#include "inflate_stream.hpp"

namespace kernels {

struct GzipMember {
  const uint8_t* begin = nullptr;
  // 0 where it is damaged, unusual (a header checksum, an incomplete code), too large, or within a few bytes of the end.
  size_t size = 0;
  Buffer<uint8_t> content;
};

// Decodes two members at a time. Where the one behind begins is a guess, a place that looks so, until the one before it
// has been decoded: a wrong guess costs time and nothing else.
class MemberReader {
 public:
  // Turns to the members that end in front of `end`. Those whose content is larger than `limit` count as damaged.
  void begin(const uint8_t* end, size_t limit);

  // The member at `p`, which is behind that of the last call; it is good until the next one.
  const GzipMember& member(const uint8_t* p);

 private:
  struct Decoding {
    GzipMember member;
    InflateStream stream;
    bool active = false;
  };

  // Members, and bytes of their content, decoded while one in front of them is.
  static constexpr size_t kMostAhead = 16, kMostAheadBytes = size_t{1} << 20;

  void forget();
  void advance(Decoding& wanted, Decoding& other);
  void start(Decoding& decoding, const uint8_t* p);
  void start_guess(Decoding& decoding);
  void finish(Decoding& decoding);
  void keep(Decoding& decoding);
  GzipMember& first_ahead() { return ahead_[ahead_begin_]; }
  void drop_ahead(size_t bytes);

  const uint8_t* end_ = nullptr;
  size_t limit_ = 0;
  const uint8_t* next_guess_ = nullptr;  // none lies in front of it
  std::array<Decoding, 2> decodings_;
  // What was decoded before its time, in the order of places; a ring.
  std::array<GzipMember, kMostAhead> ahead_;
  size_t ahead_begin_ = 0, ahead_count_ = 0, ahead_bytes_ = 0;
  GzipMember present_;
};

}  // namespace kernels
