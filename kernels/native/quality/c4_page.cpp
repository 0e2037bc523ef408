#include "c4_page.hpp"

#include <cstring>
#include <string>
#include <string_view>

#include "bytes.hpp"
#include "characters.hpp"
#include "lines_of.hpp"

namespace kernels::c4 {
namespace {

using namespace characters;

constexpr std::string_view kPolicies[] = {"terms of use", "privacy policy", "cookie policy",
                                          "uses cookies", "use of cookies", "use cookies"};
constexpr std::string_view kCitations[] = {"[edit]", "[citation needed]"};
constexpr std::string_view kKelvin = "\xE2\x84\xAA";  // the one other character whose lower case is an ASCII letter

bool starts_with(const uint8_t* p, const uint8_t* end, std::string_view text) {
  return static_cast<size_t>(end - p) >= text.size() && std::memcmp(p, text.data(), text.size()) == 0;
}

bool contains(const std::string& line, std::string_view text) {
  return memmem(line.data(), line.size(), text.data(), text.size()) != nullptr;
}

struct Words {
  size_t count = 0, longest = 0;
};

Words measure_words(const uint8_t* p, const uint8_t* end) {
  Words words;
  while ((p = skip_space(p, end)) < end) {
    const uint8_t* word = p;
    p = skip_nonspace(p, end);
    words.longest = std::max(words.longest, utf8::count_characters(word, p));
    ++words.count;
  }
  return words;
}

// The position behind [edit], [citation needed] or a number in brackets at p; p where there is none.
const uint8_t* skip_citation(const uint8_t* p, const uint8_t* end) {
  for (const std::string_view citation : kCitations)
    if (starts_with(p, end, citation)) return p + citation.size();
  for (const uint8_t* q = p + 1; q < end;) {
    if (*q == ']') return q + 1;
    const Character character = character_at(q, end);
    if (!(character.classes & kDigit)) break;
    q = character.edge;
  }
  return p;
}

class Cleaner {
 public:
  Cleaner(const Rules& rules, const punkt::Parameters& parameters) : rules_(rules), sentences_(parameters) {}

  // Appends the lines of `text` that stay to `out`, which has room for all of it.
  PageCounts clean(Text text, Buffer<uint8_t>& out) {
    PageCounts counts;
    const size_t start = out.size();
    for_each_line(text, [&](const uint8_t* begin, const uint8_t* end) {
      if (!counts.kept()) return;
      const Text line = strip({begin, end, text.readable});
      if (passes(line, counts)) {
        if (counts.passed++) out.push_back('\n');
        out.make_room(line_.size());
        out.set_end(append(out.end(), bytes(), bytes() + line_.size()));
      }
    });
    if (counts.kept() && counts.sentences < static_cast<int64_t>(rules_.min_sentences)) counts.too_few_sentences = 1;
    finish(start, counts.kept(), out);
    return counts;
  }

 private:
  const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(line_.data()); }

  // Decides on one line; leaves what is kept of it in line_.
  bool passes(Text line, PageCounts& counts) {
    if (measure_words(line.begin, line.end).longest > rules_.max_word) return ++counts.too_long_word, false;
    remove_citations(line);
    const std::string_view kept(line_);
    const bool marked = !kept.empty() && std::strchr(".?!\"", kept.back()) && kept.back() && !kept.ends_with("...");
    if (rules_.end_marks && !marked) return ++counts.no_endmark, false;
    if (measure_words(bytes(), bytes() + line_.size()).count < rules_.min_words) return ++counts.too_short, false;
    lower();
    if (contains(lowered_, "lorem ipsum")) return counts.lorem_ipsum = 1, false;
    if (contains(lowered_, "javascript")) return ++counts.javascript, false;
    if (kept.find('{') != std::string_view::npos) return counts.curly_bracket = 1, false;
    for (const std::string_view policy : kPolicies)
      if (contains(lowered_, policy)) return ++counts.policy, false;
    counts.sentences += static_cast<int64_t>(sentences_.count(bytes(), bytes() + line_.size()));
    return true;
  }

  void remove_citations(Text line) {
    line_.clear();
    for (const uint8_t* p = line.begin; p < line.end;) {
      const uint8_t* bracket = find_byte(p, line.end, '[');
      line_.append(p, bracket);
      if (bracket == line.end) break;
      p = skip_citation(bracket, line.end);
      if (p == bracket) line_.push_back(static_cast<char>(*p++));
    }
  }

  void lower() {
    lowered_ = line_;
    for (char& c : lowered_)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    for (size_t at = lowered_.find(kKelvin); at != std::string::npos; at = lowered_.find(kKelvin, at)) {
      lowered_[at] = 'k';
      lowered_.erase(at + 1, kKelvin.size() - 1);
    }
  }

  void finish(size_t start, bool kept, Buffer<uint8_t>& out) {
    uint8_t* const begin = out.data() + start;
    if (!kept) {
      out.set_end(begin);
      return;
    }
    const Text stripped = strip({begin, out.end(), out.end()});
    const auto length = static_cast<size_t>(stripped.end - stripped.begin);
    if (length) std::memmove(begin, stripped.begin, length);
    out.set_end(begin + length);
  }

  const Rules& rules_;
  punkt::SentenceCounter sentences_;
  std::string line_, lowered_;
};

}  // namespace

CleanPages clean_pages(const Column& text, const Rules& rules, const punkt::Parameters& parameters) {
  CleanPages pages{TextBuffer(text.total_bytes()), Buffer<PageCounts>(text.size())};
  Cleaner cleaner(rules, parameters);
  for (size_t i = 0; i < text.size(); ++i) {
    pages.counts[i] = cleaner.clean(text[i], pages.text.bytes);
    pages.text.end_value();
  }
  return pages;
}

}  // namespace kernels::c4
