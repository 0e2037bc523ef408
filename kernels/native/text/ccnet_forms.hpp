// The two normal forms of cc_net's text_normalizer.py.
#pragma once

#include "normal_form.hpp"

namespace kernels::ccnet {

// normalize_for_dedup: lower, decimal digits to 0, 34 punctuation characters and the control characters deleted.
const NormalForm& dedup_form();

// normalize: lower, accents stripped (NFD without Mn), decimal digits to 0, the 34 punctuation characters replaced by
// ASCII, the control characters deleted.
const NormalForm& language_model_form();

}  // namespace kernels::ccnet
