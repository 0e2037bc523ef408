#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

#include "wikitext_expander.hpp"

namespace kernels::wikitext {
namespace {

// The operators of #expr by how tightly they bind, loosest first; each level is left-associative.
class Expression {
 public:
  explicit Expression(std::string_view text) : rest_(text) {}

  bool parse(double& value) {
    value = binary(0);
    skip();
    return ok_ && rest_.empty() && std::isfinite(value);
  }

 private:
  static constexpr int kDeepest = 64, kLevels = 6;

  void skip() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  bool take(std::string_view token) {
    skip();
    if (!starts_with_any_case(rest_, token)) return false;
    const auto is_letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
    if (is_letter(token.back()) && rest_.size() > token.size() && is_letter(rest_[token.size()])) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  double fail() {
    ok_ = false;
    return 0;
  }

  bool apply(int level, double& left) {
    const auto with = [&](auto operation) {
      left = operation(left, binary(level + 1));
      return true;
    };
    switch (level) {
      case 0:
        if (take("or")) return with([](double a, double b) { return a != 0 || b != 0; });
        return take("and") && with([](double a, double b) { return a != 0 && b != 0; });
      case 1:
        if (take("!=") || take("<>")) return with([](double a, double b) { return a != b; });
        if (take("<=")) return with([](double a, double b) { return a <= b; });
        if (take(">=")) return with([](double a, double b) { return a >= b; });
        if (take("=")) return with([](double a, double b) { return a == b; });
        if (take("<")) return with([](double a, double b) { return a < b; });
        return take(">") && with([](double a, double b) { return a > b; });
      case 2:
        return take("round") && with([](double a, double b) {
                 const double scale = std::pow(10.0, std::trunc(std::min(std::max(b, -300.0), 300.0)));
                 return std::round(a * scale) / scale;
               });
      case 3:
        if (take("+")) return with([](double a, double b) { return a + b; });
        return (take("-") || take("−")) && with([](double a, double b) { return a - b; });
      case 4:
        if (take("*")) return with([](double a, double b) { return a * b; });
        if (take("/") || take("div")) return with([](double a, double b) { return a / b; });
        return take("mod") && with([](double a, double b) { return std::fmod(std::trunc(a), std::trunc(b)); });
      default:
        return take("^") && with([](double a, double b) { return std::pow(a, b); });
    }
  }

  double binary(int level) {
    if (level == kLevels) return unary();
    double left = binary(level + 1);
    while (ok_ && apply(level, left)) {
    }
    return left;
  }

  double unary() {
    if (++depth_ > kDeepest) return fail();
    const double value = operand();
    --depth_;
    return value;
  }

  double operand() {
    skip();
    if (rest_.empty()) return fail();
    if (take("(")) {
      const double value = binary(0);
      return take(")") ? value : fail();
    }
    if (take("-") || take("−")) return -unary();
    if (take("+")) return unary();
    if (take("not")) return unary() == 0;
    if (take("pi")) return std::numbers::pi;
    if (take("floor")) return std::floor(unary());
    if (take("ceil")) return std::ceil(unary());
    if (take("trunc")) return std::trunc(unary());
    if (take("abs")) return std::fabs(unary());
    if (take("sqrt")) return std::sqrt(unary());
    if (take("ln")) return std::log(unary());
    if (take("exp")) return std::exp(unary());
    if (take("sin")) return std::sin(unary());
    if (take("cos")) return std::cos(unary());
    if (take("tan")) return std::tan(unary());
    return number();
  }

  double number() {
    size_t length = 0;
    while (length < rest_.size() && length < 40 && ((rest_[length] >= '0' && rest_[length] <= '9') || rest_[length] == '.'))
      ++length;
    if (length == 0) return fail();
    double value = std::strtod(std::string(rest_.substr(0, length)).c_str(), nullptr);
    rest_.remove_prefix(length);
    if (take("e")) value *= std::pow(10.0, unary());
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
  int depth_ = 0;
};

}  // namespace

bool evaluate(std::string_view expression, double& value) { return Expression(expression).parse(value); }

std::string plain_number(double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.12g", value == 0 ? 0.0 : value);
  return buffer;
}

}  // namespace kernels::wikitext
