#include "repetition.hpp"

#include <bit>
#include <limits>
#include <stdexcept>

#include "bytes.hpp"
#include "hash64.hpp"
#include "utf8.hpp"

namespace kernels {
namespace {

// Polynomials in kBase over the field of 2^61 - 1 elements: the hash of joined strings follows from theirs.
constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1, kBase = 0x1B03738712FAD5C9u % kPrime;
constexpr size_t kKnownPowers = 1024;

uint64_t multiply(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  const uint64_t sum = (static_cast<uint64_t>(product) & kPrime) + static_cast<uint64_t>(product >> 61);
  return sum >= kPrime ? sum - kPrime : sum;
}

struct Powers {
  uint64_t of[kKnownPowers];

  Powers() {
    of[0] = 1;
    for (size_t i = 1; i < kKnownPowers; ++i) of[i] = multiply(of[i - 1], kBase);
  }
};

uint64_t power(uint64_t exponent) {
  static const Powers known;
  if (exponent < kKnownPowers) return known.of[exponent];
  uint64_t result = known.of[exponent % kKnownPowers], square = multiply(known.of[kKnownPowers - 1], kBase);
  for (exponent /= kKnownPowers; exponent; exponent >>= 1, square = multiply(square, square))
    if (exponent & 1) result = multiply(result, square);
  return result;
}

}  // namespace

void RepeatedPieces::add(const uint8_t* begin, const uint8_t* end) {
  ++counted_.pieces;
  if (seen_.insert(hash64(begin, end))) return;
  ++counted_.repeats;
  counted_.characters += static_cast<int64_t>(utf8::count_characters(begin, end));
}

Duplicates RepeatedPieces::between_newlines(const uint8_t* begin, const uint8_t* end, size_t newlines) {
  start(count_newlines(begin, end) / newlines + 1);
  const uint8_t* p = begin;
  while (true) {
    const uint8_t* newline = find_byte(p, end, '\n');
    const uint8_t* after = newline;
    while (after < end && *after == '\n') ++after;
    if (newline < end && static_cast<size_t>(after - newline) < newlines) {
      p = after;
      continue;
    }
    add(begin, newline);
    if (newline == end) return counted_;
    begin = p = after;
  }
}

void RepeatedGrams::add(const uint8_t* begin, const uint8_t* end, size_t characters) {
  if (words_.size() > std::numeric_limits<uint32_t>::max() / 4) throw std::length_error("too many words in one text");
  const Prefix& last = words_.end()[-1];
  uint64_t joined = last.joined;
  for (const uint8_t* p = begin; p < end; ++p) {
    joined = multiply(joined, kBase) + *p + 1;
    if (joined >= kPrime) joined -= kPrime;
  }
  words_.push_back({joined, hash64(begin, end), last.bytes + static_cast<uint64_t>(end - begin),
                    last.characters + characters});
}

int64_t RepeatedGrams::top(size_t n) {
  if (count() < n) return 0;
  const size_t wanted = std::bit_ceil(2 * count());
  const size_t mask = wanted - 1;
  if (slots_.size() < wanted || ++round_ == 0) {
    slots_.assign(wanted, Slot{});
    round_ = 1;
  }
  uint32_t best_count = 0, best_first = 0;
  for (size_t i = 0; i + n <= count(); ++i) {
    uint64_t key = 0;
    for (size_t word = i; word < i + n; ++word) key = multiply_fold(key ^ words_[word + 1].hash, 0x9E3779B97F4A7C15u);
    size_t at = key & mask;
    while (slots_[at].round == round_ && slots_[at].key != key) at = (at + 1) & mask;
    Slot& slot = slots_[at];
    if (slot.round != round_) slot = {key, round_, 0, static_cast<uint32_t>(i)};
    ++slot.count;
    if (slot.count > best_count || (slot.count == best_count && slot.first < best_first)) {
      best_count = slot.count;
      best_first = slot.first;
    }
  }
  const uint64_t characters = words_[best_first + n].characters - words_[best_first].characters + n - 1;
  return static_cast<int64_t>(characters * best_count);
}

int64_t RepeatedGrams::repeated(size_t n) {
  if (count() < n) return 0;
  seen_.start(count());
  uint64_t characters = 0;
  for (size_t i = 0; i + n <= count();) {
    const Prefix &before = words_[i], &last = words_[i + n];
    const uint64_t shifted = multiply(before.joined, power(last.bytes - before.bytes));
    const uint64_t key = last.joined >= shifted ? last.joined - shifted : last.joined + kPrime - shifted;
    if (seen_.insert(key)) {
      ++i;
    } else {
      characters += last.characters - before.characters;
      i += n;
    }
  }
  return static_cast<int64_t>(characters);
}

}  // namespace kernels
