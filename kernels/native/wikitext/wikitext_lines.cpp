#include <algorithm>
#include <utility>

#include "wikitext_expander.hpp"
#include "wikitext_passes.hpp"
#include "wikitext_quotes.hpp"
#include "wikitext_shield.hpp"

namespace kernels::wikitext {
namespace {

bool holds(std::string_view line, char c) { return line.find(c) != std::string_view::npos; }

// Braces and brackets that belong to nothing; an unclosed template goes to the end of its line.
void remove_leftovers(std::string& line) {
  size_t write = 0, bar = 0;
  const auto at_pair = [&](size_t read, std::string_view pair) { return line.compare(read, 2, pair) == 0; };
  for (size_t read = 0; read < line.size();) {
    if (at_pair(read, "{{")) {
      if (bar != std::string::npos && bar < read) bar = line.find('|', read);
      constexpr size_t kLongestName = 60;
      if (bar != std::string::npos && bar > read + 2 && bar - read < kLongestName) break;
      line[write++] = kGap;
      read += 2;
    } else if (at_pair(read, "}}") || at_pair(read, "{|") || at_pair(read, "|}") || at_pair(read, "[[")) {
      line[write++] = kGap;
      read += 2;
    } else {
      line[write++] = line[read++];
    }
  }
  line.resize(write);
}

// __TOC__ and its like.
void remove_switches(std::string& line, const Site& site) {
  constexpr size_t kLongest = 80;
  size_t write = 0;
  for (size_t read = 0; read < line.size();) {
    if (line.compare(read, 2, "__") == 0) {
      const std::string_view ahead = std::string_view(line).substr(read + 2, kLongest);
      const size_t end = ahead.find("__");
      if (end != std::string_view::npos && site.switches.contains(lower(ahead.substr(0, end)))) {
        line[write++] = kGap;
        read += end + 4;
        continue;
      }
    }
    line[write++] = line[read++];
  }
  line.resize(write);
}

struct Heading {
  size_t level;
  std::string text;
};

class LineRenderer {
 public:
  LineRenderer(const Site& site, std::string& out) : site_(site), out_(out) {}

  void run(std::string_view in) {
    for (size_t begin = 0; begin < in.size();) {
      const size_t end = std::min(in.find('\n', begin), in.size());
      const char after = end + 1 < in.size() ? in[end + 1] : '\n';
      add(in.substr(begin, end - begin), after);
      begin = end + 1;
    }
  }

 private:
  void add(std::string_view line, char next_start) {
    const bool preformatted = line.starts_with(' ') && (was_preformatted_ || next_start == ' ') && !is_blank(line);
    was_preformatted_ = line.starts_with(' ') && !is_blank(line);
    if (trim(line).empty()) {
      blank_ = true;
      return;
    }
    if (heading(line)) return;
    if (hidden_level_ || is_blank(line)) return;
    if (is_row(line)) return;
    line_.assign(line);
    clean(line_);
    size_t indent = 0;
    if (preformatted)
      while (indent + 1 < line_.size() && line_[indent + 1] == ' ') ++indent;
    std::string_view text = trim(line_);
    const std::string marker = list_marker(text);
    text_.clear();
    mend(text, text_);
    if (text_.find_first_not_of(" .,;:!?|/*-") == std::string::npos) return;
    begin_content(!marker.empty() || preformatted);
    out_.append(preformatted ? indent : 0, shielded(' '));
    out_ += marker;
    out_ += text_;
    out_ += '\n';
  }

  void clean(std::string& line) {
    if (holds(line, '\'')) remove_quotes(line);
    if (holds(line, '{') || holds(line, '}') || line.find("[[") != std::string::npos) remove_leftovers(line);
    if (line.find("__") != std::string::npos) remove_switches(line, site_);
  }

  // Removing what stood between two brackets can make a pair of them.
  void mend(std::string_view text, std::string& out) const {
    constexpr int kRounds = 4;
    append_mended(trim(text), site_, out);
    const auto has = [&](std::string_view pair) { return out.find(pair) != std::string::npos; };
    for (int round = 0; has("[[") || has("{{") || has("{|"); ++round) {
      std::string again = std::exchange(out, {});
      remove_leftovers(again);
      if (round == kRounds) std::erase_if(again, [](char c) { return c == '[' || c == '{'; });
      append_mended(trim(again), site_, out);
    }
  }

  // A row of a table or an argument of a template that lost its beginning, or a rule.
  static bool is_row(std::string_view line) {
    while (!line.empty() && (is_space(line[0]) || line[0] == kGap)) line.remove_prefix(1);
    return line.starts_with('|') || line.starts_with("}}") || line.starts_with("----") || line.starts_with("{|");
  }

  bool heading(std::string_view line) {
    while (!line.empty() && (is_space(line.back()) || line.back() == kGap)) line.remove_suffix(1);
    while (!line.empty() && line.front() == kGap) line.remove_prefix(1);
    if (line.size() < 3 || line.front() != '=' || line.back() != '=') return false;
    size_t level = 0;
    while (level < 6 && line.size() - 2 * level > 2 && line[level] == '=' && line[line.size() - 1 - level] == '=') ++level;
    std::string text(trim(line.substr(level, line.size() - 2 * level)));
    clean(text);
    std::string mended;
    mend(text, mended);
    open_section(level, std::string(trim(mended)));
    return true;
  }

  void open_section(size_t level, std::string text) {
    list_.clear();
    if (hidden_level_ && level > hidden_level_) return;
    hidden_level_ = 0;
    while (!pending_.empty() && pending_.back().level >= level) pending_.pop_back();
    std::string name = text;
    unshield(name);
    name = lower(name);
    while (name.ends_with(':') || name.ends_with(' ')) name.pop_back();
    if (site_.end_sections.contains(name))
      hidden_level_ = level;
    else if (!text.empty())
      pending_.push_back({level, std::move(text)});
    blank_ = true;
  }

  // Headings are written when something follows them.
  void begin_content(bool list) {
    for (const Heading& heading : pending_) {
      if (!out_.empty()) out_ += '\n';
      out_ += heading.text;
      out_ += '\n';
      blank_ = false;
    }
    pending_.clear();
    if (blank_ && !out_.empty() && !(list && in_list_)) out_ += '\n';
    blank_ = false;
    in_list_ = list;
  }

  // Takes "*", "#", ":" and ";" from the front; returns what is written instead.
  std::string list_marker(std::string_view& text) {
    size_t depth = 0;
    while (depth < text.size() && std::string_view("*#:;").find(text[depth]) != std::string_view::npos) ++depth;
    const std::string prefix(text.substr(0, std::min<size_t>(depth, 16)));
    text = trim(text.substr(depth));
    size_t common = 0;
    while (common < std::min(prefix.size(), list_.size()) && prefix[common] == list_[common]) ++common;
    counts_.resize(common);
    counts_.resize(prefix.size(), 0);
    list_ = prefix;
    if (prefix.empty()) return {};
    if (prefix.back() == ';') join_definition(text);
    const size_t numbered = ++counts_.back();
    if (!site_.list_markers || (prefix.back() != '*' && prefix.back() != '#')) return {};
    const auto bullets = static_cast<size_t>(std::count_if(prefix.begin(), prefix.end(), [](char c) { return c == '*' || c == '#'; }));
    std::string marker(2 * (bullets - 1), ' ');
    return marker + (prefix.back() == '*' ? "- " : std::to_string(numbered) + ". ");
  }

  // "; term : definition" on one line.
  void join_definition(std::string_view& text) {
    const size_t colon = text.find(" : ");
    if (colon == std::string_view::npos) return;
    definition_.assign(text.substr(0, colon));
    definition_ += text.substr(colon + 1);  // the colon and what follows
    text = definition_;
  }

  const Site& site_;
  std::string& out_;
  std::string line_, text_, definition_;
  std::vector<Heading> pending_;
  size_t hidden_level_ = 0;  // of the section being removed
  bool blank_ = false, in_list_ = false, was_preformatted_ = false;
  std::string list_;             // markers of the line before
  std::vector<size_t> counts_;  // of items at each depth
};

}  // namespace

void render_lines(std::string_view in, const Site& site, std::string& out) {
  LineRenderer(site, out).run(in);
  while (!out.empty() && is_space(out.back())) out.pop_back();
}

}  // namespace kernels::wikitext
