#include "english_exceptions.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <stdexcept>

#include "characters.hpp"

namespace kernels::english {
namespace {

constexpr char kSeparator = '\x1F';

uint64_t hash(const char* text, size_t length) {
  uint64_t head = 0, tail = 0;
  const size_t part = std::min<size_t>(length, 8);
  std::memcpy(&head, text, part);
  std::memcpy(&tail, text + length - part, part);
  return (head * 0x9E3779B97F4A7C15u ^ std::rotl(tail, 29) * 0xC2B2AE3D27D4EB4Fu ^ length) * 0x9E3779B97F4A7C15u >> 40;
}

std::string_view view(const Word& word) {
  return {reinterpret_cast<const char*>(word.begin), static_cast<size_t>(word.end - word.begin)};
}

}  // namespace

Exceptions::Exceptions() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> joined;
    for (std::string_view tokens : word_tables::kExceptions) {
      joined.emplace_back(tokens);
      std::erase(joined.back(), kSeparator);
    }
    return joined;
  }();
  slots_.resize(std::bit_ceil(8 * texts.size()));
  for (size_t i = 0; i < texts.size(); ++i) {
    Entry entry{texts[i], 1, {}};
    for (const char c : std::string_view(word_tables::kExceptions[i])) {
      if (c == kSeparator) ++entry.count;
      else ++entry.lengths[entry.count - 1];
      if (entry.count > std::size(entry.lengths)) throw std::logic_error("an exception has too many words");
    }
    if (entry.text.size() >= 32) throw std::logic_error("an exception is too long");
    lengths_[static_cast<uint8_t>(entry.text[0])] |= 1u << entry.text.size();
    size_t at = hash(entry.text.data(), entry.text.size()) & (slots_.size() - 1);
    while (slots_[at]) at = (at + 1) & (slots_.size() - 1);
    entries_.push_back(entry);
    slots_[at] = static_cast<uint16_t>(entries_.size());
  }
}

const Exceptions::Entry* Exceptions::look_up(const uint8_t* begin, size_t length) const {
  const std::string_view text(reinterpret_cast<const char*>(begin), length);
  for (size_t at = hash(text.data(), length) & (slots_.size() - 1); slots_[at]; at = (at + 1) & (slots_.size() - 1))
    if (entries_[slots_[at] - 1].text == text) return &entries_[slots_[at] - 1];
  return nullptr;
}

ExceptionMatcher::ExceptionMatcher(const Exceptions& exceptions,
                                   const std::vector<std::vector<std::string_view>>& parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    // An exception that the rules leave as one word needs no putting together.
    if (parts[i].size() < 2) continue;
    Node* node = &root_;
    for (const std::string_view part : parts[i]) {
      std::unique_ptr<Node>& next = node->next[part];
      if (!next) next = std::make_unique<Node>();
      node = next.get();
    }
    node->entry = &exceptions.entries()[i];
    longest_start_ = std::max(longest_start_, static_cast<uint8_t>(parts[i][0].size()));
    const auto plain = [](std::string_view part) {
      const auto first = static_cast<uint8_t>(part[0]);
      return characters::is_ascii_letter(first) || characters::is_ascii_digit(first);
    };
    if (plain(parts[i][0]) && plain(parts[i][1])) throw std::logic_error("an exception falls into plain words");
  }
}

void ExceptionMatcher::apply(Buffer<Word>& words, const Buffer<uint32_t>& starts) {
  find(words, starts);
  if (found_.empty()) return;
  select(words);
  if (selected_.empty()) return;
  rewritten_.clear();
  size_t at = 0;
  const auto copy_until = [&](size_t end) {
    rewritten_.make_room(end - at);
    for (; at < end; ++at) rewritten_.push_back(words[at]);
  };
  for (const Match& match : selected_) {
    copy_until(match.start);
    Word word = words[match.start];
    for (uint8_t part = 0; part < match.entry->count; ++part) {
      word.end = word.begin + match.entry->lengths[part];
      rewritten_.push_back(word);
      word = {word.end, word.end, Gap::kNone};
    }
    at = match.end;
  }
  copy_until(words.size());
  std::swap(words, rewritten_);
}

void ExceptionMatcher::find(const Buffer<Word>& words, const Buffer<uint32_t>& starts) {
  found_.clear();
  for (const uint32_t start : starts) {
    const std::string_view first = view(words[start]);
    if (first.size() > longest_start_) continue;
    const Node* node = root_.step(first);
    for (uint32_t end = start + 1; node && end < words.size() && words[end].before != Gap::kWide; ++end) {
      node = node->step(view(words[end]));
      if (node && node->entry) found_.push_back({start, end + 1, node->entry});
    }
  }
}

// Longer matches win, then earlier ones. As in spaCy, a match that loses still takes its words from shorter ones, and so
// does one that does not count because its words stand apart.
void ExceptionMatcher::select(const Buffer<Word>& words) {
  std::sort(found_.begin(), found_.end(), [](const Match& a, const Match& b) {
    return a.end - a.start != b.end - b.start ? a.end - a.start > b.end - b.start : a.start < b.start;
  });
  selected_.clear();
  seen_.assign(words.size(), false);
  for (const Match& match : found_) {
    bool together = true;
    for (uint32_t i = match.start + 1; i < match.end; ++i) together &= words[i].before == Gap::kNone;
    if (together && !seen_[match.start] && !seen_[match.end - 1]) selected_.push_back(match);
    std::fill(seen_.begin() + match.start, seen_.begin() + match.end, true);
  }
  std::sort(selected_.begin(), selected_.end(), [](const Match& a, const Match& b) { return a.start < b.start; });
}

}  // namespace kernels::english
