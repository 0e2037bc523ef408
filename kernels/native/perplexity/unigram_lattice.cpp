#include "unigram_lattice.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace kernels::unigram {
namespace {

constexpr float kScoreReset = 100'000;  // where sentencepiece's sums start again from 0

size_t character_length(uint8_t lead) { return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4; }

}  // namespace

Lattice::Lattice(std::vector<Trie::Entry> pieces, float unknown_score)
    : unknown_score_(unknown_score), largest_score_(std::fabs(unknown_score)) {
  for (const Trie::Entry& piece : pieces) largest_score_ = std::max(largest_score_, std::fabs(double{piece.score}));
  trie_ = Trie(std::move(pieces));
}

float Lattice::find(const uint8_t* text, size_t size, float score_before) {
  best_.assign(size + 1 + kPadding, {Trie::kNothing, Trie::kNothing, 0});
  best_[0].score = score_before;
  size_t furthest = 0;
  // Adds a way to `end`. Which way is best nobody can foresee, the processor neither: there is no branch.
  const auto add = [this](size_t begin, size_t end, float score, Trie::Node node) {
    Best& best = best_[end];
    const uint64_t last = uint64_t{node} << 32 | begin, better = 0 - static_cast<uint64_t>(score > best.score);
    best.second = std::max(best.second, std::min(best.score, score));
    best.score = std::max(best.score, score);
    best.last ^= (best.last ^ last) & better;
  };
  for (size_t begin = 0; begin < size;) {
    if (std::fabs(best_[begin].score) > kScoreReset) {
      const float offset = best_[begin].score;
      for (size_t at = begin; at <= furthest; ++at) best_[at].score -= offset;
    }
    const float before = best_[begin].score;
    const size_t length = std::min(character_length(text[begin]), size - begin);
    static_assert(kPadding >= 4, "the longest character");
    // Most walks through the trie end soon. The first steps are made whether they lead anywhere or not.
    float scores[kPadding];
    Trie::Node node = Trie::kRoot;
    for (size_t step = 0; step < kPadding; ++step) {
      node = trie_.child(node, text[begin + step]);
      scores[step] = trie_.score(node);
      add(begin, begin + step + 1, before + scores[step], node);
    }
    size_t end = begin + kPadding;
    while (node && (node = trie_.child(node, text[end])))
      if (const float score = trie_.score(node); ++end, score > Trie::kNothing) add(begin, end, before + score, node);
    if (scores[length - 1] == Trie::kNothing) add(begin, begin + length, before + unknown_score_, Trie::kNone);
    furthest = std::min(std::max(furthest, end), size);
    begin += length;
  }
  trace_back(size);
  return best_[size].score;
}

void Lattice::trace_back(size_t size) {
  path_.clear();
  for (auto end = static_cast<uint32_t>(size); end > 0; end = path_.back().begin) {
    const auto node = static_cast<Trie::Node>(best_[end].last >> 32);
    path_.push_back({node ? trie_.value(node) : kUnknownPiece, static_cast<uint32_t>(best_[end].last), end});
  }
  std::reverse(path_.begin(), path_.end());
}

// A sum of n floats none of whose parts is larger than r errs by n * 2^-24 * r, and so does the one it is compared with.
// The sums found here err so too, with `reach` for r; with a score before them r is larger by that.
float Lattice::certain_up_to() const {
  constexpr double kSlack = 1.1, kRounding = 0x1p-23;
  const auto size = static_cast<double>(path_.back().end);
  double lead = std::numeric_limits<double>::infinity();
  for (const PathPiece& piece : path_)
    lead = std::min(lead, double{best_[piece.end].score} - double{best_[piece.end].second});
  const double reach = size * largest_score_;
  const double certain = std::min(lead / (kSlack * kRounding * size), kScoreReset / kSlack) - 2 * reach;
  return static_cast<float>(std::max(certain, -1.0));
}

}  // namespace kernels::unigram
