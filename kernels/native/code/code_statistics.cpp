#include "code_statistics.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "byte_classes.hpp"
#include "characters.hpp"
#include "utf8.hpp"

namespace kernels::code {
namespace {

constexpr size_t kBytes = ByteClasses::kBytes;
constexpr uint64_t kAll = ~uint64_t{0};
constexpr ptrdiff_t kLongRun = 64, kRunPerDigit = 16;

// std::popcount is a call where baseline instructions are all there is.
int64_t count_bits(uint64_t bits) {
  bits -= bits >> 1 & 0x5555555555555555;
  bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
  return static_cast<int64_t>(((bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0F) * 0x0101010101010101 >> 56);
}

bool is_digit(uint8_t byte) { return characters::is_ascii_digit(byte); }
bool is_alphanumeric(uint8_t byte) { return is_digit(byte) || characters::is_ascii_letter(byte); }
bool is_word(uint8_t byte) { return is_alphanumeric(byte) || byte == '_'; }
bool is_hex(uint8_t byte) { return is_digit(byte) || static_cast<uint8_t>((byte | 0x20) - 'a') < 6; }

// Goes through a text by blocks of 64 bytes, in which every class of bytes is a set of bits.
class Counter {
 public:
  explicit Counter(Text text) : text_(text) {}

  Statistics count() {
    const uint8_t* p = text_.begin;
    for (; static_cast<size_t>(text_.end - p) >= kBytes; p += kBytes) count_block(p, ByteClasses::of(p));
    if (p < text_.end) {
      uint8_t padded[kBytes];
      const auto rest = static_cast<size_t>(text_.end - p);
      std::memset(std::copy(p, text_.end, padded), ' ', kBytes - rest);
      count_block(p, ByteClasses::of(padded));
      counts_.characters -= static_cast<int64_t>(kBytes - rest);
    }
    if (run_) end_run(text_.end);
    if (counts_.characters > line_begin_) end_line(counts_.characters);
    return counts_;
  }

 private:
  void count_block(const uint8_t* p, ByteClasses found) {
    uint64_t starts = kAll;  // of characters
    if (found.beyond) starts = count_beyond(p, found);
    count_lines(p, found.boundary, starts);
    counts_.characters += starts == kAll ? static_cast<int64_t>(kBytes) : count_bits(starts);
    const uint64_t alphanumeric = found.digit | found.letter;
    const int64_t digits = count_bits(found.digit), both = count_bits(alphanumeric);
    counts_.digits += digits;
    counts_.letters += both - digits;
    counts_.alphanumeric += both;
    if (found.control) counts_.controls += count_bits(found.control);
    count_words(p, found, alphanumeric);
    find_runs(p, alphanumeric | found.underscore | found.other_encoded);
  }

  // Characters beyond ASCII that begin in a block, of which those that end a line join its boundaries. Returns where
  // characters begin.
  uint64_t count_beyond(const uint8_t* p, ByteClasses& found) {
    uint64_t starts = ~found.beyond;
    for (uint64_t left = found.beyond; left; left &= left - 1) {
      const int at = std::countr_zero(left);
      if (p + at < beyond_end_) continue;
      const utf8::Decoded decoded = utf8::decode_multibyte(p + at, text_.end);
      const uint32_t classes = characters::classes(decoded.code);
      beyond_end_ = p + at + decoded.length;
      starts |= uint64_t{1} << at;
      counts_.letters += (classes & word_tables::kLetter) != 0;
      counts_.alphanumeric += (classes & word_tables::kWord) != 0;  // of \w only "_" is not alphanumeric
      counts_.controls += decoded.code == utf8::kReplacement;
      if (decoded.code == 0x85 || decoded.code == 0x2028 || decoded.code == 0x2029) found.boundary |= uint64_t{1} << at;
    }
    return starts;
  }

  void count_lines(const uint8_t* p, uint64_t boundary, uint64_t starts) {
    for (; boundary; boundary &= boundary - 1) {
      const int at = std::countr_zero(boundary);
      const int64_t before = starts == kAll ? at : count_bits(starts & ((uint64_t{1} << at) - 1));
      const int64_t position = counts_.characters + before;
      const bool goes_on = p[at] == '\n' && p + at > text_.begin && p[at - 1] == '\r';
      if (!goes_on) end_line(position);
      line_begin_ = position + 1;
    }
  }

  void end_line(int64_t position) {
    ++counts_.lines;
    counts_.longest_line = std::max(counts_.longest_line, position - line_begin_);
  }

  // Letters and digits in the words that are numbers or escapes: a bit added to the first of a word is carried to
  // behind its last.
  void count_words(const uint8_t* p, const ByteClasses& found, uint64_t alphanumeric) {
    const uint64_t word = alphanumeric | found.underscore;
    const uint64_t first = word & ~(word << 1 | in_word_);
    uint64_t data = (first & found.digit) | (word & in_data_);
    if (found.backslash | after_backslash_)
      for (uint64_t left = first & (found.backslash << 1 | after_backslash_); left; left &= left - 1) {
        const int at = std::countr_zero(left);
        if (is_escape(p + at)) data |= uint64_t{1} << at;
      }
    const uint64_t behind = word + data;
    in_data_ = behind < word;
    in_word_ = word >> (kBytes - 1);
    after_backslash_ = found.backslash >> (kBytes - 1);
    if (data) counts_.data += count_bits(alphanumeric & ~behind);
  }

  // Whether a word behind a backslash is a character by its number.
  bool is_escape(const uint8_t* word) const {
    return (*word == 'x' || *word == 'u') && word + 1 < text_.end && is_hex(word[1]);
  }

  // Runs of what encoded data is written in, of which those are looked at that may be long.
  void find_runs(const uint8_t* p, uint64_t encoded) {
    const uint64_t others = ~encoded;
    if (run_ && others) end_run(p + std::countr_zero(others));
    if (!run_ && encoded >> (kBytes - 1)) run_ = p + kBytes - std::countl_zero(others);
  }

  // In a long run that looks encoded, all letters and digits are data, not in its numbers and escapes alone.
  void end_run(const uint8_t* end) {
    const uint8_t* const run = std::exchange(run_, nullptr);
    if (end - run < kLongRun || std::count_if(run, end, is_digit) * kRunPerDigit < end - run) return;
    for (const uint8_t* p = run; p < end;) {
      const uint8_t* const word = p;
      p = std::find_if_not(p, end, is_word);
      const bool counted = word < p && (is_digit(*word) || (word > text_.begin && word[-1] == '\\' && is_escape(word)));
      if (!counted) counts_.data += std::count_if(word, p, is_alphanumeric);
      p = std::find_if(p, end, is_word);
    }
  }

  Text text_;
  Statistics counts_;
  int64_t line_begin_ = 0;
  const uint8_t* beyond_end_ = nullptr;                        // of the last character beyond ASCII
  uint64_t in_word_ = 0, in_data_ = 0, after_backslash_ = 0;  // whether the last byte was, or such a word goes on
  const uint8_t* run_ = nullptr;                               // that goes on, where it begins
};

}  // namespace

Buffer<Statistics> statistics(const Column& text) {
  Buffer<Statistics> rows(text.size());
  for (size_t i = 0; i < text.size(); ++i) rows[i] = Counter(text[i]).count();
  return rows;
}

}  // namespace kernels::code
