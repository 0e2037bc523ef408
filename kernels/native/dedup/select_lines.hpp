// C4's deduplication of lines, whose identity is the stripped and lower-cased line.
#pragma once

#include <cstdint>

#include "buffer.hpp"
#include "column.hpp"
#include "normal_form.hpp"

namespace kernels {

// line.strip().lower()
const NormalForm& lower_form();

struct SelectedLines {
  TextBuffer text;
  Buffer<int64_t> unselected;  // lines of each value that were not to be kept
  Buffer<int64_t> repeated;    // lines that were, but are in the value already
};

// Keeps the lines for which `keep` is set, and of those of equal hash in one value the first. `hashes` and `offsets` are
// what hash_lines and line_offsets gave for `text`; throws std::invalid_argument where they cannot be.
SelectedLines select_lines(const Column& text, const uint64_t* hashes, size_t hash_count, const int64_t* offsets,
                           const bool* keep);

}  // namespace kernels
