#include "lines.hpp"

#include <stdexcept>
#include <utility>

#include "bytes.hpp"
#include "offsets.hpp"
#include "seen_keys.hpp"
#include "sha1.hpp"
#include "utf8.hpp"

namespace kernels {

int64_t line_offsets(const Column& text, int64_t* offsets) {
  int64_t lines = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    offsets[i] = lines;
    lines += static_cast<int64_t>(count_newlines(text[i].begin, text[i].end)) + 1;
  }
  offsets[text.size()] = lines;
  return lines;
}

void hash_lines(const Column& text, const NormalForm& form, uint64_t* hashes) {
  const sha1::Compress compress = sha1::best_compress();
  Buffer<uint8_t> scratch;
  for (size_t i = 0; i < text.size(); ++i) {
    const Text value = text[i];
    for (const uint8_t* p = value.begin;; ++p) {
      const uint8_t* newline = find_byte(p, value.end, '\n');
      scratch.make_room(NormalForm::capacity(static_cast<size_t>(newline - p)) + sha1::kPaddingRoom);
      const uint8_t* end = form.apply({p, newline, value.readable}, scratch.data());
      const auto length = static_cast<size_t>(end - scratch.data());
      *hashes++ = sha1::key_of(sha1::hash_in_place(scratch.data(), length, compress));
      if (newline == value.end) break;
      p = newline;
    }
  }
}

RemovedLines remove_lines(const Column& text, const uint64_t* hashes, size_t hash_count, const int64_t* offsets,
                          const DuplicateSet& duplicates, uint8_t* spared) {
  check_offsets(offsets, text.size(), hash_count);
  RemovedLines result{TextBuffer(text.total_bytes()), {}, {}, Buffer<int32_t>(text.size()),
                      Buffer<int64_t>(text.size())};
  result.line_offsets.push_back(0);
  Buffer<size_t> found;
  SeenKeys seen;
  for (size_t i = 0; i < text.size(); ++i) {
    const Text value = text[i];
    const uint64_t* keys = hashes + offsets[i];
    const auto count = static_cast<size_t>(offsets[i + 1] - offsets[i]);
    if (count != count_newlines(value.begin, value.end) + 1)
      throw std::invalid_argument("offsets and text disagree about the number of lines of a document");
    to_int32(count);
    found.make_room(count);
    duplicates.find(keys, count, found.data());
    seen.start(count);
    const size_t first_survivor = result.line_ids.size();
    uint8_t* const begin = result.text.bytes.end();
    uint8_t* out = begin;
    const uint8_t* p = value.begin;
    for (size_t line = 0; line < count; ++line) {
      const uint8_t* newline = find_byte(p, value.end, '\n');
      const size_t duplicate = found[line];
      const bool stays = duplicate == DuplicateSet::kAbsent || (spared && std::exchange(spared[duplicate], 0));
      if (stays && seen.insert(keys[line])) {
        if (result.line_ids.size() > first_survivor) *out++ = '\n';
        out = append(out, p, newline);
        result.line_ids.push_back(static_cast<int32_t>(line));
      }
      p = newline + 1;
    }
    result.text.bytes.set_end(out);
    result.text.end_value();
    result.line_offsets.push_back(to_int32(result.line_ids.size()));
    result.lines[i] = static_cast<int32_t>(result.line_ids.size() - first_survivor);
    result.characters[i] = static_cast<int64_t>(utf8::count_characters(begin, out));
  }
  return result;
}

}  // namespace kernels
