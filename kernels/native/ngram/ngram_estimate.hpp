// Interpolated modified Kneser-Ney probabilities from adjusted counts (Chen & Goodman 1998; Heafield et al. 2013).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "ngram_arpa.hpp"
#include "ngram_count.hpp"

namespace ngram {

// What is taken from an adjusted count of 1, of 2 and of 3 or more.
struct Discount {
  std::array<float, 4> amount{};  // index 0 unused
  bool fallback = false;          // the text is too small or too regular: 0.5, 1 and 1.5 instead of estimates

  float of(std::uint64_t count) const { return amount[count < 3 ? count : 3]; }
};

// Chen & Goodman's equation (26): Y = n1 / (n1 + 2 n2); D_j = j - (j + 1) Y n_{j+1} / n_j.
// Falls back where n1, n2 or n3 is zero, or a discount is over j or not over 0 (lmplz takes a 0, which can make
// back-offs of minus infinity, and those no reader accepts).
Discount discount_from(const OrderStatistics& statistics);

// Consumes the counts and writes the model. Returns the bytes written to temporary files.
// Arithmetic is in single precision, in lmplz's order of operations, so that the two models agree to the last digit.
std::uint64_t write_model(AdjustedCounts& counts, const std::vector<Discount>& discounts, const Vocabulary& vocabulary,
                          const MemoryPlan& plan, const std::string& directory, const std::string& path,
                          const Interrupt& interrupt);

}  // namespace ngram
