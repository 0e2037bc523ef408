// Punkt's sentence boundaries (Kiss and Strunk 2006), decided as NLTK's PunktSentenceTokenizer decides them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace kernels::punkt {

// What training found; empty where there was none. All strings are lower case.
struct Parameters {
  std::unordered_set<std::string> abbreviations;
  std::unordered_set<std::string> collocations;  // two types, separated by a newline
  std::unordered_set<std::string> sentence_starters;
  std::unordered_map<std::string, uint32_t> orthography;  // contexts of a type, as NLTK's bits
  bool quotes = true;  // whether curly and angle quotation marks are punctuation, as from NLTK 3.10 on
};

class SentenceCounter {
 public:
  explicit SentenceCounter(const Parameters& parameters) : parameters_(parameters) {}

  // Sentences of [begin, end).
  size_t count(const uint8_t* begin, const uint8_t* end) { return split(begin, end).size(); }

  struct Sentence {
    const uint8_t* begin;
    const uint8_t* end;
  };

  // The sentences themselves, without the white space between them; valid until the next call.
  const std::vector<Sentence>& split(const uint8_t* begin, const uint8_t* end);

 private:
  struct Token {
    const uint8_t* begin;
    const uint8_t* end;
    bool sentence_break, abbreviation, ellipsis;

    bool ends_in_period() const { return end[-1] == '.'; }
  };
  enum class Starts : uint8_t { kNo, kYes, kUnknown };

  bool breaks(const uint8_t* begin, const uint8_t* end);
  void tokenize(const uint8_t* begin, const uint8_t* end);
  void annotate(Token& token);
  void annotate_again(Token& token, const Token& next);
  Starts starts_sentence(const Token& token, const std::string& type);
  uint32_t orthography(const std::string& type) const;
  const std::string& lowered(const uint8_t* begin, const uint8_t* end);
  std::string type_of(const Token& token, bool without_period);

  const Parameters& parameters_;
  std::vector<Token> tokens_;
  std::vector<Sentence> sentences_;
  std::string scratch_;
};

}  // namespace kernels::punkt
