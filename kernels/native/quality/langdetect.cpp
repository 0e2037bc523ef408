#include "langdetect.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>
#include <string_view>

#include "characters.hpp"
#include "mersenne_twister.hpp"

namespace kernels::langdetect {
namespace {

using namespace characters;

constexpr size_t kMostCharacters = 10'000;
constexpr int kTrials = 7;
constexpr int kMostDraws = 1000, kDrawsPerTest = 5;
constexpr double kSure = 0.99999, kAlpha = 0.5, kAlphaWidth = 0.05, kBaseFrequency = 10'000;
constexpr size_t kDirect = 0x3000;
constexpr size_t kLongestUrl = 2076, kLongestUser = 64, kLongestHost = 255;

uint64_t pack(const Code* begin, const Code* end) {
  uint64_t packed = 0;
  for (; begin < end; ++begin) packed = packed << 21 | *begin;
  return packed;
}

size_t slot_of(uint64_t gram, size_t slots) { return (gram * 0x9E3779B97F4A7C15u >> 20) & (slots - 1); }

bool is_alphanumeric(Code code) {
  return code < 0x80 && (is_ascii_letter(static_cast<uint8_t>(code)) || is_ascii_digit(static_cast<uint8_t>(code)));
}
bool is_host(Code code) { return is_alphanumeric(code) || code == '-' || code == '_'; }
bool is_mail(Code code) { return is_host(code) || code == '.'; }
bool is_url(Code code) {
  return is_mail(code) || (code < 0x80 && std::string_view("?&~;+=/#").find(static_cast<char>(code)) != std::string_view::npos);
}

template <class Matches>
size_t run_length(const std::vector<Code>& text, size_t at, size_t most, Matches matches) {
  size_t length = 0;
  while (length < most && at + length < text.size() && matches(text[at + length])) ++length;
  return length;
}

// https?://[-_.?&~;+=/#0-9A-Za-z]{1,2076}
size_t url_length(const std::vector<Code>& text, size_t at) {
  const auto has = [&](size_t from, std::u32string_view wanted) {
    return text.size() - from >= wanted.size() && std::equal(wanted.begin(), wanted.end(), text.begin() + from);
  };
  if (!has(at, U"http")) return 0;
  const size_t scheme = at + 4 < text.size() && text[at + 4] == 's' ? 5 : 4;
  if (!has(at + scheme, U"://")) return 0;
  const size_t rest = run_length(text, at + scheme + 3, kLongestUrl, is_url);
  return rest ? scheme + 3 + rest : 0;
}

// [-_0-9A-Za-z]{1,255}[-_.0-9A-Za-z]{1,255}, what follows the @ of an e-mail address.
size_t host_length(const std::vector<Code>& text, size_t at) {
  const size_t name = run_length(text, at, kLongestHost, is_host);
  if (name == 0) return 0;
  const size_t rest = run_length(text, at + name, kLongestHost, is_mail);
  return rest ? name + rest : name > 1 ? name : 0;
}

// URLs and e-mail addresses give way to a space each. Stops when `most` characters are written.
void replace_urls(const std::vector<Code>& text, std::vector<Code>& out) {
  out.clear();
  for (size_t at = 0; at < text.size();) {
    const size_t length = text[at] == 'h' ? url_length(text, at) : 0;
    out.push_back(length ? U' ' : text[at]);
    at += length ? length : 1;
  }
}

void replace_addresses(const std::vector<Code>& text, std::vector<Code>& out, size_t most) {
  out.clear();
  size_t user = 0;  // characters before `at` that may be in the name of an address
  for (size_t at = 0; at < text.size() && (out.size() < most || user > 0);) {
    const size_t host = text[at] == '@' && user ? host_length(text, at + 1) : 0;
    if (host) {
      out.resize(out.size() - std::min(user, kLongestUser));
      out.push_back(U' ');
      at += 1 + host;
      user = 0;
      continue;
    }
    user = is_mail(text[at]) ? user + 1 : 0;
    out.push_back(text[at++]);
  }
}

}  // namespace

void Profiles::index(const std::vector<std::u32string>& grams) {
  slots.assign(std::bit_ceil(4 * grams.size() + 1), 0);
  numbers.assign(slots.size(), 0);
  for (size_t number = 0; number < grams.size(); ++number) {
    const std::u32string& gram = grams[number];
    if (gram.empty() || gram.size() > 3 || gram[0] == 0) throw std::invalid_argument("a gram has 1 to 3 characters");
    const uint64_t packed = pack(gram.data(), gram.data() + gram.size());
    size_t at = slot_of(packed, slots.size());
    while (slots[at]) at = (at + 1) & (slots.size() - 1);
    slots[at] = packed;
    numbers[at] = static_cast<uint32_t>(number);
  }
}

uint32_t Profiles::find(uint64_t gram) const {
  for (size_t at = slot_of(gram, slots.size()); slots[at]; at = (at + 1) & (slots.size() - 1))
    if (slots[at] == gram) return numbers[at];
  return static_cast<uint32_t>(numbers.size());
}

Detector::Detector(const Profiles& profiles)
    : profiles_(profiles), probability_(profiles.languages), sum_(profiles.languages) {
  for (size_t code = 0; code < kDirect; ++code) {
    const auto found = profiles.normal.find(static_cast<Code>(code));
    normal_.push_back(found == profiles.normal.end() ? static_cast<Code>(code) : found->second);
  }
}

Detection Detector::detect(Text text) {
  read(text);
  clean();
  extract();
  if (grams_.empty()) return {-1, 0};
  std::fill(sum_.begin(), sum_.end(), 0.0);
  PythonRandom random(0);
  for (int trial = 0; trial < kTrials; ++trial) {
    std::fill(probability_.begin(), probability_.end(), 1.0 / static_cast<double>(profiles_.languages));
    const double alpha = kAlpha + random.gauss() * kAlphaWidth;
    for (int draw = 0;; ++draw) {
      update(grams_[random.below(static_cast<uint32_t>(grams_.size()))], alpha / kBaseFrequency);
      if (draw % kDrawsPerTest == 0 && (normalize() > kSure || draw >= kMostDraws)) break;
    }
    for (size_t i = 0; i < sum_.size(); ++i) sum_[i] += probability_[i] / kTrials;
  }
  const auto best = std::max_element(sum_.begin(), sum_.end());
  return {static_cast<int32_t>(best - sum_.begin()), *best};
}

// The first characters, URLs and addresses replaced, Vietnamese marks composed, runs of spaces cut to one.
void Detector::read(Text text) {
  first_.clear();
  for (const uint8_t* p = text.begin; p < text.end;) {
    const utf8::Decoded decoded = utf8::decode(p, text.end);
    first_.push_back(decoded.code);
    p += decoded.length;
  }
  replace_urls(first_, second_);
  replace_addresses(second_, first_, 2 * kMostCharacters);
  text_.clear();
  Code before = 0;
  size_t characters = 0;
  for (size_t at = 0; at < first_.size() && characters < kMostCharacters; ++characters) {
    Code code = first_[at++];
    if (at < first_.size()) {
      const auto found = first_[at] < 0x300 || first_[at] > 0x36F
                             ? profiles_.compositions.end()
                             : profiles_.compositions.find(static_cast<uint64_t>(code) << 32 | first_[at]);
      if (found != profiles_.compositions.end()) {
        code = found->second;
        ++at;
      }
    }
    if (code != ' ' || before != ' ') text_.push_back(code);
    before = code;
  }
}

// Latin letters go from a text that is mostly in another script. The package means to count accented Latin letters as
// Latin, but compares numbers with names, so that it counts all from U+0300 on as of another script.
void Detector::clean() {
  size_t latin = 0, other = 0;
  for (const Code code : text_) {
    if (code >= 'A' && code <= 'z') ++latin;
    else if (code >= 0x300) ++other;
  }
  if (latin * 2 < other) std::erase_if(text_, [](Code code) { return code >= 'A' && code <= 'z'; });
}

void Detector::extract() {
  grams_.clear();
  const auto is_upper = [](Code code) { return (classes(code) & kUpper) != 0; };
  Code window[3] = {' '};
  size_t size = 1;
  bool capitals = false;
  for (const Code read : text_) {
    Code code = read;
    if (code < kDirect) {
      code = normal_[code];
    } else if (const auto found = profiles_.normal.find(code); found != profiles_.normal.end()) {
      code = found->second;
    }
    const Code last = window[size - 1];
    if (last == ' ') {
      window[0] = ' ';
      size = 1;
      capitals = false;
    } else if (size == 3) {
      std::copy(window + 1, window + 3, window);
      size = 2;
    }
    if (last != ' ' || code != ' ') {
      window[size++] = code;
      if (!is_upper(code)) capitals = false;
      else if (is_upper(last)) capitals = true;
    }
    if (capitals) continue;
    for (size_t n = 1; n <= size; ++n) {
      const uint32_t number = n == 1 && window[size - 1] == ' ' ? static_cast<uint32_t>(profiles_.numbers.size())
                                                                : profiles_.find(pack(window + size - n, window + size));
      if (number < profiles_.numbers.size()) grams_.push_back(number);
    }
  }
}

void Detector::update(uint32_t gram, double weight) {
  const double* row = profiles_.probabilities.data() + gram * profiles_.languages;
  for (size_t i = 0; i < probability_.size(); ++i) probability_[i] *= weight + row[i];
}

// Makes the probabilities add up to 1; returns the largest.
double Detector::normalize() {
  double sum = 0, largest = 0;
  for (const double p : probability_) sum += p;
  for (double& p : probability_) {
    p /= sum;
    largest = std::max(largest, p);
  }
  return largest;
}

}  // namespace kernels::langdetect
