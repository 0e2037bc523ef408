// The views and forms of text that every other kernel starts from.
#pragma once

#include <cstdint>

#include "buffer.hpp"
#include "column.hpp"
#include "normal_form.hpp"

namespace kernels {

// Newlines + 1 per value, 0 where it is empty.
void count_lines(const Column& text, int64_t* lines);

void count_characters(const Column& text, int64_t* characters);

// Every value as one piece.
TextBuffer normalize(const Column& text, const NormalForm& form);

// Every line by itself, the newlines between them kept.
TextBuffer normalize_per_line(const Column& text, const NormalForm& form);

}  // namespace kernels
