#include <algorithm>
#include <utility>
#include <cmath>
#include <cstdio>
#include <optional>

#include "wikitext_expander.hpp"

namespace kernels::wikitext {
namespace {

constexpr double kFudge = 1e-14;  // keeps whole powers of ten on their side of a logarithm

struct Quantity {
  double value = 0;
  int decimals = 0;  // negative: zeros at the end of a whole number
  std::string text;
};

int trailing_zeros(const std::string& text) {
  int zeros = 0;
  for (auto c = text.rbegin(); c != text.rend() && (*c == '0' || *c == ','); ++c) zeros += *c == '0';
  return zeros;
}

std::optional<Quantity> quantity(const std::string& text, const NumberFormat& format) {
  Quantity result;
  if (parse_number(text, result.value, &result.decimals)) {
    if (result.decimals == 0 && result.value != 0) result.decimals = -trailing_zeros(text);
    result.text = format_number([&] {
      std::string plain;
      for (char c : text)
        if (c != ',') plain += c;
      return plain;
    }(), format);
    return result;
  }
  // 1+1/2 or 3/4
  int whole = 0, top = 0, bottom = 0, read = 0;
  if (std::sscanf(text.c_str(), "%6d+%6d/%6d%n", &whole, &top, &bottom, &read) < 3 || read != static_cast<int>(text.size())) {
    whole = 0;
    if (std::sscanf(text.c_str(), "%6d/%6d%n", &top, &bottom, &read) < 2 || read != static_cast<int>(text.size()))
      return std::nullopt;
  }
  if (bottom == 0) return std::nullopt;
  result.value = whole + static_cast<double>(top) / bottom;
  result.decimals = static_cast<int>(std::floor(std::log10(std::abs(bottom)) + 0.5));
  result.text = (whole ? std::to_string(whole) + " " : "") + std::to_string(top) + "/" + std::to_string(bottom);
  return result;
}

std::string rounded(double value, int decimals, const NumberFormat& format) {
  decimals = std::clamp(decimals, -15, 15);
  const double scale = std::pow(10.0, decimals);
  const double shown = decimals < 0 ? std::round(value * scale) / scale : value;
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, "%.*f", std::max(decimals, 0), shown == 0 ? 0.0 : shown);
  return format_number(buffer, format);
}

// What stands between two values of a range, as it is written; empty where `word` is none.
std::string range_text(const std::string& word) {
  static const Names<std::string> kRanges = {
      {"-", "–"},      {"–", "–"},      {"to", " to "},   {"to(-)", " to "}, {"and", " and "}, {"and(-)", " and "},
      {"or", " or "},  {"by", " by "},  {"x", " by "},    {"xx", " × "},     {"×", " × "},     {"*", " × "},
      {"+/-", " ± "},  {"±", " ± "},    {"e", " e "},     {"a", " a "},      {"y", " y "},     {"și", " și "},
      {"до", " до "},  {"і", " і "},    {"à", " à "},     {"et", " et "},    {"bis", " bis "}, {"do", " do "},
      {"to about", " to about "}, {"and about", " and about "}, {"&", " & "}, {"och", " och "}, {"till", " till "}};
  const auto found = kRanges.find(word);
  return found == kRanges.end() ? std::string() : found->second;
}

class Conversion {
 public:
  Conversion(const Arguments& arguments, bool abbreviated, const Site& site)
      : arguments_(arguments), site_(site), abbreviation_(arguments.value("abbr")) {
    if (abbreviation_.empty() && abbreviated) abbreviation_ = "on";
    for (size_t i = 1; i <= arguments.positional(); ++i) words_.push_back(arguments.positional_value(i));
  }

  void write(std::string& out) {
    if (words_.empty()) return;
    if (!read_values() || next_ >= words_.size()) {
      for (size_t i = 0; i < words_.size() && i < 2; ++i) out += (i ? " " : "") + words_[i];
      return;
    }
    const std::string code = words_[next_++];
    const Unit* from = unit(code);
    if (from == nullptr) {
      out += ranged([](const Quantity& q) { return q.text; }) + " " + code;
      return;
    }
    read_second_unit(*from);
    const std::string own = source(*from, code);
    const std::string other = targets(*from);
    const std::string display = arguments_.value("disp");
    if (display == "output only" || display == "out" || display == "output number only") {
      out += other.empty() ? own : other;
    } else if (other.empty() || display == "unit" || display == "number") {
      out += own;
    } else {
      const bool flip = display == "flip" || arguments_.value("order") == "flip";
      const std::string &left = flip ? other : own, &right = flip ? own : other;
      if (display == "or") out += left + " or " + right;
      else if (display == "comma") out += left + ", " + right;
      else if (display == "/" || display == "slash") out += left + " / " + right;
      else out += left + " (" + right + ")";
    }
  }

 private:
  const Unit* unit(const std::string& code) const {
    const auto found = site_.units.find(code);
    return found == site_.units.end() ? nullptr : &found->second;
  }

  bool read_values() {
    for (;;) {
      if (next_ >= words_.size()) return !values_.empty();
      const auto value = quantity(words_[next_], site_.numbers);
      if (!value) return false;
      values_.push_back(*value);
      ++next_;
      if (next_ + 1 >= words_.size()) return true;
      const std::string between = range_text(words_[next_]);
      if (between.empty()) return true;
      separators_.push_back(between);
      ++next_;
    }
  }

  // {{convert|5|ft|10|in|m}}
  void read_second_unit(const Unit& from) {
    if (next_ + 1 >= words_.size() || values_.size() != 1) return;
    const auto value = quantity(words_[next_], site_.numbers);
    const Unit* second = unit(words_[next_ + 1]);
    if (!value || second == nullptr || second->kind != from.kind || second->scale >= from.scale) return;
    second_ = second;
    second_value_ = *value;
    next_ += 2;
  }

  template <class Write>
  std::string ranged(Write text_of) const {
    std::string out;
    for (size_t i = 0; i < values_.size(); ++i) out += (i ? separators_[i - 1] : "") + text_of(values_[i]);
    return out;
  }

  // With a symbol, or with a name in the number that the value asks for.
  std::string with_unit(const std::string& number, const Unit& u, bool symbol, bool plural, bool adjective) const {
    if (symbol || u.name.empty()) {
      const bool attached = u.symbol.starts_with("°") && u.symbol.size() == 2;
      return number + (attached || u.symbol == "″" || u.symbol == "′" ? "" : adjective ? "-" : " ") + u.symbol;
    }
    std::string name = plural ? u.plural : u.name;
    if (arguments_.value("sp") == "us")
      for (const auto& [british, american] : {std::pair{"metre", "meter"}, std::pair{"litre", "liter"}})
        if (const size_t at = name.find(british); at != std::string::npos) name.replace(at, 5, american);
    return number + (adjective ? "-" : " ") + name;
  }

  std::string source(const Unit& from, const std::string&) const {
    const bool symbol = abbreviation_ == "on" || abbreviation_ == "in" || abbreviation_ == "~";
    const std::string adj = arguments_.value("adj");
    const bool adjective = (adj == "on" || adj == "mid") && !symbol;
    const std::string number = ranged([](const Quantity& q) { return q.text; });
    if (abbreviation_ == "values" || arguments_.value("disp") == "number") return number;
    const double last = values_.back().value;
    std::string text = with_unit(number, from, symbol, !adjective && !(last == 1 || (last < 1 && last > 0)), adjective);
    if (second_ != nullptr)
      text += " " + with_unit(second_value_.text, *second_, symbol, !adjective && second_value_.value != 1, adjective);
    return adj == "mid" ? text + " " + word_after_units() : text;
  }

  std::string word_after_units() const {
    return next_ < words_.size() && unit(words_.back()) == nullptr ? words_.back() : std::string();
  }

  double in_base(const Quantity& q, const Unit& from) const {
    return q.value * from.scale + from.offset + (second_ ? second_value_.value * second_->scale : 0);
  }

  // The precision of Wikipedia's own module: that of the input, but at least two significant figures.
  int precision(const Quantity& q, const Unit& from, double result) const {
    const int decimals = second_ ? std::max(second_value_.decimals, 0) : q.decimals;
    if (const std::string figures = arguments_.value("sigfig"); !figures.empty()) {
      double n = 0;
      if (parse_number(figures, n, nullptr) && result != 0)
        return static_cast<int>(std::clamp(n, 1.0, 15.0)) - 1 - static_cast<int>(std::floor(std::log10(std::fabs(result)) + kFudge));
    }
    if (const std::string step = arguments_.value("round"); !step.empty()) return 0;
    if (stated_precision_) return *stated_precision_;
    if (from.kind == "temperature") {
      const double kelvin = std::fabs(in_base(q, from));
      const int least = kelvin < 1e-8 ? 2 : 2 - static_cast<int>(std::floor(std::log10(kelvin) + kFudge));
      return std::max(decimals, least);
    }
    if (result == 0 || q.value == 0) return 0;
    const double size = std::log10(std::fabs(result));
    const double input = second_ ? in_base(q, from) / second_->scale : q.value;
    const int least = 1 - static_cast<int>(std::floor(size + kFudge));
    const double shown = decimals + std::log10(std::fabs(input)) - size + kFudge;
    // Heights in feet and inches are given to the centimetre.
    return std::max(static_cast<int>(second_ && from.kind == "length" ? std::round(shown) : std::floor(shown)), least);
  }

  std::string target(const Unit& from, const Unit& to) const {
    const bool symbol = abbreviation_ != "off" && abbreviation_ != "in";
    std::string last_text;
    const std::string numbers = ranged([&](const Quantity& q) {
      const double result = (in_base(q, from) - to.offset) / to.scale;
      last_text = rounded(result, precision(q, from, result), site_.numbers);
      return last_text;
    });
    if (arguments_.value("disp") == "output number only" || abbreviation_ == "values") return numbers;
    return with_unit(numbers, to, symbol, last_text != "1", false);
  }

  std::string feet_and_inches(const Unit& from) const {
    const Unit *feet = unit("ft"), *inches = unit("in");
    if (feet == nullptr || inches == nullptr) return {};
    const bool symbol = abbreviation_ != "off";
    return ranged([&](const Quantity& q) {
      const auto total = static_cast<long long>(std::llround(std::clamp(in_base(q, from) / inches->scale, -1e15, 1e15)));
      std::string text;
      if (total / 12) text = with_unit(format_number(std::to_string(total / 12), site_.numbers), *feet, symbol, total / 12 != 1, false);
      if (total % 12 || text.empty())
        text += (text.empty() ? "" : " ") + with_unit(std::to_string(total % 12), *inches, symbol, total % 12 != 1, false);
      return text;
    });
  }

  // "|ftin", "|km mi", "|km|1" (one decimal), or the unit's own counterpart.
  std::string targets(const Unit& from) {
    std::vector<std::string> codes;
    for (; next_ < words_.size(); ++next_) {
      double digits = 0;
      if (parse_number(words_[next_], digits, nullptr)) {
        stated_precision_ = static_cast<int>(std::clamp(digits, -15.0, 15.0));
      } else if (unit(words_[next_]) != nullptr || words_[next_] == "ftin") {
        codes.push_back(words_[next_]);
      } else {
        std::string piece;
        for (char c : words_[next_] + " ") {
          if (c != ' ' && c != '+') piece += c;
          else if (!piece.empty()) codes.push_back(std::exchange(piece, {}));
        }
      }
    }
    if (codes.empty() && !from.target.empty()) codes.push_back(from.target);
    std::string out;
    for (size_t i = 0; i < codes.size(); ++i) {
      std::string text;
      const Unit* to = unit(codes[i]);
      if (from.kind == "length" && (codes[i] == "ftin" || (codes[i] == "ft" && i + 1 < codes.size() && codes[i + 1] == "in"))) {
        text = feet_and_inches(from);
        i += codes[i] == "ft";
      } else if (to != nullptr && to->kind == from.kind) {
        text = target(from, *to);
      }
      if (!text.empty()) out += (out.empty() ? "" : "; ") + text;
    }
    return out;
  }

  const Arguments& arguments_;
  const Site& site_;
  std::string abbreviation_;
  std::vector<std::string> words_, separators_;
  std::vector<Quantity> values_;
  size_t next_ = 0;
  const Unit* second_ = nullptr;
  Quantity second_value_;
  std::optional<int> stated_precision_;
};

}  // namespace

void convert_measure(const Arguments& arguments, bool abbreviated, const Site& site, std::string& out) {
  Conversion(arguments, abbreviated, site).write(out);
}

}  // namespace kernels::wikitext
