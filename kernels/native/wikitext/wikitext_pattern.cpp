#include "wikitext_pattern.hpp"

#include <stdexcept>

namespace kernels::wikitext {
namespace {

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t found = text.find(separator);
    parts.emplace_back(text.substr(0, found));
    if (found == std::string_view::npos) return parts;
    text.remove_prefix(found + separator.size());
  }
}

class Parser {
 public:
  explicit Parser(std::string_view pattern) : rest_(pattern) {}

  std::vector<Node> nodes(bool inside) {
    std::vector<Node> result;
    std::string literal;
    const auto flush = [&] {
      if (!literal.empty()) result.push_back({Node::Kind::literal, literal, {}, {}});
      literal.clear();
    };
    while (!rest_.empty()) {
      const char c = take();
      if (c == ']' && inside) {
        flush();
        return result;
      }
      if (c == '\\' && !rest_.empty()) {
        literal += take();
      } else if (c == '{') {
        flush();
        result.push_back({Node::Kind::reference, {}, reference(), {}});
      } else if (c == '[') {
        flush();
        result.push_back({Node::Kind::optional, {}, {}, nodes(true)});
      } else {
        literal += c;
      }
    }
    if (inside) throw std::invalid_argument("a pattern's [ is not closed");
    flush();
    return result;
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  Reference reference() {
    const size_t end = rest_.find('}');
    if (end == std::string_view::npos) throw std::invalid_argument("a pattern's { is not closed");
    std::string_view body = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    Reference result;
    if (const size_t colon = body.rfind(':'); colon != std::string_view::npos) {
      result.function = body.substr(colon + 1);
      body = body.substr(0, colon);
    }
    result.names = split(body, "|");
    return result;
  }

  std::string_view rest_;
};

}  // namespace

Rule Rule::parse(std::string_view pattern) {
  Rule rule;
  if (pattern == "@disambiguation") {
    rule.kind = Kind::disambiguation;
  } else if (pattern.starts_with('@')) {
    rule.kind = Kind::built_in;
    rule.words = split(pattern.substr(1), " ");
  } else if (!pattern.empty()) {
    rule.kind = Kind::pattern;
    for (const std::string& form : split(pattern, " || ")) rule.forms.push_back(Parser(form).nodes(false));
  }
  return rule;
}

}  // namespace kernels::wikitext
