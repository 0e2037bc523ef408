#include "lines.hpp"

#include <bit>
#include <stdexcept>
#include <vector>

#include "bytes.hpp"
#include "ccnet_forms.hpp"
#include "offsets.hpp"
#include "sha1.hpp"
#include "utf8.hpp"

namespace kernels {
namespace {

// Keys seen within one document; emptied in constant time between documents.
class SeenKeys {
 public:
  void start(size_t expected) {
    const size_t wanted = std::bit_ceil(2 * expected + 1);
    if (slots_.size() < wanted) {
      slots_.assign(wanted, Slot{});
      round_ = 0;
    }
    // A large document must not make the small ones after it walk over cold memory.
    mask_ = wanted - 1;
    if (++round_ == 0) {
      slots_.assign(slots_.size(), Slot{});
      round_ = 1;
    }
  }

  bool insert(uint64_t key) {
    size_t at = (key * 0x9E3779B97F4A7C15u >> 32) & mask_;
    for (; slots_[at].round == round_; at = (at + 1) & mask_)
      if (slots_[at].key == key) return false;
    slots_[at] = {key, round_};
    return true;
  }

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t round = 0;
  };
  std::vector<Slot> slots_;
  size_t mask_ = 0;
  uint32_t round_ = 0;
};

}  // namespace

int64_t line_offsets(const Column& text, int64_t* offsets) {
  int64_t lines = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    offsets[i] = lines;
    lines += static_cast<int64_t>(count_newlines(text[i].begin, text[i].end)) + 1;
  }
  offsets[text.size()] = lines;
  return lines;
}

void hash_lines(const Column& text, uint64_t* hashes) {
  const NormalForm& form = ccnet::dedup_form();
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
                          const DuplicateSet& duplicates) {
  check_offsets(offsets, text.size(), hash_count);
  RemovedLines result{TextBuffer(text.total_bytes()), {}, {}, Buffer<int32_t>(text.size()),
                      Buffer<int64_t>(text.size())};
  result.line_offsets.push_back(0);
  Buffer<bool> marked;
  SeenKeys seen;
  for (size_t i = 0; i < text.size(); ++i) {
    const Text value = text[i];
    const uint64_t* keys = hashes + offsets[i];
    const auto count = static_cast<size_t>(offsets[i + 1] - offsets[i]);
    if (count != count_newlines(value.begin, value.end) + 1)
      throw std::invalid_argument("offsets and text disagree about the number of lines of a document");
    to_int32(count);
    marked.make_room(count);
    duplicates.contains(keys, count, marked.data());
    seen.start(count);
    const size_t first_survivor = result.line_ids.size();
    uint8_t* const begin = result.text.bytes.end();
    uint8_t* out = begin;
    const uint8_t* p = value.begin;
    for (size_t line = 0; line < count; ++line) {
      const uint8_t* newline = find_byte(p, value.end, '\n');
      if (!marked[line] && seen.insert(keys[line])) {
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
