#include "ccnet_forms.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace kernels::ccnet {
namespace {

struct Punctuation {
  char32_t code;
  std::u32string_view replacement;
};

// Fullwidth one stands for a quotation mark in the original. It never acts: digits are zeroed before.
constexpr Punctuation kPunctuation[] = {
    {U'，', U","}, {U'。', U"."}, {U'、', U","},   {U'„', U"\""}, {U'”', U"\""},  {U'“', U"\""},  {U'«', U"\""},
    {U'»', U"\""}, {U'１', U"\""}, {U'」', U"\""}, {U'「', U"\""}, {U'《', U"\""}, {U'》', U"\""}, {U'´', U"'"},
    {U'∶', U":"},  {U'：', U":"}, {U'？', U"?"},   {U'！', U"!"}, {U'（', U"("},  {U'）', U")"},  {U'；', U";"},
    {U'–', U"-"},  {U'—', U" - "}, {U'．', U". "}, {U'～', U"~"}, {U'’', U"'"},   {U'…', U"..."}, {U'━', U"-"},
    {U'〈', U"<"}, {U'〉', U">"}, {U'【', U"["},   {U'】', U"]"}, {U'％', U"%"},  {U'►', U"-"},
};
static_assert(std::size(kPunctuation) == 34);

bool is_control(uint32_t code) { return code < 32 || (127 <= code && code < 160); }

const Punctuation* find_punctuation(uint32_t code) {
  const Punctuation* found = std::find_if(std::begin(kPunctuation), std::end(kPunctuation),
                                          [code](const Punctuation& row) { return row.code == code; });
  return found == std::end(kPunctuation) ? nullptr : found;
}

std::u32string finish_dedup(uint32_t code) {
  if (unicode::is_decimal_digit(code)) return U"0";
  if (is_control(code) || find_punctuation(code)) return {};
  return {static_cast<char32_t>(code)};
}

std::u32string finish_language_model(uint32_t code) {
  if (unicode::is_decimal_digit(code)) return U"0";
  if (is_control(code)) return {};
  if (const Punctuation* found = find_punctuation(code)) return std::u32string(found->replacement);
  return {static_cast<char32_t>(code)};
}

std::vector<uint32_t> touched() {
  std::vector<uint32_t> codes;
  for (const Punctuation& row : kPunctuation) codes.push_back(row.code);
  for (uint32_t code = 0; code < 160; ++code)
    if (is_control(code)) codes.push_back(code);
  return codes;
}

}  // namespace

const NormalForm& dedup_form() {
  static const NormalForm form({finish_dedup, false, touched()});
  return form;
}

const NormalForm& language_model_form() {
  static const NormalForm form({finish_language_model, true, touched()});
  return form;
}

}  // namespace kernels::ccnet
