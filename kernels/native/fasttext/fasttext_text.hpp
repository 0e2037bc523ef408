// The words of a text, as fastText divides it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "buffer.hpp"
#include "bytes.hpp"
#include "column.hpp"

namespace kernels::fasttext {

class WordReader {
 public:
  void start(Text text, bool delete_newlines) {
    text_ = text;
    delete_newlines_ = delete_newlines;
  }

  // The next word; false at the end of the text. The word is readable until the next call.
  bool next(Text& word) {
    while (text_.begin < text_.end && is_separator(*text_.begin)) ++text_.begin;
    if (text_.begin == text_.end) return false;
    const uint8_t* end = find_separator(text_.begin, text_.end);
    word = {text_.begin, end, text_.readable};
    text_.begin = end;
    if (delete_newlines_ && end < text_.end && *end == '\n') word = join_lines(word);
    return true;
  }

 private:
  static bool is_separator(uint8_t byte) { return byte == ' ' || byte == 0 || (byte >= '\t' && byte <= '\r'); }

  static const uint8_t* find_separator(const uint8_t* p, const uint8_t* end) {
    while (static_cast<size_t>(end - p) >= kBlock) {
      const Block block = load_block(p);
      const size_t at = first_set((block == ' ') | (block == 0) | ((block >= '\t') & (block <= '\r')));
      p += at;
      if (at < kBlock) return p;
    }
    while (p < end && !is_separator(*p)) ++p;
    return p;
  }

  // A copy of `word`, which a newline ends, with what follows up to the next separator that is none.
  Text join_lines(Text word) {
    joined_.clear();
    while (true) {
      joined_.make_room(static_cast<size_t>(word.end - word.begin));
      joined_.set_end(append(joined_.end(), word.begin, word.end));
      text_.begin = word.end;
      if (word.end == text_.end || *word.end != '\n') return {joined_.begin(), joined_.end(), joined_.end()};
      word.begin = word.end + 1;
      word.end = find_separator(word.begin, text_.end);
    }
  }

  Text text_{};
  bool delete_newlines_ = false;
  Buffer<uint8_t> joined_;
};

}  // namespace kernels::fasttext
