#include <array>
#include <unordered_map>

#include "wikitext_passes.hpp"
#include "wikitext_shield.hpp"

namespace kernels::wikitext {
namespace {

enum class Treatment : uint8_t { drop, reference, unwrap, literal, block, code, formula, chemistry };

const std::unordered_map<std::string_view, Treatment>& treatments() {
  using enum Treatment;
  static const std::unordered_map<std::string_view, Treatment> kTreatments = {
      {"ref", reference},       {"references", drop},    {"gallery", drop},     {"timeline", drop},
      {"score", drop},          {"hiero", drop},         {"imagemap", drop},    {"mapframe", drop},
      {"maplink", drop},        {"graph", drop},         {"templatestyles", drop}, {"templatedata", drop},
      {"inputbox", drop},       {"categorytree", drop},  {"indicator", drop},   {"includeonly", drop},
      {"charinsert", drop},     {"phonos", drop},        {"chart", drop},       {"rss", drop},
      {"dynamicpagelist", drop}, {"section", unwrap},    {"noinclude", unwrap}, {"onlyinclude", unwrap},
      {"poem", unwrap},         {"translate", unwrap},   {"nowiki", literal},   {"pre", block},
      {"syntaxhighlight", code}, {"source", code},       {"math", formula},     {"ce", chemistry},
      {"chem", chemistry},
  };
  return kTreatments;
}

bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

class Remover {
 public:
  Remover(std::string_view in, const Site& site, std::string& out) : in_(in), site_(site), out_(out) {}

  void run() {
    size_t at = 0;
    while (at < in_.size()) {
      const size_t found = std::min(in_.find('<', at), in_.size());
      out_.append(in_.substr(at, found - at));
      if (found == in_.size()) return;
      at = in_.substr(found).starts_with("<!--") ? comment(found) : tag(found);
    }
  }

 private:
  // A comment that has its line to itself takes the line with it.
  size_t comment(size_t at) {
    const size_t close = in_.find("-->", at + 4);
    if (close == std::string_view::npos) return in_.size();
    size_t end = close + 3, after = end, before = out_.size();
    while (after < in_.size() && (in_[after] == ' ' || in_[after] == '\t')) ++after;
    while (before > 0 && (out_[before - 1] == ' ' || out_[before - 1] == '\t')) --before;
    if ((before == 0 || out_[before - 1] == '\n') && after < in_.size() && in_[after] == '\n') {
      out_.resize(before);
      return after + 1;
    }
    return end;
  }

  size_t tag(size_t at) {
    const bool closing = at + 1 < in_.size() && in_[at + 1] == '/';
    const size_t start = at + 1 + closing;
    size_t end = start;
    std::array<char, 16> name;
    while (end < in_.size() && end - start < name.size() && is_letter(in_[end])) {
      name[end - start] = to_lower_ascii(in_[end]);
      ++end;
    }
    const std::string_view lower_name(name.data(), end - start);
    const auto found = treatments().find(lower_name);
    const char next = end < in_.size() ? in_[end] : '>';
    if (found == treatments().end() || (next != '>' && next != '/' && !is_space(next))) {
      if (lower_name == "ref") return end;  // "<ref{{cite ...}}</ref>", without its end bracket
      out_ += '<';
      return at + 1;
    }
    const size_t close = in_.find('>', end);
    if (close == std::string_view::npos) return end;
    // "a fact <ref>...</ref>." closes up.
    if (found->second == Treatment::reference && !out_.empty() && is_space(out_.back())) out_ += kGap;
    if (closing || found->second == Treatment::unwrap || in_[close - 1] == '/') return close + 1;
    return element(found->second, found->first, in_.substr(end, close - end), close + 1);
  }

  // Returns where to go on.
  size_t element(Treatment treatment, std::string_view name, std::string_view attributes, size_t body) {
    const size_t end = find_close(name, body, treatment == Treatment::reference);
    if (end == std::string_view::npos) {
      // Without an end: the rest of the line for a reference, for others the tag alone.
      return treatment == Treatment::reference ? std::min(next_reference(body), in_.size()) : body;
    }
    const std::string_view content = in_.substr(body, end - body);
    const size_t after = std::min(in_.find('>', end), in_.size() - 1) + 1;
    const bool at_line_end = after < in_.size() && in_[after] == '\n';
    switch (treatment) {
      case Treatment::literal: append_shielded_decoded(content, site_.entities, out_); break;
      case Treatment::block: append_block(content, true, at_line_end); break;
      case Treatment::code:
        if (attributes.find("inline") != std::string_view::npos)
          append_shielded(trim(content), out_);
        else
          append_block(content, false, at_line_end);
        break;
      case Treatment::formula: append_formula(content, ""); break;
      case Treatment::chemistry: append_formula(content, "\\ce"); break;
      default: break;
    }
    return after;
  }

  // On lines of its own.
  void append_block(std::string_view content, bool decode, bool at_line_end) {
    while (!content.empty() && content.front() == '\n') content.remove_prefix(1);
    while (!content.empty() && is_space(content.back())) content.remove_suffix(1);
    if (!out_.empty() && out_.back() != '\n') out_ += '\n';
    if (decode)
      append_shielded_decoded(content, site_.entities, out_);
    else
      append_shielded(content, out_);
    if (!at_line_end) out_ += '\n';
  }

  // Braces, bars and brackets that would read as wikitext are set apart by a space, which means nothing in TeX.
  void append_formula(std::string_view content, std::string_view macro) {
    out_ += '$';
    if (!macro.empty()) append_shielded(std::string(macro) + "{", out_);
    char last = 0;
    for (char c : trim(content)) {
      if ((last == '{' && (c == '{' || c == '|')) || (last == '[' && c == '[')) out_ += shielded(' ');
      out_ += c == '\n' ? shielded(' ') : shielded(c);
      last = c;
    }
    if (!macro.empty()) out_ += shielded('}');
    out_ += '$';
  }

  // Where "</name" begins, if before another "<name" where these do not nest; npos where there is none.
  size_t find_close(std::string_view name, size_t from, bool before_next) {
    if (auto none = unclosed_.find(name); none != unclosed_.end() && from >= none->second) return std::string_view::npos;
    for (size_t at = in_.find('<', from); at != std::string_view::npos; at = in_.find('<', at + 1)) {
      const std::string_view rest = in_.substr(at + 1);
      if (before_next && starts_with_any_case(rest, "ref") && rest.size() > 3 && (rest[3] == '>' || rest[3] == ' '))
        return std::string_view::npos;
      if (!rest.starts_with('/') || !starts_with_any_case(rest.substr(1), name)) continue;
      const size_t after = 1 + name.size();
      if (after >= rest.size() || rest[after] == '>' || is_space(rest[after])) return at;
    }
    unclosed_.emplace(name, from);
    return std::string_view::npos;
  }

  // The next reference tag on the line.
  size_t next_reference(size_t from) const {
    const size_t line_end = in_.find('\n', from);
    for (size_t at = in_.find('<', from); at < line_end; at = in_.find('<', at + 1))
      if (starts_with_any_case(in_.substr(at + 1), "ref") || starts_with_any_case(in_.substr(at + 1), "/ref")) return at;
    return line_end;
  }

  std::string_view in_;
  const Site& site_;
  std::string& out_;
  std::unordered_map<std::string_view, size_t> unclosed_;  // from where on a tag has no end
};

}  // namespace

void remove_extensions(std::string_view in, const Site& site, std::string& out) { Remover(in, site, out).run(); }

}  // namespace kernels::wikitext
