#include "perplexity.hpp"

#include <utility>

#include "bytes.hpp"
#include "unicode.hpp"
#include "utf8.hpp"

namespace kernels {
namespace {

// Parts between spaces, as str.split() makes them.
int64_t count_words(std::string_view text) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  int64_t words = 0;
  bool inside = false;
  for (const uint8_t* end = p + text.size(); p < end;) {
    const utf8::Decoded character = utf8::decode(p, end);
    const bool space = unicode::is_whitespace(character.code);
    words += !space && !inside;
    inside = !space;
    p += character.length;
  }
  return words;
}

}  // namespace

PieceScorer::PieceScorer(unigram::Encoder& encoder, const kenlm::Model& model) : encoder_(encoder), model_(model) {
  for (const unigram::Piece& piece : encoder.pieces()) {
    const bool regular = count_words(piece.text) == 1 && piece.text.find_first_of(kenlm::kSpaces) == std::string::npos;
    words_.push_back(regular ? model.word(piece.text) : kIrregular);
  }
}

// Returns the length.
int64_t PieceScorer::add_sentence(Text text, kenlm::ScoreStream& stream) {
  stream.begin_sentence();
  int64_t length = 1;
  bool reading = true;
  encoder_.start(text);
  while (encoder_.next(encoding_)) {
    const size_t count = encoding_.ids.size();
    sentence_.clear();
    sentence_.make_room(count);
    kenlm::WordId* words = sentence_.end();
    bool regular = reading;
    for (size_t i = 0; i < count; ++i) {
      const int32_t id = encoding_.ids[i];
      words[i] = id < 0 ? kIrregular : words_[static_cast<size_t>(id)];
      regular &= words[i] != kIrregular;
    }
    if (regular) {
      stream.add(words, count);
      length += static_cast<int64_t>(count);
      continue;
    }
    auto unknown = encoding_.unknown.begin();
    for (size_t i = 0; i < count; ++i) {
      if (words[i] == kIrregular) {
        const int32_t id = encoding_.ids[i];
        const std::string& piece = id < 0 ? *unknown++ : encoder_.pieces()[static_cast<size_t>(id)].text;
        length += count_words(piece);
        reading = reading && stream.add_words(piece);
      } else {
        ++length;
        if (reading) stream.add(words + i, 1);
      }
    }
  }
  stream.end_sentence();
  return length;
}

void PieceScorer::score(const Column& text, bool per_line, double* log10, int64_t* length) {
  kenlm::ScoreStream stream(model_);
  std::vector<size_t> sentences;  // by document
  for (size_t i = 0; i < text.size(); ++i) {
    const Text document = text[i];
    length[i] = 0;
    sentences.push_back(0);
    bool empty = true;
    for (const uint8_t* p = document.begin;; ++p) {
      const uint8_t* end = per_line ? find_byte(p, document.end, '\n') : document.end;
      length[i] += add_sentence({p, end, document.readable}, stream);
      ++sentences.back();
      empty &= p == end;
      p = end;
      if (end == document.end) break;
    }
    if (empty) length[i] = 0;
  }
  const Buffer<float> scores = stream.finish();
  const float* score = scores.begin();
  for (size_t i = 0; i < text.size(); ++i) {
    double total = 0;
    for (size_t left = sentences[i]; left > 0; --left) total += static_cast<double>(*score++);
    log10[i] = length[i] ? total : 0;
  }
}

}  // namespace kernels
