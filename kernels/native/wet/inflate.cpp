#include "inflate.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "bytes.hpp"
#include "crc32.hpp"

namespace kernels {
namespace {

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

// The first place from `p` on where a member may begin; `end` if there is none.
const uint8_t* find_member(const uint8_t* p, const uint8_t* end) {
  while (p < end) {
    p = find_byte(p, end, 0x1F);
    if (end - p < 3) break;
    if (p[1] == 0x8B && p[2] == 8) return p;
    ++p;
  }
  return end;
}

}  // namespace

void MemberReader::begin(const uint8_t* end, size_t limit) {
  end_ = end;
  limit_ = limit;
  forget();
}

void MemberReader::forget() {
  for (Decoding& decoding : decodings_) decoding.active = false;
  ahead_count_ = ahead_bytes_ = 0;
}

const GzipMember& MemberReader::member(const uint8_t* p) {
  while (ahead_count_ > 0 && first_ahead().begin < p) drop_ahead(first_ahead().content.size());
  if (ahead_count_ > 0 && first_ahead().begin == p) {
    std::swap(present_, first_ahead());
    drop_ahead(present_.content.size());
    return present_;
  }
  const auto is_wanted = [p](const Decoding& decoding) { return decoding.active && decoding.member.begin == p; };
  if (std::none_of(decodings_.begin(), decodings_.end(), is_wanted)) {
    forget();
    start(decodings_[0], p);
  }
  const bool is_second = is_wanted(decodings_[1]);
  Decoding &wanted = decodings_[is_second], &other = decodings_[!is_second];
  if (other.active && other.member.begin < p) other.active = false;
  while (wanted.stream.going()) {
    if (!other.active) start_guess(other);
    advance(wanted, other);
  }
  finish(wanted);
  std::swap(present_, wanted.member);
  return present_;
}

void MemberReader::advance(Decoding& wanted, Decoding& other) {
  if (!other.active)
    wanted.stream.advance(SIZE_MAX);
  else if (!other.stream.going())
    keep(other);
  else if (!wanted.stream.in_block())
    wanted.stream.advance(1);
  else if (!other.stream.in_block())
    other.stream.advance(1);
  else
    (InflateStream::advance_both(wanted.stream, other.stream) ? wanted : other).stream.advance(1);
}

void MemberReader::start(Decoding& decoding, const uint8_t* p) {
  Buffer<uint8_t>& content = decoding.member.content;
  if (static_cast<size_t>(content.room_end() - content.data()) > kMostAheadBytes) content = Buffer<uint8_t>();
  content.clear();
  decoding.active = true;
  decoding.member.begin = p;
  decoding.member.size = 0;
  const size_t header = header_size(p, end_);
  decoding.stream.begin(header ? p + header : end_, end_, limit_, content);
  next_guess_ = p + 1;
}

void MemberReader::start_guess(Decoding& decoding) {
  if (ahead_count_ == ahead_.size() || ahead_bytes_ > kMostAheadBytes) return;
  next_guess_ = find_member(next_guess_, end_);
  if (next_guess_ < end_) start(decoding, next_guess_);
}

void MemberReader::finish(Decoding& decoding) {
  decoding.active = false;
  GzipMember& member = decoding.member;
  const uint8_t* const trailer = decoding.stream.end();
  if (!trailer || static_cast<size_t>(end_ - trailer) < kTrailerBytes) return;
  uint32_t checks[2];
  std::memcpy(checks, trailer, sizeof checks);
  const Buffer<uint8_t>& content = member.content;
  if (checks[1] == static_cast<uint32_t>(content.size()) && checks[0] == crc32(content.data(), content.size()))
    member.size = static_cast<size_t>(trailer + kTrailerBytes - member.begin);
}

void MemberReader::keep(Decoding& decoding) {
  finish(decoding);
  std::swap(decoding.member, ahead_[(ahead_begin_ + ahead_count_) % ahead_.size()]);
  ahead_bytes_ += ahead_[(ahead_begin_ + ahead_count_) % ahead_.size()].content.size();
  ++ahead_count_;
}

void MemberReader::drop_ahead(size_t bytes) {
  ahead_bytes_ -= bytes;
  ahead_begin_ = (ahead_begin_ + 1) % ahead_.size();
  --ahead_count_;
}

}  // namespace kernels
