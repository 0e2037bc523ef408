#include "select_lines.hpp"

#include <stdexcept>

#include "bytes.hpp"
#include "offsets.hpp"
#include "seen_keys.hpp"

namespace kernels {

const NormalForm& lower_form() {
  static const NormalForm form(
      {[](uint32_t code) { return std::u32string{static_cast<char32_t>(code)}; }, false, {}});
  return form;
}

SelectedLines select_lines(const Column& text, const uint64_t* hashes, size_t hash_count, const int64_t* offsets,
                           const bool* keep) {
  check_offsets(offsets, text.size(), hash_count);
  SelectedLines result{TextBuffer(text.total_bytes()), Buffer<int64_t>(text.size()), Buffer<int64_t>(text.size())};
  SeenKeys seen;
  for (size_t i = 0; i < text.size(); ++i) {
    const Text value = text[i];
    const auto count = static_cast<size_t>(offsets[i + 1] - offsets[i]);
    if (count != count_newlines(value.begin, value.end) + 1)
      throw std::invalid_argument("offsets and text disagree about the number of lines of a document");
    result.unselected[i] = result.repeated[i] = 0;
    seen.start(count);
    uint8_t* out = result.text.bytes.end();
    bool first = true;
    const uint8_t* p = value.begin;
    for (int64_t line = offsets[i]; line < offsets[i + 1]; ++line) {
      const uint8_t* newline = find_byte(p, value.end, '\n');
      if (!keep[line]) {
        ++result.unselected[i];
      } else if (!seen.insert(hashes[line])) {
        ++result.repeated[i];
      } else {
        if (!first) *out++ = '\n';
        out = append(out, p, newline);
        first = false;
      }
      p = newline + 1;
    }
    result.text.bytes.set_end(out);
    result.text.end_value();
  }
  return result;
}

}  // namespace kernels
