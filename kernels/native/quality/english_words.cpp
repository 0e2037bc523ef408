#include "english_words.hpp"

#include "characters.hpp"
#include "english_affixes.hpp"
#include "url_pattern.hpp"

namespace kernels::english {
namespace {

using namespace characters;

bool is_plain(uint8_t byte) { return is_ascii_letter(byte) || is_ascii_digit(byte); }

}  // namespace

WordSplitter::WordSplitter()
    : matcher_(exceptions_, [this] {
        std::vector<std::vector<std::string_view>> parts;
        for (const Exceptions::Entry& entry : exceptions_.entries()) {
          const auto* begin = reinterpret_cast<const uint8_t*>(entry.text.data());
          words_.clear();
          if (skip_space(begin, begin + 1) == begin) split_piece(begin, begin + entry.text.size(), false);
          parts.emplace_back();
          for (const Word& word : words_)
            parts.back().emplace_back(reinterpret_cast<const char*>(word.begin),
                                      static_cast<size_t>(word.end - word.begin));
        }
        return parts;
      }()) {}

const Buffer<Word>& WordSplitter::split(Text text) {
  words_.clear();
  starts_.clear();
  const uint8_t* p = skip_space(text.begin, text.end);
  gap_ = Gap::kWide;
  while (p < text.end) {
    const uint8_t* begin = p;
    while (p < text.end && is_ascii_letter(*p)) ++p;
    const bool letters = p == text.end || *p == ' ' || *p == '\n';
    p = skip_nonspace(p, text.end);
    const Exceptions::Entry* exception = exceptions_.find(begin, p);
    if (exception) add(begin, *exception);
    else if (letters) add(begin, p);
    else split_piece(begin, p, true);
    const uint8_t* next = skip_space(p, text.end);
    gap_ = next - p == 1 && *p == ' ' ? Gap::kSpace : Gap::kWide;
    p = next;
  }
  matcher_.apply(words_, starts_);
  return words_;
}

void WordSplitter::add(const uint8_t* begin, const uint8_t* end) {
  const auto number = static_cast<uint32_t>(words_.size());
  if (!is_plain(*begin)) {
    if (number > 0 && gap_ != Gap::kWide && (!starts_.size() || starts_.end()[-1] + 1 < number))
      starts_.push_back(number - 1);
    starts_.push_back(number);
  }
  words_.push_back({begin, end, gap_});
  gap_ = Gap::kNone;
}

void WordSplitter::add(const uint8_t* begin, const Exceptions::Entry& entry) {
  for (uint8_t part = 0; part < entry.count; ++part) {
    add(begin, begin + entry.lengths[part]);
    begin += entry.lengths[part];
  }
}

// Takes prefixes and suffixes off both ends until an exception is left, or nothing more comes off.
void WordSplitter::split_piece(const uint8_t* begin, const uint8_t* end, bool with_exceptions) {
  const auto is_exception = [&](const uint8_t* from, const uint8_t* to) {
    return with_exceptions && from < to && exceptions_.find(from, to);
  };
  suffixes_.clear();
  for (bool more = true; more && begin < end && !is_exception(begin, end);) {
    const size_t prefix = prefix_length(begin, end);
    if (prefix && is_exception(begin + prefix, end)) {
      add(begin, begin + prefix);
      begin += prefix;
      break;
    }
    const size_t suffix = suffix_length(begin + prefix, end);
    if (suffix && is_exception(begin, end - suffix)) {
      suffixes_.push_back({end - suffix, end, Gap::kNone});
      end -= suffix;
      break;
    }
    if (prefix) add(begin, begin + prefix);
    if (suffix) suffixes_.push_back({end - suffix, end, Gap::kNone});
    begin += prefix;
    end -= suffix;
    more = prefix || suffix;
  }
  if (begin < end) split_middle(begin, end, with_exceptions);
  for (size_t i = suffixes_.size(); i-- > 0;) add(suffixes_[i].begin, suffixes_[i].end);
}

void WordSplitter::split_middle(const uint8_t* begin, const uint8_t* end, bool with_exceptions) {
  const Exceptions::Entry* exception = with_exceptions ? exceptions_.find(begin, end) : nullptr;
  if (exception) {
    add(begin, *exception);
    return;
  }
  const uint8_t* start = begin;
  if (!is_url(begin, end)) {
    for (Infix infix = find_infix(begin, begin, end); infix.begin < end; infix = find_infix(begin, infix.end, end)) {
      if (infix.begin == begin) continue;
      if (infix.begin != start) add(start, infix.begin);
      add(infix.begin, infix.end);
      start = infix.end;
    }
  }
  if (start < end) add(start, end);
}

}  // namespace kernels::english
