// Shingles: runs of n consecutive words of a text in its normal form, one space between words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "buffer.hpp"
#include "normal_form.hpp"

namespace kernels {

// Lower case, accents stripped (NFD without category Mn), decimal digits to 0, characters of category Cf deleted.
// Categories P, S, Z and Cc become spaces, but for ASCII, which the words are cut at anyway.
const NormalForm& shingle_form();

class Shingler {
 public:
  // Throws std::invalid_argument for no words at all.
  explicit Shingler(size_t words);

  // Calls take(begin, end) for every shingle, in order; kSlack bytes behind `end` may be read. A text of fewer words
  // has one shingle, of all of them; one without words has none. Holds a piece of the text at a time.
  template <class Take>
  void each(Text text, Take take) {
    start();
    bool any = false;
    while (text.begin < text.end) {
      add_piece(text);
      for (size_t first = 0; first + words_ <= spans_.size(); ++first, any = true)
        take(joined_.data() + spans_[first].begin, joined_.data() + spans_[first + words_ - 1].end);
      forget_all_but(words_ - 1);
    }
    if (!any && !spans_.empty())
      take(joined_.data() + spans_[0].begin, joined_.data() + spans_.back().end);
  }

  static constexpr size_t kSlack = 64;

 private:
  struct Span {
    size_t begin, end;  // of a word in joined_
  };

  void start();
  void add_piece(Text& text);
  void add_words(const uint8_t* p, const uint8_t* end);
  void forget_all_but(size_t words);

  size_t words_;
  Buffer<uint8_t> normal_, joined_;
  std::vector<Span> spans_;
};

}  // namespace kernels
