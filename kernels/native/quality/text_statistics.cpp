#include "text_statistics.hpp"

#include <bit>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "bytes.hpp"
#include "characters.hpp"
#include "english_words.hpp"
#include "lines_of.hpp"
#include "repetition.hpp"

namespace kernels {
namespace {

using namespace characters;

constexpr std::string_view kEllipsis = "\xE2\x80\xA6", kBullet = "\xE2\x80\xA2";

bool equals(const uint8_t* begin, const uint8_t* end, std::string_view text) {
  return static_cast<size_t>(end - begin) == text.size() && std::memcmp(begin, text.data(), text.size()) == 0;
}

bool starts_with(const uint8_t* begin, const uint8_t* end, std::string_view text) {
  return static_cast<size_t>(end - begin) >= text.size() && std::memcmp(begin, text.data(), text.size()) == 0;
}

bool ends_with(const uint8_t* begin, const uint8_t* end, std::string_view text) {
  return static_cast<size_t>(end - begin) >= text.size() && equals(end - text.size(), end, text);
}

class Measurement {
 public:
  explicit Measurement(const StatisticsSettings& settings) : settings_(settings) {
    if (settings.stop_words.size() > 64) throw std::invalid_argument("more than 64 stop words");
  }

  Statistics of(Text text) {
    counts_ = {};
    count_words(text);
    count_signs(text);
    count_lines(text);
    count_text_lines(text);
    if (settings_.repetition) count_repetition(text);
    return counts_;
  }

 private:
  void count_words(Text text);
  void count_signs(Text text);
  void count_lines(Text text);
  void count_text_lines(Text text);
  void count_repetition(Text text);

  const StatisticsSettings& settings_;
  Statistics counts_;
  english::WordSplitter splitter_;
  RepeatedPieces pieces_;
  RepeatedGrams grams_;
};

void Measurement::count_words(Text text) {
  const Buffer<english::Word>& words = splitter_.split(text);
  uint64_t stop_words = 0;
  if (settings_.repetition) grams_.start();
  for (const english::Word& word : words) {
    uint32_t any = 0, all = ~0u;
    size_t characters = 0;
    for (const uint8_t* p = word.begin; p < word.end; ++characters) {
      const Character character = character_at(p, word.end);
      any |= character.classes;
      all &= character.classes;
      p = character.edge;
    }
    counts_.letter_words += (any & kLetter) != 0;
    if (!(all & kSymbol)) {
      ++counts_.nonsymbol_words;
      counts_.nonsymbol_characters += static_cast<int64_t>(characters);
    }
    for (size_t i = 0; i < settings_.stop_words.size(); ++i)
      if (equals(word.begin, word.end, settings_.stop_words[i])) stop_words |= uint64_t{1} << i;
    if (settings_.repetition) grams_.add(word.begin, word.end, characters);
  }
  counts_.words = static_cast<int64_t>(words.size());
  counts_.stop_words = std::popcount(stop_words);
}

void Measurement::count_signs(Text text) {
  counts_.characters = static_cast<int64_t>(utf8::count_characters(text.begin, text.end));
  counts_.newlines = static_cast<int64_t>(count_newlines(text.begin, text.end));
  counts_.hashes = static_cast<int64_t>(count_bytes(text.begin, text.end, [](auto bytes) { return bytes == '#'; }));
  for (const uint8_t* p = find_byte(text.begin, text.end, '.'); p < text.end; p = find_byte(p, text.end, '.')) {
    const uint8_t* dot = p;
    while (p < text.end && *p == '.') ++p;
    counts_.ellipses += (p - dot) / 3;
  }
  for (const uint8_t* p = find_byte(text.begin, text.end, 0xE2); p < text.end; p = find_byte(p + 1, text.end, 0xE2))
    counts_.ellipses += starts_with(p, text.end, kEllipsis);
}

// Lines as str.splitlines() finds them.
void Measurement::count_lines(Text text) {
  for_each_line(text, [&](const uint8_t* begin, const uint8_t* end) {
    ++counts_.lines;
    const uint8_t* first = skip_space(begin, end);
    counts_.bullet_lines += first < end && (*first == '-' || starts_with(first, end, kBullet));
    while (first < end) {
      const Character last = character_before(first, end);
      if (!(last.classes & kSpace)) break;
      end = last.edge;
    }
    counts_.ellipsis_lines += ends_with(first, end, "...") || ends_with(first, end, kEllipsis);
  });
}

// Lines between newlines that hold more than white space.
void Measurement::count_text_lines(Text text) {
  pieces_.start(static_cast<size_t>(counts_.newlines) + 1);
  for (const uint8_t* p = text.begin;; ++p) {
    const uint8_t* newline = find_byte(p, text.end, '\n');
    if (skip_space(p, newline) < newline) {
      pieces_.add(p, newline);
      counts_.terminal_lines += (character_before(p, newline).classes & kTerminal) != 0;
      counts_.short_lines += static_cast<int64_t>(utf8::count_characters(p, newline)) <= settings_.short_line;
    }
    if (newline == text.end) break;
    p = newline;
  }
  counts_.text_lines = pieces_.counted().pieces;
  counts_.repeated_text_line_characters = pieces_.counted().characters;
}

void Measurement::count_repetition(Text text) {
  const Text stripped = strip(text);
  const Duplicates paragraphs = pieces_.between_newlines(stripped.begin, stripped.end, 2);
  counts_.paragraphs = paragraphs.pieces;
  counts_.repeated_paragraphs = paragraphs.repeats;
  counts_.repeated_paragraph_characters = paragraphs.characters;
  const Duplicates blocks = pieces_.between_newlines(text.begin, text.end, 1);
  counts_.blocks = blocks.pieces;
  counts_.repeated_blocks = blocks.repeats;
  counts_.repeated_block_characters = blocks.characters;
  int64_t* const top[] = {&counts_.top_2gram, &counts_.top_3gram, &counts_.top_4gram};
  for (size_t i = 0; i < std::size(kTopGrams); ++i) *top[i] = grams_.top(kTopGrams[i]);
  int64_t* const repeated[] = {&counts_.repeated_5grams, &counts_.repeated_6grams, &counts_.repeated_7grams,
                               &counts_.repeated_8grams, &counts_.repeated_9grams, &counts_.repeated_10grams};
  for (size_t i = 0; i < std::size(kRepeatedGrams); ++i) *repeated[i] = grams_.repeated(kRepeatedGrams[i]);
}

}  // namespace

Buffer<Statistics> text_statistics(const Column& text, const StatisticsSettings& settings) {
  Buffer<Statistics> result(text.size());
  Measurement measurement(settings);
  for (size_t i = 0; i < text.size(); ++i) result[i] = measurement.of(text[i]);
  return result;
}

}  // namespace kernels
