#include "fasttext.hpp"

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "fasttext_sum.hpp"
#include "fasttext_text.hpp"

namespace kernels::fasttext {
namespace {

constexpr std::string_view kLabelPrefix = "__label__";

// Reads texts one after the other.
class TextReader {
 public:
  TextReader(const Model& model, WordCache& cache)
      : model_(model), cache_(cache), sum_(model.input), end_of_line_(look_up(kEndOfLineWord, hash_of(kEndOfLineWord))) {}

  Prediction predict(Text text, bool delete_newlines) {
    sum_.clear();
    hashes_.clear();
    add_words(text, delete_newlines);
    add_rows(kEndOfLineWord, end_of_line_);
    add_word_ngrams();
    const float* average = sum_.average();
    return average ? model_.output.best(average, scratch_) : Prediction{};
  }

 private:
  struct Entry {
    Token token;
    uint32_t hash;
    int64_t row;  // -1: none of its own
  };

  // A short word, until its place in the cache has come from memory.
  struct WaitingWord {
    WordKey key;
    size_t length;
    CachedWord* place;
  };
  static constexpr size_t kMostWaiting = 32;

  // A word with a key has its own row and one for every piece of its kLongest + 2 characters; behind them there must be
  // room for the n-grams of one more character.
  static constexpr size_t kCharacters = WordKey::kLongest + 2;
  static constexpr size_t kShortWordRows = 1 + kCharacters * (kCharacters + 1) / 2 + Ngrams::kLongest + 1;
  static_assert(kShortWordRows <= RowSum::kRoom);

  // Copies some more than `count`: what most words have at once, because no branch could predict how many there are.
  static void copy_rows(const uint32_t* rows, size_t count, uint32_t* out) {
    constexpr size_t kStep = 6;
    static_assert(CachedWord::kMostRows % kStep == 0);
    size_t copied = 0;
    do {
      std::memcpy(out + copied, rows + copied, kStep * sizeof *out);
      copied += kStep;
    } while (copied < count);
  }

  Entry look_up(std::string_view word, uint32_t hash) const {
    const int64_t found = model_.vocabulary.find(word, hash);
    const bool is_label = found == Vocabulary::kUnknown ? word.substr(0, kLabelPrefix.size()) == kLabelPrefix
                                                        : found >= model_.vocabulary.words();
    return {is_label ? Token::kLabel : Token::kWord, hash, is_label ? -1 : found};
  }

  void add_words(Text text, bool delete_newlines) {
    words_.start(text, delete_newlines);
    waiting_ = 0;
    for (Text word; words_.next(word);) {
      if (!add(word)) return;
    }
    add_waiting();
  }

  // Whether the text goes on behind the word.
  bool add(Text word) {
    const auto size = static_cast<size_t>(word.end - word.begin);
    if (size > WordKey::kLongest)
      return add_waiting() && add_new({reinterpret_cast<const char*>(word.begin), size}).token != Token::kEndOfLine;
    WaitingWord& waiting = queue_[waiting_++];
    waiting.key = WordKey(word.begin, size, word.readable);
    waiting.length = size;
    waiting.place = &cache_.place(waiting.key);
    __builtin_prefetch(waiting.place);
    return waiting_ < kMostWaiting || add_waiting();
  }

  bool add_waiting() {
    const size_t count = std::exchange(waiting_, 0);
    for (size_t i = 0; i < count; ++i) {
      if (add_short(queue_[i]) == Token::kEndOfLine) return false;
    }
    return true;
  }

  Token add_short(const WaitingWord& word) {
    if (word.place->key == word.key) return add_again(*word.place);
    const uint32_t* rows = sum_.room(kShortWordRows);
    const Entry entry = add_new(word.key.bytes(word.length));
    const auto count = static_cast<size_t>(sum_.end() - rows);
    if (count <= CachedWord::kMostRows) {
      word.place->key = word.key;
      word.place->hash = entry.hash;
      word.place->token = entry.token;
      word.place->row_count = static_cast<uint16_t>(count);
      copy_rows(rows, count, word.place->rows.data());
    }
    return entry.token;
  }

  Token add_again(const CachedWord& word) {
    uint32_t* out = sum_.room(CachedWord::kMostRows);
    copy_rows(word.rows.data(), word.row_count, out);
    sum_.append(out + word.row_count);
    keep_hash(word.token, word.hash);
    return word.token;
  }

  Entry add_new(std::string_view word) {
    const uint32_t hash = hash_of(word);
    if (word == kEndOfLineWord) return {Token::kEndOfLine, hash, -1};
    const Entry entry = look_up(word, hash);
    add_rows(word, entry);
    return entry;
  }

  void add_rows(std::string_view word, const Entry& entry) {
    keep_hash(entry.token, entry.hash);
    if (entry.row >= 0) {
      uint32_t* out = sum_.room(1);
      *out = static_cast<uint32_t>(entry.row);
      sum_.append(out + 1);
    }
    if (entry.token == Token::kWord && model_.ngrams.lengths().longest > 0 && word != kEndOfLineWord)
      add_character_ngrams(word);
  }

  void add_character_ngrams(std::string_view word) {
    bracketed_.clear();
    bracketed_.make_room(word.size() + 3);
    char* out = bracketed_.end();
    *out++ = '<';
    std::memcpy(out, word.data(), word.size());
    out += word.size();
    *out++ = '>';
    *out = 0;
    const std::string_view characters(bracketed_.begin(), word.size() + 2);
    for (size_t at = 0; at < characters.size();) {
      uint32_t* const begin = sum_.room(model_.ngrams.most_at_once());
      append_buckets(begin, model_.ngrams.append_characters(characters, at, begin, sum_.limit()));
    }
  }

  void add_word_ngrams() {
    for (size_t at = 0; at < hashes_.size();) {
      uint32_t* const begin = sum_.room(model_.ngrams.most_at_once());
      append_buckets(begin, model_.ngrams.append_words(hashes_, at, begin, sum_.limit()));
    }
  }

  void append_buckets(uint32_t* begin, uint32_t* end) {
    model_.ngrams.replace(begin, end);
    sum_.append(end);
  }

  void keep_hash(Token token, uint32_t hash) {
    if (model_.ngrams.lengths().words > 1 && token == Token::kWord) hashes_.push_back(static_cast<int32_t>(hash));
  }

  const Model& model_;
  WordCache& cache_;
  RowSum sum_;
  const Entry end_of_line_;
  WordReader words_;
  std::array<WaitingWord, kMostWaiting> queue_;
  size_t waiting_ = 0;
  Buffer<int32_t> hashes_;  // of the words, if the model has n-grams of words
  Buffer<char> bracketed_;  // "<word>" and a NUL
  Output::Scratch scratch_;
};

}  // namespace

void Classifier::predict(const Column& text, bool delete_newlines, int32_t* labels, float* probabilities) {
  std::unique_ptr<WordCache> cache = take_cache();
  TextReader reader(model_, *cache);
  for (size_t i = 0; i < text.size(); ++i) {
    const Prediction best = reader.predict(text[i], delete_newlines);
    labels[i] = best.label;
    probabilities[i] = best.probability;
  }
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(cache));
}

std::unique_ptr<WordCache> Classifier::take_cache() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<WordCache> cache = std::move(idle_.back());
      idle_.pop_back();
      return cache;
    }
  }
  return std::make_unique<WordCache>();
}

}  // namespace kernels::fasttext
