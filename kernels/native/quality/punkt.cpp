#include "punkt.hpp"

#include <algorithm>
#include <cstring>

#include "bytes.hpp"
#include "characters.hpp"
#include "punkt_tokens.hpp"
#include "unicode.hpp"

namespace kernels::punkt {
namespace {

using namespace characters;

// NLTK's bits of orthographic contexts: initial, internal or unknown position, in upper or in lower case.
constexpr uint32_t kInitialUpper = 2, kInternalUpper = 4, kUnknownUpper = 8;
constexpr uint32_t kInitialLower = 16, kInternalLower = 32, kUnknownLower = 64;
constexpr uint32_t kAnyUpper = kInitialUpper | kInternalUpper | kUnknownUpper;
constexpr uint32_t kAnyLower = kInitialLower | kInternalLower | kUnknownLower;
constexpr char kNumber[] = "##number##";

bool is_letterlike(uint32_t classes) { return classes & kWord && !(classes & kDigit); }

// A letter and a period.
bool is_initial(const uint8_t* begin, const uint8_t* end) {
  const Character first = character_at(begin, end);
  return is_letterlike(first.classes) && end - first.edge == 1 && *first.edge == '.';
}

// -?[.,]?\d[\d,.-]*\.? of the whole token
bool is_number(const uint8_t* begin, const uint8_t* end) {
  const uint8_t* p = begin + (*begin == '-');
  if (p < end && (*p == '.' || *p == ',')) ++p;
  if (!(classes_at(p, end) & kDigit)) return false;
  while (p < end) {
    const Character character = character_at(p, end);
    if (!(character.classes & kDigit) && *p != ',' && *p != '.' && *p != '-') return false;
    p = character.edge;
  }
  return true;
}

// A place where a sentence may end: the word before it, the mark, and what comes next.
struct Candidate {
  const uint8_t* word;
  const uint8_t* mark;
  const uint8_t* context_end;  // of the next token, or of the punctuation behind the mark
  const uint8_t* next;         // the next token; null where punctuation follows
};

// The next candidate at or after p; its mark is `end` where there is none. `word` is left to the caller.
Candidate find_candidate(const uint8_t* p, const uint8_t* end, bool quotes) {
  for (; p < end; ++p) {
    if (*p != '.' && *p != '?' && *p != '!') continue;
    const uint8_t* after = p + 1;
    if (const size_t length = after < end ? nonword_length(after, end, quotes) : 0) return {p, p, after + length, nullptr};
    const uint8_t* next = skip_space(after, end);
    if (next > after && next < end) return {p, p, skip_nonspace(next, end), next};
  }
  return {end, end, end, nullptr};
}

// The word before `mark`: behind the last white space (of ASCII) since `from`, or since `word` if there is none. White
// space directly at `from` goes unnoticed, as in NLTK.
const uint8_t* word_before(const uint8_t* from, const uint8_t* word, const uint8_t* mark) {
  for (const uint8_t* p = mark; p > from + 1; --p)
    if (p[-1] == ' ' || (p[-1] >= '\t' && p[-1] <= '\r')) return p;
  return word;
}

// Collects sentences that are not empty, closing punctuation having moved to the sentence before it.
class Sentences {
 public:
  Sentences(bool quotes, std::vector<SentenceCounter::Sentence>& found) : quotes_(quotes), found_(found) {
    found_.clear();
  }

  void add(const uint8_t* begin, const uint8_t* end) {
    if (pending_) {
      const uint8_t* closed = skip_closing(begin, end);
      const uint8_t* behind = closed > begin ? end_of_closing(closed, end) : nullptr;
      if (behind) found_.push_back({begin_, closed});
      else if (begin_ < end_) found_.push_back({begin_, end_});
      begin_ = behind ? behind : begin;
    } else {
      begin_ = begin;
    }
    end_ = end;
    pending_ = true;
  }

  void finish() {
    if (pending_ && begin_ < end_) found_.push_back({begin_, end_});
  }

 private:
  const uint8_t* skip_closing(const uint8_t* p, const uint8_t* end) const {
    while (p < end)
      if (const size_t length = closing_length(p, end, quotes_)) p += length;
      else break;
    return p;
  }

  // Where the next sentence begins behind closing quotes and brackets that end at p; null where something else follows.
  static const uint8_t* end_of_closing(const uint8_t* p, const uint8_t* end) {
    if (p >= end || (end - p >= 2 && p[0] == '-' && p[1] == '-')) return p;
    const uint8_t* next = skip_space(p, end);
    return next > p ? next : nullptr;
  }

  bool quotes_;
  std::vector<SentenceCounter::Sentence>& found_;
  const uint8_t* begin_ = nullptr;
  const uint8_t* end_ = nullptr;
  bool pending_ = false;
};

}  // namespace

const std::vector<SentenceCounter::Sentence>& SentenceCounter::split(const uint8_t* begin, const uint8_t* end) {
  Sentences sentences(parameters_.quotes, sentences_);
  const uint8_t* last_break = begin;
  const auto decide = [&](const Candidate& candidate) {
    if (!breaks(candidate.word, candidate.context_end)) return;
    sentences.add(last_break, candidate.mark + 1);
    last_break = candidate.next ? candidate.next : candidate.mark + 1;
  };
  // Of candidates without white space between them only the last counts.
  Candidate pending{begin, begin, begin, nullptr};
  bool any = false;
  for (const uint8_t* p = begin;;) {
    Candidate candidate = find_candidate(p, end, parameters_.quotes);
    if (candidate.mark == end) break;
    candidate.word = word_before(pending.mark, pending.word, candidate.mark);
    if (any && pending.mark <= candidate.word) decide(pending);
    pending = candidate;
    any = true;
    p = candidate.mark + 1;
  }
  if (any) decide(pending);
  while (begin < end) {
    const Character last = character_before(begin, end);
    if (!(last.classes & kSpace)) break;
    end = last.edge;
  }
  sentences.add(last_break, end);
  sentences.finish();
  return sentences_;
}

// Whether a token of the context other than the last ends a sentence.
bool SentenceCounter::breaks(const uint8_t* begin, const uint8_t* end) {
  tokens_.clear();
  tokenize(begin, end);
  for (Token& token : tokens_) annotate(token);
  for (size_t i = 0; i + 1 < tokens_.size(); ++i) {
    annotate_again(tokens_[i], tokens_[i + 1]);
    if (tokens_[i].sentence_break) return true;
  }
  return false;
}

// No token reaches over the end of a line.
void SentenceCounter::tokenize(const uint8_t* begin, const uint8_t* end) {
  while (begin < end) {
    const uint8_t* newline = find_byte(begin, end, '\n');
    for_each_token(begin, newline, parameters_.quotes, [this](const uint8_t* from, const uint8_t* to) {
      tokens_.push_back({from, to, false, false, false});
    });
    begin = newline < end ? newline + 1 : end;
  }
}

void SentenceCounter::annotate(Token& token) {
  const auto length = static_cast<size_t>(token.end - token.begin);
  if (length == 1 && (*token.begin == '.' || *token.begin == '?' || *token.begin == '!')) {
    token.sentence_break = true;
  } else if (std::all_of(token.begin, token.end, [](uint8_t byte) { return byte == '.'; })) {
    token.ellipsis = true;
  } else if (token.ends_in_period() && token.end[-2] != '.') {
    const std::string& type = lowered(token.begin, token.end - 1);
    const size_t hyphen = type.rfind('-');
    token.abbreviation = parameters_.abbreviations.count(type) ||
                         (hyphen != std::string::npos && parameters_.abbreviations.count(type.substr(hyphen + 1)));
    token.sentence_break = !token.abbreviation;
  }
}

void SentenceCounter::annotate_again(Token& token, const Token& next) {
  if (!token.ends_in_period()) return;
  const bool number = is_number(token.begin, token.end), initial = is_initial(token.begin, token.end);
  if (!number && !initial && !token.abbreviation && !token.ellipsis && parameters_.collocations.empty()) return;
  const std::string next_type = type_of(next, next.sentence_break);
  if (!parameters_.collocations.empty() &&
      parameters_.collocations.count(type_of(token, true) + '\n' + next_type)) {
    token.sentence_break = false;
    token.abbreviation = true;
    return;
  }
  const bool upper = character_at(next.begin, next.end).classes & kUpper;
  if ((token.abbreviation || token.ellipsis) && !initial &&
      (starts_sentence(next, next_type) == Starts::kYes ||
       (upper && parameters_.sentence_starters.count(next_type)))) {
    token.sentence_break = true;
    return;
  }
  if (!initial && !number) return;
  const Starts starts = starts_sentence(next, next_type);
  if (starts == Starts::kNo ||
      (starts == Starts::kUnknown && initial && upper && !(orthography(next_type) & kAnyLower))) {
    token.sentence_break = false;
    token.abbreviation = true;
  }
}

SentenceCounter::Starts SentenceCounter::starts_sentence(const Token& token, const std::string& type) {
  if (token.end - token.begin == 1 && std::memchr(";:,.!?", *token.begin, 6)) return Starts::kNo;
  const uint32_t first = character_at(token.begin, token.end).classes, contexts = orthography(type);
  if (first & kUpper && contexts & kAnyLower && !(contexts & kInternalUpper)) return Starts::kYes;
  if (first & kLower && (contexts & kAnyUpper || !(contexts & kInitialLower))) return Starts::kNo;
  return Starts::kUnknown;
}

uint32_t SentenceCounter::orthography(const std::string& type) const {
  const auto found = parameters_.orthography.find(type);
  return found == parameters_.orthography.end() ? 0 : found->second;
}

const std::string& SentenceCounter::lowered(const uint8_t* begin, const uint8_t* end) {
  scratch_.clear();
  for (const uint8_t* p = begin; p < end;) {
    const utf8::Decoded decoded = utf8::decode(p, end);
    for (const uint32_t code : unicode::lower(decoded.code)) {
      uint8_t bytes[4];
      scratch_.append(reinterpret_cast<char*>(bytes), reinterpret_cast<char*>(utf8::encode(code, bytes)));
    }
    p += decoded.length;
  }
  return scratch_;
}

std::string SentenceCounter::type_of(const Token& token, bool without_period) {
  if (is_number(token.begin, token.end)) return kNumber;
  std::string type = lowered(token.begin, token.end);
  if (without_period && type.size() > 1 && type.back() == '.') type.pop_back();
  return type;
}

}  // namespace kernels::punkt
