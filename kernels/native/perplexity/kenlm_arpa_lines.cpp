#include "kenlm_arpa_lines.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

#include "kenlm_format.hpp"
#include "model_error.hpp"

namespace kernels::kenlm {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_blank(char c) { return is_space(c) || c == '\v' || c == '\f'; }

// Cuts the next token off the front; empty at the end. A loop: tokens are too short for a search that is called.
std::string_view next_token(std::string_view& line) {
  const char *begin = line.data(), *const end = begin + line.size();
  while (begin < end && is_space(*begin)) ++begin;
  const char* token_end = begin;
  while (token_end < end && !is_space(*token_end)) ++token_end;
  line = {token_end, static_cast<size_t>(end - token_end)};
  return {begin, static_cast<size_t>(token_end - begin)};
}

bool is_blank(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return is_blank(c); });
}

}  // namespace

ArpaLines::ArpaLines(std::string_view file) : rest_(file) {
  std::string_view line;
  do line = next_filled_line();
  while (line.starts_with('#'));
  if (line != "\\data\\") throw InvalidModel("neither ARPA nor KenLM's binary format");
  uint64_t least_bytes = 0;
  while (!is_blank(line = next_line())) {
    const std::string expected = "ngram " + std::to_string(counts_.size() + 1) + "=";
    uint64_t count = 0;
    const char* end = line.data() + line.size();
    if (!line.starts_with(expected) || counts_.size() == kMostOrders ||
        std::from_chars(line.data() + expected.size(), end, count).ec != std::errc())
      fail("is not the next count of n-grams");
    counts_.push_back(count);
    // A number, a word and what divides and ends them take two bytes more for each word.
    if (__builtin_mul_overflow(count, 2 * counts_.size() + 2, &count) ||
        __builtin_add_overflow(least_bytes, count, &least_bytes) || least_bytes > file.size())
      fail("counts more n-grams than the file can hold");
  }
  if (counts_.size() < 2) throw InvalidModel("of an order less than 2");
}

void ArpaLines::read_section(size_t order) {
  const std::string expected = std::string("\\").append(std::to_string(order)).append("-grams:");
  if (next_filled_line() != expected) fail("is not the header of the next n-grams");
}

void ArpaLines::read_ngram(size_t order, ArpaNgram& ngram) {
  std::string_view line = next_filled_line();
  ngram.probability = read_number(next_token(line));
  if (ngram.probability > 0) fail("has a probability greater than 1");
  ngram.words.clear();
  while (ngram.words.size() < order) {
    ngram.words.push_back(next_token(line));
    if (ngram.words.back().empty()) fail("has too few words");
  }
  const std::string_view backoff = next_token(line);
  ngram.backoff = backoff.empty() ? 0 : read_number(backoff);
  if (std::isinf(ngram.backoff)) fail("has an infinite back-off");
  if (order == counts_.size() && ngram.backoff != 0) fail("has a back-off, though it is of the highest order");
  if (!is_blank(line)) fail("has too many words");
}

void ArpaLines::read_end() {
  if (next_filled_line() != "\\end\\") fail("is not \\end\\");
  while (!rest_.empty())
    if (!is_blank(next_line())) fail("follows the end");
}

void ArpaLines::fail(const char* fault) const {
  throw InvalidModel("line " + std::to_string(line_number_) + " " + fault);
}

std::string_view ArpaLines::next_line() {
  if (rest_.empty()) throw InvalidModel("the file ends early");
  const std::string_view line = rest_.substr(0, rest_.find('\n'));
  rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
  ++line_number_;
  return line;
}

std::string_view ArpaLines::next_filled_line() {
  std::string_view line;
  do line = next_line();
  while (is_blank(line));
  return line.substr(0, line.find_last_not_of('\r') + 1);
}

float ArpaLines::read_number(std::string_view token) const {
  float value = 0;
  const char* end = token.data() + token.size();
  const auto [stopped, error] = std::from_chars(token.data(), end, value);
  if (error == std::errc::result_out_of_range)
    value = std::strtof(std::string(token).c_str(), nullptr);  // 0 or infinite, as KenLM reads it
  else if (error != std::errc() || stopped != end || std::isnan(value))
    fail("has something else where a number belongs");
  return value;
}

}  // namespace kernels::kenlm
