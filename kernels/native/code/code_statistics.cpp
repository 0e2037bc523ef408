#include "code_statistics.hpp"

#include <algorithm>
#include <array>

#include "characters.hpp"
#include "lines_of.hpp"
#include "utf8.hpp"

namespace kernels::code {
namespace {

enum : uint8_t { kDigit = 1, kLetter = 2, kEncoded = 4, kWord = 8, kControl = 16 };

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (int c = 0; c < 32; ++c) classes[c] = (c >= 9 && c <= 13) || c == 27 ? 0 : kControl;
  classes[127] = kControl;
  for (int c = '0'; c <= '9'; ++c) classes[c] = kDigit | kEncoded | kWord;
  for (int c = 'a'; c <= 'z'; ++c) classes[c] = classes[c - 'a' + 'A'] = kLetter | kEncoded | kWord;
  for (const char c : {'+', '/', '='}) classes[static_cast<uint8_t>(c)] = kEncoded;
  classes['_'] = kEncoded | kWord;
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = make_classes();

bool is_hex(uint8_t byte) {
  return (kClasses[byte] & kDigit) || (static_cast<uint8_t>((byte | 0x20) - 'a') < 6);
}

// Letters and digits in the words of a run that are numbers or escapes, or in all where the run looks encoded.
int64_t count_data(const uint8_t* text, const uint8_t* run, const uint8_t* end, int64_t digits) {
  constexpr ptrdiff_t kLongRun = 64, kRunPerDigit = 16;
  if (digits == 0 && end - run < kLongRun && !(run > text && run[-1] == '\\')) return 0;
  const bool encoded = end - run >= kLongRun && digits * kRunPerDigit >= end - run;
  int64_t total = 0;
  for (const uint8_t* p = run; p < end;) {
    if (!(kClasses[*p] & kWord)) {
      ++p;
      continue;
    }
    const uint8_t* word = p;
    int64_t alphanumeric = 0;
    for (; p < end && (kClasses[*p] & kWord); ++p) alphanumeric += *p != '_';
    const bool escape =
        word > text && word[-1] == '\\' && (*word == 'x' || *word == 'u') && word + 1 < p && is_hex(word[1]);
    if (encoded || escape || (kClasses[*word] & kDigit)) total += alphanumeric;
  }
  return total;
}

class Counter {
 public:
  explicit Counter(Text text) : text_(text) {}

  Statistics count() {
    const uint8_t* p = text_.begin;
    while (p < text_.end) {
      if (const size_t boundary = line_boundary(p, text_.end)) {
        end_line();
        count_boundary(p, boundary);
        p += boundary;
        line_begin_ = counts_.characters;
      } else if (kClasses[*p] & kEncoded) {
        p = count_run(p);
      } else {
        p = count_character(p);
      }
    }
    if (counts_.characters > line_begin_) end_line();
    return counts_;
  }

 private:
  void end_line() {
    ++counts_.lines;
    counts_.longest_line = std::max(counts_.longest_line, counts_.characters - line_begin_);
  }

  // A carriage return and newline are two characters, the others one.
  void count_boundary(const uint8_t* p, size_t length) {
    counts_.characters += *p == '\r' ? static_cast<int64_t>(length) : 1;
    counts_.controls += (kClasses[*p] & kControl) != 0;
  }

  const uint8_t* count_run(const uint8_t* run) {
    int64_t digits = 0, letters = 0;
    const uint8_t* p = run;
    for (; p < text_.end && (kClasses[*p] & kEncoded); ++p) {
      digits += kClasses[*p] & kDigit;
      letters += (kClasses[*p] & kLetter) / kLetter;
    }
    counts_.characters += p - run;
    counts_.digits += digits;
    counts_.letters += letters;
    counts_.alphanumeric += digits + letters;
    counts_.data += count_data(text_.begin, run, p, digits);
    return p;
  }

  const uint8_t* count_character(const uint8_t* p) {
    ++counts_.characters;
    if (*p < 0x80) {
      counts_.controls += (kClasses[*p] & kControl) != 0;
      return p + 1;
    }
    const utf8::Decoded decoded = utf8::decode_multibyte(p, text_.end);
    const uint32_t classes = characters::classes(decoded.code);
    counts_.letters += (classes & word_tables::kLetter) != 0;
    counts_.alphanumeric += (classes & word_tables::kWord) != 0;  // of \w only "_" is not alphanumeric
    counts_.controls += decoded.code == utf8::kReplacement;
    return p + decoded.length;
  }

  Text text_;
  Statistics counts_;
  int64_t line_begin_ = 0;
};

}  // namespace

Buffer<Statistics> statistics(const Column& text) {
  Buffer<Statistics> rows(text.size());
  for (size_t i = 0; i < text.size(); ++i) rows[i] = Counter(text[i]).count();
  return rows;
}

}  // namespace kernels::code
