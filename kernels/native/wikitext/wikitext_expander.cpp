#include "wikitext_expander.hpp"

#include <algorithm>

#include "wikitext_passes.hpp"
#include "wikitext_shield.hpp"

namespace kernels::wikitext {
namespace {

constexpr int kDeepest = 40;  // templates inside templates, as in MediaWiki

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view trim_blank(std::string_view text) {
  const auto blank = [](char c) { return is_space(c) || c == kGap; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string passed_through(const std::string& function, std::string value, const Site& site) {
  if (function == "number") return format_number(value, site.numbers);
  if (function == "lower") return lower(value);
  if (function == "ipa") return value.starts_with('[') || value.starts_with('/') ? value : "[" + value + "]";
  return value;
}

// Appends the form; returns whether an argument in it is not empty.
bool append_nodes(const std::vector<Node>& nodes, const Arguments& arguments, const Site& site, std::string& out) {
  bool any = false;
  for (const Node& node : nodes) {
    if (node.kind == Node::Kind::literal) {
      out += node.literal;
    } else if (node.kind == Node::Kind::optional) {
      const size_t before = out.size();
      if (append_nodes(node.children, arguments, site, out))
        any = true;
      else
        out.resize(before);
    } else {
      const size_t before = out.size();
      for (const std::string& name : node.reference.names) {
        const bool literal = name.starts_with('=');
        const std::string value = literal ? name.substr(1) : arguments.value(name);
        if (value.empty()) continue;
        any |= !literal;
        out += passed_through(node.reference.function, value, site);
        break;
      }
      if (out.size() == before) out += kGap;
    }
  }
  return any;
}

}  // namespace

bool is_blank(std::string_view text) { return trim_blank(text).empty(); }

Arguments::Arguments(Expander& expander, uint32_t begin, uint32_t end, int depth) : expander_(expander), depth_(depth) {
  const std::string_view text = expander.text();
  size_t next = expander.first_from(begin);
  Part part{begin, end, 0, {}};
  const auto finish = [&](uint32_t at) {
    part.end = at;
    if (part.equals)
      part.name = trim(text.substr(part.begin, part.equals - 1 - part.begin));
    else
      part.name = std::to_string(++positional_);
    parts_.push_back(part);
    part = {at + 1, end, 0, {}};
  };
  const auto& brackets = expander.brackets();
  for (uint32_t at = begin; at < end;) {
    if (next < brackets.size() && at == brackets[next].open) {
      at = brackets[next].end();
      next = expander.first_from(at);
      continue;
    }
    const uint32_t stop = next < brackets.size() ? std::min(brackets[next].open, end) : end;
    at = static_cast<uint32_t>(std::min<size_t>(text.substr(0, stop).find_first_of("|=", at), stop));
    if (at == stop) continue;
    if (text[at] == '|')
      finish(at);
    else if (part.equals == 0)
      part.equals = at + 1;
    ++at;
  }
  finish(end);
}

const Arguments::Part* Arguments::find(std::string_view name) const {
  constexpr size_t kFew = 16;
  if (parts_.size() > kFew) {
    if (index_.empty())
      for (const Part& part : parts_) index_.insert_or_assign(part.name, &part);
    const auto found = index_.find(name);
    return found == index_.end() ? nullptr : found->second;
  }
  for (auto part = parts_.rbegin(); part != parts_.rend(); ++part)
    if (part->name == name) return &*part;
  return nullptr;
}

bool Arguments::has(std::string_view name) const { return find(name) != nullptr; }

std::string Arguments::value(std::string_view name) const {
  const Part* part = find(name);
  if (part == nullptr) return {};
  const std::string text = expander_.rendered(part->equals ? part->equals : part->begin, part->end, depth_);
  return std::string(trim_blank(text));
}

std::string Arguments::part(size_t index) const {
  if (index >= parts_.size()) return {};
  return std::string(trim_blank(expander_.rendered(parts_[index].begin, parts_[index].end, depth_)));
}

std::string Arguments::part_name(size_t index) const {
  const Part& part = parts_[index];
  return std::string(trim_blank(expander_.rendered(part.begin, part.equals - 1, depth_)));
}

std::string Arguments::part_value(size_t index) const {
  const Part& part = parts_[index];
  return std::string(trim_blank(expander_.rendered(part.equals ? part.equals : part.begin, part.end, depth_)));
}

Expander::Expander(std::string_view in, std::string_view title, const Site& site)
    : in_(in), title_(title), site_(site), brackets_(match_brackets(in)), budget_(8 * in.size() + (1 << 16)) {}

size_t Expander::first_from(uint32_t at) const {
  const auto before = [](const Bracket& bracket, uint32_t position) { return bracket.open < position; };
  return static_cast<size_t>(std::lower_bound(brackets_.begin(), brackets_.end(), at, before) - brackets_.begin());
}

std::string Expander::rendered(uint32_t begin, uint32_t end, int depth) {
  std::string out;
  expand(begin, end, depth, out);
  return out;
}

void Expander::expand(uint32_t begin, uint32_t end, int depth, std::string& out) {
  if (budget_ < end - begin) return;
  budget_ -= end - begin;
  uint32_t at = begin;
  size_t next = first_from(begin);
  while (next < brackets_.size() && brackets_[next].open < end) {
    const Bracket bracket = brackets_[next];
    if (bracket.link || bracket.open < at) {
      ++next;
      continue;
    }
    out.append(in_.substr(at, bracket.open - at));
    if (depth >= kDeepest)
      out += kGap;
    else if (bracket.width == 3)
      parameter(bracket, depth + 1, out);
    else
      call(bracket, depth + 1, out);
    at = bracket.end();
    next = first_from(at);
  }
  if (at < end) out.append(in_.substr(at, end - at));
}

// {{{name|default}}} on an article is its default.
void Expander::parameter(const Bracket& bracket, int depth, std::string& out) {
  const Arguments arguments(*this, bracket.open + 3, bracket.close, depth);
  if (arguments.parts() > 1)
    out += arguments.part(1);
  else
    out += kGap;
}

void Expander::call(const Bracket& bracket, int depth, std::string& out) {
  const uint32_t begin = bracket.open + 2, end = bracket.close;
  const size_t inner = first_from(begin);
  const uint32_t plain = inner < brackets_.size() ? std::min(brackets_[inner].open, end) : end;
  uint32_t name_end = static_cast<uint32_t>(std::min<size_t>(in_.substr(0, plain).find('|', begin), plain));
  std::string computed;
  std::string_view name = in_.substr(begin, name_end - begin);
  const size_t colon = name.find(':');
  if (name_end == plain && plain < end && colon == std::string_view::npos) {
    // The name itself holds a template.
    const Arguments whole(*this, begin, end, depth);
    computed = whole.part(0);
    name = computed;
    const size_t bar = in_.substr(0, end).find('|', brackets_[inner].end());
    name_end = static_cast<uint32_t>(std::min<size_t>(bar, end));
  }
  const size_t before = out.size();
  if (colon != std::string_view::npos) {
    std::string head = normal_name(name.substr(0, colon));
    if (const auto local = site_.functions.find(head); local != site_.functions.end()) head = local->second;
    const Arguments arguments(*this, begin + static_cast<uint32_t>(colon) + 1, end, depth);
    if (call_function(head, arguments, *this, out)) return;
    if (head == "subst" || head == "safesubst" || head == "msg" || site_.template_prefixes.contains(head))
      name.remove_prefix(colon + 1);
  }
  const Rule* rule = find_rule(normal_name(name));
  if (rule != nullptr && rule->kind == Rule::Kind::disambiguation) disambiguation_ = true;
  const bool rendered = rule != nullptr && (rule->kind == Rule::Kind::pattern || rule->kind == Rule::Kind::built_in);
  if (rendered && site_.render_templates) {
    apply(*rule, Arguments(*this, std::min(name_end + 1, end), end, depth), out);
  } else if (const auto country = site_.countries.find(trim(name)); rule == nullptr && country != site_.countries.end()) {
    if (site_.render_templates) out += country->second;
  } else if (colon == std::string_view::npos && name_end == end) {
    call_function(normal_name(name), Arguments(*this, end, end, depth), *this, out);
  }
  if (out.size() == before) out += kGap;
}

const Rule* Expander::find_rule(std::string_view name) const {
  if (const auto found = site_.templates.find(name); found != site_.templates.end()) return &found->second;
  const size_t dash = name.find('-');
  if (dash == std::string_view::npos) return nullptr;
  const auto found = site_.template_stems.find(name.substr(0, dash + 1));
  return found == site_.template_stems.end() ? nullptr : &found->second;
}

void Expander::apply(const Rule& rule, const Arguments& arguments, std::string& out) {
  if (rule.kind == Rule::Kind::built_in) {
    call_built_in(rule.words, arguments, site_, out);
    return;
  }
  const size_t count = arguments.positional();
  const size_t form = std::min(std::max<size_t>(count, 1), rule.forms.size()) - 1;
  append_nodes(rule.forms[form], arguments, site_, out);
}

bool expand_templates(std::string_view in, std::string_view title, const Site& site, std::string& out) {
  if (in.find("{{") == std::string_view::npos) {
    out.append(in);
    return false;
  }
  Expander expander(in, title, site);
  expander.expand(0, static_cast<uint32_t>(in.size()), 0, out);
  return expander.disambiguation();
}

}  // namespace kernels::wikitext
