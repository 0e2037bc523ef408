#include "wikitext_passes.hpp"
#include "wikitext_shield.hpp"

namespace kernels::wikitext {
namespace {

constexpr std::string_view kDashes[] = {"–", "—"};

class Mender {
 public:
  Mender(const Site& site, std::string& out) : site_(site), out_(out), start_(out.size()) {}

  void add(std::string_view line) {
    for (size_t at = 0; at < line.size();) {
      const char c = line[at];
      if (c == ' ' || c == '\t') {
        space_ = true;
        ++at;
      } else if (c == kGap) {
        gap_ = true;
        ++at;
      } else if (gap_) {
        at += after_gap(line.substr(at));
      } else {
        put_space();
        out_ += c;
        ++at;
      }
    }
    if (gap_) trim_separators(false);
  }

 private:
  bool at_start() const { return out_.size() == start_; }
  char last() const { return at_start() ? '\n' : out_.back(); }

  void put_space() {
    if (space_ && !at_start()) out_ += ' ';
    space_ = false;
  }

  void trim_spaces() {
    while (!at_start() && last() == ' ') out_.pop_back();
  }

  // Takes spaces, commas and the like from the end of what is written.
  void trim_separators(bool dashes) {
    for (;;) {
      trim_spaces();
      if (last() == ',' || last() == ';') {
        out_.pop_back();
        continue;
      }
      if (!dashes) return;
      if (last() == ':' || last() == '/') {
        out_.pop_back();
        continue;
      }
      size_t dash = 0;
      for (std::string_view candidate : kDashes)
        if (out_.size() - start_ >= candidate.size() && out_.ends_with(candidate)) dash = candidate.size();
      if (dash == 0) return;
      out_.resize(out_.size() - dash);
    }
  }

  // The character that follows a gap; returns the bytes read.
  size_t after_gap(std::string_view rest) {
    const char c = rest[0];
    const bool opened = last() == '(' || last() == '[';
    if (c == ')' || c == ']') {
      if (opened || has_open_separator()) trim_separators(true);
      else trim_separators(false);
      if (last() == (c == ')' ? '(' : '[')) {
        out_.pop_back();
        const bool spaced = !at_start() && last() == ' ';
        trim_spaces();
        space_ = spaced;  // the bracket was a gap itself
        return 1;
      }
      return plain(rest, false);
    }
    if (c == ',' || c == ';') {
      if (opened || at_start() || last() == ',' || last() == ';') {
        space_ = !opened && !at_start();
        return 1;
      }
      return plain(rest, c == ';' && site_.space_before_marks && space_);
    }
    if (opened || at_start()) {
      if (c == ':' || c == '/' || (c == '.' && at_start() && ends_sentence(rest))) return 1;
      if (opened)
        for (std::string_view dash : kDashes)
          if (rest.starts_with(dash)) return dash.size();
      if (opened) space_ = false;
      return plain(rest, false);
    }
    if (c == '.' && last() == ':' && ends_sentence(rest)) return 1;
    if (c == '.' && rest.size() > 1 && rest[1] != '.' && rest[1] != ' ' ) return plain(rest, space_);
    if (c == '.') return plain(rest, false);
    if (c == ':' || c == '!' || c == '?') return plain(rest, site_.space_before_marks && space_);
    return plain(rest, space_);
  }

  // A full stop with nothing but a gap before it.
  static bool ends_sentence(std::string_view rest) { return rest.size() == 1 || rest[1] == ' ' || rest[1] == kGap; }

  bool has_open_separator() const {
    return last() == ',' || last() == ';' || last() == ' ' || last() == ':' || last() == '/' ||
           std::string_view(out_).ends_with("–") || std::string_view(out_).ends_with("—");
  }

  size_t plain(std::string_view rest, bool spaced) {
    if (spaced && !at_start() && last() != ' ') out_ += ' ';
    if (!spaced) trim_spaces();
    space_ = gap_ = false;
    out_ += rest[0];
    return 1;
  }

  const Site& site_;
  std::string& out_;
  const size_t start_;
  bool space_ = false, gap_ = false;
};

}  // namespace

void append_mended(std::string_view line, const Site& site, std::string& out) { Mender(site, out).add(line); }

}  // namespace kernels::wikitext
