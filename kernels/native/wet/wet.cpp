#include "wet.hpp"

#include <iterator>

#include "bytes.hpp"
#include "normal_form.hpp"
#include "utf8.hpp"

namespace kernels {
namespace {

// Copies `value` with every ill-formed sequence replaced, from the first one on. Returns how many there were.
int64_t replace_invalid(Text value, const uint8_t* invalid, Buffer<uint8_t>& copy) {
  copy.set_end(copy.data());
  copy.make_room(3 * static_cast<size_t>(value.end - value.begin));
  uint8_t* out = copy.data();
  int64_t replaced = 0;
  for (const uint8_t* p = value.begin;; invalid = utf8::find_invalid(p, value.end)) {
    out = append(out, p, invalid);
    if (invalid == value.end) break;
    p = invalid + utf8::decode(invalid, value.end).length;
    out = append(out, utf8::kReplacementBytes, std::end(utf8::kReplacementBytes));
    ++replaced;
  }
  copy.set_end(out);
  return replaced;
}

const uint8_t* find_line_end(const uint8_t* p, const uint8_t* end) {
  while (static_cast<size_t>(end - p) >= kBlock) {
    const Block block = load_block(p);
    const size_t at = first_set((block == '\n') | (block == '\r'));
    p += at;
    if (at < kBlock) return p;
  }
  while (p < end && *p != '\n' && *p != '\r') ++p;
  return p;
}

// Writes lines one behind the other, "\n" between them.
struct LineWriter {
  uint8_t* out;
  size_t lines = 0;

  void write(Text line) {
    if (lines++) *out++ = '\n';
    out = append(out, line.begin, line.end);
  }
};

void split_record(Text payload, LineWriter& title, LineWriter& body) {
  const uint8_t* p = payload.begin;
  while (true) {
    const uint8_t* line_end = find_line_end(p, payload.end);
    const Text line = strip({p, line_end, payload.readable});
    const bool first = title.lines == 0, last = line_end == payload.end;
    if (first)
      title.write(line);
    else if (!last || line.begin < line.end)
      body.write(line);
    if (last) {
      if (line.begin < line.end) body.write({line_end, line_end, payload.readable});
      return;
    }
    p = line_end + (*line_end == '\r' && line_end + 1 < payload.end && line_end[1] == '\n' ? 2 : 1);
  }
}

}  // namespace

WetText wet_text(const Column& payloads) {
  const size_t count = payloads.size();
  WetText result{TextBuffer(), TextBuffer(payloads.total_bytes() + 2 * count), Buffer<int32_t>(count),
                 Buffer<int64_t>(count), Buffer<int64_t>(count)};
  Buffer<uint8_t> copy;
  for (size_t i = 0; i < count; ++i) {
    Text payload = payloads[i];
    const uint8_t* invalid = utf8::find_invalid(payload.begin, payload.end);
    result.replaced[i] = 0;
    if (invalid != payload.end) {
      result.replaced[i] = replace_invalid(payload, invalid, copy);
      payload = {copy.data(), copy.end(), copy.end()};
    }
    const auto length = static_cast<size_t>(payload.end - payload.begin);
    result.title.bytes.make_room(length);
    result.text.bytes.make_room(length + 1);
    const uint8_t* const begin = result.text.bytes.end();
    LineWriter title{result.title.bytes.end()}, body{result.text.bytes.end()};
    split_record(payload, title, body);
    result.title.bytes.set_end(title.out);
    result.title.end_value();
    result.text.bytes.set_end(body.out);
    result.text.end_value();
    result.lines[i] = to_int32(body.lines);
    result.characters[i] = static_cast<int64_t>(utf8::count_characters(begin, body.out));
  }
  return result;
}

}  // namespace kernels
