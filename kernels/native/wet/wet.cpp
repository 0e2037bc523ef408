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

// Writes lines one behind the other, "\n" between them. Lines that stand so in the payload are copied together.
class LineWriter {
 public:
  explicit LineWriter(uint8_t* out) : out_(out) {}

  void write(Text line) {
    const bool follows = lines_ > 0 && line.begin == end_ + 1 && *end_ == '\n';
    if (!follows) {
      flush();
      if (lines_ > 0) *out_++ = '\n';
      begin_ = line.begin;
    }
    end_ = line.end;
    ++lines_;
  }

  // Returns the end of what was written.
  uint8_t* flush() {
    out_ = append(out_, begin_, end_);
    begin_ = end_;
    return out_;
  }

  size_t lines() const { return lines_; }

 private:
  uint8_t* out_;
  const uint8_t* begin_ = nullptr;  // of what is not copied yet
  const uint8_t* end_ = nullptr;
  size_t lines_ = 0;
};

void split_record(Text payload, LineWriter& title, LineWriter& body) {
  const bool has_returns = find_byte(payload.begin, payload.end, '\r') != payload.end;
  const uint8_t* p = payload.begin;
  const uint8_t* newline = find_byte(p, payload.end, '\n');
  while (true) {
    if (newline < p) newline = find_byte(p, payload.end, '\n');
    const uint8_t* const line_end = has_returns ? find_byte(p, newline, '\r') : newline;
    const Text line = strip({p, line_end, payload.readable});
    const bool last = line_end == payload.end;
    if (title.lines() == 0)
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

// Writes the record of number `at`, for whose title and body there is room.
void append_record(WetText& result, size_t at, Text payload) {
  uint8_t* const begin = result.text.bytes.end();
  LineWriter title(result.title.bytes.end()), body(begin);
  split_record(payload, title, body);
  result.title.bytes.set_end(title.flush());
  result.title.end_value();
  result.text.bytes.set_end(body.flush());
  result.text.end_value();
  result.lines[at] = to_int32(body.lines());
  result.characters[at] = static_cast<int64_t>(utf8::count_characters(begin, result.text.bytes.end()));
}

}  // namespace

WetText wet_text(const std::vector<Column>& payloads) {
  size_t count = 0, bytes = 0;
  for (const Column& column : payloads) {
    count += column.size();
    bytes += column.total_bytes();
  }
  WetText result{TextBuffer(), TextBuffer(bytes + 2 * count), Buffer<int32_t>(count), Buffer<int64_t>(count),
                 Buffer<int64_t>(count)};
  Buffer<uint8_t> copy;
  size_t at = 0;
  for (const Column& column : payloads) {
    for (size_t i = 0; i < column.size(); ++i, ++at) {
      Text payload = column[i];
      const uint8_t* invalid = utf8::find_invalid(payload.begin, payload.end);
      result.replaced[at] = 0;
      if (invalid != payload.end) {
        result.replaced[at] = replace_invalid(payload, invalid, copy);
        payload = {copy.data(), copy.end(), copy.end()};
      }
      const auto length = static_cast<size_t>(payload.end - payload.begin);
      result.title.bytes.make_room(length);
      result.text.bytes.make_room(length + 1);
      append_record(result, at, payload);
    }
  }
  return result;
}

}  // namespace kernels
