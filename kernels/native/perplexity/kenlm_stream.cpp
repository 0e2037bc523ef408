#include "kenlm_stream.hpp"

#include <algorithm>
#include <utility>

namespace kernels::kenlm {

void ScoreStream::begin_sentence() {
  const WordId word = model_.sentence_begin();
  add(&word, 1, true);
}

void ScoreStream::end_sentence() {
  const WordId word = model_.sentence_end();
  add(&word, 1);
}

void ScoreStream::add(const WordId* words, size_t count, bool begins) {
  Block& block = *block_;
  while (count > 0) {
    const size_t taken = std::min(count, Block::kWords - block.count);
    std::copy_n(words, taken, block.words + kHistory + block.count);
    std::fill_n(block.begins + block.count, taken, begins);
    words += taken;
    count -= taken;
    if ((block.count += taken) == Block::kWords) score_block();
  }
}

bool ScoreStream::add_words(std::string_view text) {
  const std::string_view read = text.substr(0, text.find('\0'));
  for (size_t begin = 0; (begin = read.find_first_not_of(kSpaces, begin)) != std::string_view::npos;) {
    const size_t end = std::min(read.find_first_of(kSpaces, begin), read.size());
    const WordId word = model_.word(read.substr(begin, end - begin));
    add(&word, 1);
    begin = end;
  }
  return read.size() == text.size();
}

Buffer<float> ScoreStream::finish() {
  score_block();
  if (in_sentence_) scores_.push_back(total_);
  in_sentence_ = false;
  return std::exchange(scores_, Buffer<float>());
}

void ScoreStream::score_block() {
  Block& block = *block_;
  score_words(model_, block);
  float total = total_;
  for (size_t item = 0; item < block.count; ++item) {
    if (block.begins[item]) {
      if (in_sentence_) scores_.push_back(total);
      in_sentence_ = true;
      total = 0;
    } else {
      total += block.scores[item];
    }
  }
  total_ = total;
  block.next();
}

}  // namespace kernels::kenlm
