#include "text.hpp"

#include "bytes.hpp"
#include "utf8.hpp"

namespace kernels {

void count_lines(const Column& text, int64_t* lines) {
  for (size_t i = 0; i < text.size(); ++i) {
    const Text value = text[i];
    lines[i] = value.begin == value.end ? 0 : static_cast<int64_t>(count_newlines(value.begin, value.end)) + 1;
  }
}

void count_characters(const Column& text, int64_t* characters) {
  for (size_t i = 0; i < text.size(); ++i)
    characters[i] = static_cast<int64_t>(utf8::count_characters(text[i].begin, text[i].end));
}

TextBuffer normalize(const Column& text, const NormalForm& form) {
  TextBuffer result(text.total_bytes());
  for (size_t i = 0; i < text.size(); ++i) {
    const Text value = text[i];
    result.bytes.make_room(NormalForm::capacity(static_cast<size_t>(value.end - value.begin)));
    result.bytes.set_end(form.apply(value, result.bytes.end()));
    result.end_value();
  }
  return result;
}

TextBuffer normalize_per_line(const Column& text, const NormalForm& form) {
  TextBuffer result(text.total_bytes());
  for (size_t i = 0; i < text.size(); ++i) {
    const Text value = text[i];
    result.bytes.make_room(NormalForm::capacity(static_cast<size_t>(value.end - value.begin)));
    uint8_t* out = result.bytes.end();
    for (const uint8_t* p = value.begin;; ++p) {
      const uint8_t* newline = find_byte(p, value.end, '\n');
      out = form.apply({p, newline, value.readable}, out);
      if (newline == value.end) break;
      *out++ = '\n';
      p = newline;
    }
    result.bytes.set_end(out);
    result.end_value();
  }
  return result;
}

}  // namespace kernels
