#include "unigram_encoder.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

#include "bytes.hpp"

namespace kernels::unigram {
namespace {

constexpr float kUnknownPenalty = 10;
constexpr size_t kGroup = 32;  // words that are looked up together
constexpr size_t kPadding = std::max({kBlock, kLongestCached, Lattice::kPadding});  // readable bytes behind the text

// A symbol that the user defined beats every other segmentation of its characters.
float user_defined_score(size_t bytes) { return static_cast<float>(0.1 * static_cast<double>(bytes - 1)); }

bool is_matched(const Piece& piece) { return piece.type == PieceType::kNormal || piece.type == PieceType::kUserDefined; }

// The piece as it occurs where ' ' stands for the space symbol; empty if it cannot occur.
std::string with_spaces(const std::string& piece) {
  if (piece.find(' ') != std::string::npos) return {};
  std::string result;
  size_t begin = 0;
  for (size_t at; (at = piece.find(kSpaceSymbol, begin)) != std::string::npos; begin = at + kSpaceSymbol.size())
    result.append(piece, begin, at - begin).push_back(' ');
  return result.append(piece, begin);
}

const uint8_t* find_space(const uint8_t* p, const uint8_t* end) {  // a block beyond `end` is readable
  for (; p < end; p += kBlock)
    if (const size_t at = first_set(load_block(p) == ' '); at < kBlock) return std::min(p + at, end);
  return end;
}

}  // namespace

Encoder::Encoder(Model model) : model_(std::move(model)), normalizer_(model_) {
  float least = std::numeric_limits<float>::max();
  std::vector<Trie::Entry> entries;
  texts_.reserve(model_.pieces.size());
  for (const Piece& piece : model_.pieces) {
    const auto id = static_cast<int32_t>(scores_.size());
    if (piece.type == PieceType::kNormal) least = std::min(least, piece.score);
    if (piece.type == PieceType::kByte) byte_pieces_[byte_of(piece.text)] = id;
    scores_.push_back(piece.type == PieceType::kUserDefined ? user_defined_score(piece.text.size()) : piece.score);
    texts_.push_back(!is_matched(piece) ? "" : model_.escape_whitespaces ? with_spaces(piece.text) : piece.text);
    if (texts_.back().empty()) continue;
    entries.push_back({texts_.back(), id, scores_.back()});
    words_are_apart_ &= texts_.back().find(' ', 1) == std::string::npos;
  }
  unknown_score_ = least - kUnknownPenalty;
  words_are_apart_ &= model_.escape_whitespaces;
  lattice_ = Lattice(std::move(entries), unknown_score_);
  constexpr double kRounding = 1.01;
  most_of_group_ = static_cast<float>(kRounding * kGroup * kMostCachedPieces * lattice_.largest_score());
}

void Encoder::start(Text text) {
  normal_.clear();
  normalizer_.apply(text, normal_);
  if (normal_.size() > std::numeric_limits<uint32_t>::max()) throw std::length_error("a text of more than 4 GiB");
  normal_.make_room(kPadding);
  std::fill_n(normal_.end(), kPadding, uint8_t{0});
  encoded_ = 0;
  score_before_ = 0;
}

bool Encoder::next(Encoding& encoding) {
  encoding.clear();
  // A run of characters that no piece covers is one piece, even where it goes on in the next word.
  do {
    if (encoded_ == normal_.size()) break;
    if (words_are_apart_) {
      encode_group(encoding);
    } else {
      encode_exactly(normal_.data(), normal_.size(), encoding);
      encoded_ = normal_.size();
    }
  } while (encoding.ids.size() == 0 || encoding.ids.end()[-1] == kUnknownPiece);
  return encoding.ids.size() > 0;
}

// The cache is larger than the processor's caches, so several words are on the way from memory at a time.
void Encoder::encode_group(Encoding& encoding) {
  struct Waiting {
    const uint8_t* word;
    size_t size;
    CachedWord* places;  // null for a word too long for the cache
    WordKey key;
  };
  Waiting waiting[kGroup];
  const uint8_t *p = normal_.data() + encoded_, *end = normal_.end();
  size_t count = 0;
  for (; count < kGroup && p < end; ++count) {
    const uint8_t* next = find_space(p + 1, end);
    const auto size = static_cast<size_t>(next - p);
    const WordKey key = make_key(p, std::min(size, kLongestCached));
    waiting[count] = {p, size, size <= kLongestCached ? cache_.places(key) : nullptr, key};
    p = next;
  }
  encoded_ = static_cast<size_t>(p - normal_.data());
  summed_up_ = encoding.ids.size();
  float furthest = std::fabs(score_before_) + most_of_group_;
  for (size_t i = 0; i < count; ++i) {
    const auto& [word, size, places, key] = waiting[i];
    const CachedWord* known = places ? WordCache::find(places, key, size) : nullptr;
    if (places && !known) known = &fill(places[0], key, word, size);
    if (known && known->all_known && furthest <= known->limit) {
      emit(*known, encoding);
      continue;
    }
    sum_up(encoding);
    if (known && std::fabs(score_before_) <= known->limit)
      known->all_known ? emit(*known, encoding) : emit_with_unknown(*known, word, encoding);
    else
      encode_exactly(word, size, encoding);
    furthest = std::fabs(score_before_) + most_of_group_;
  }
  sum_up(encoding);
}

// Each addition waits for the one before, so they are made together where no word's limit may be near.
void Encoder::sum_up(const Encoding& encoding) {
  for (; summed_up_ < encoding.ids.size(); ++summed_up_)
    score_before_ += scores_[static_cast<size_t>(encoding.ids[summed_up_])];
}

CachedWord& Encoder::fill(CachedWord& place, const WordKey& key, const uint8_t* word, size_t size) {
  lattice_.find(word, size, 0);
  place = {key.chunks, static_cast<uint8_t>(size), 0, true, lattice_.certain_up_to(), {}};
  if (lattice_.path().size() > kMostCachedPieces) {
    place.limit = -1;
    return place;
  }
  for (const PathPiece& piece : lattice_.path()) {
    place.all_known &= piece.id >= 0;
    place.pieces[place.piece_count++] = piece.id >= 0 ? piece.id : -static_cast<int32_t>(piece.end - piece.begin);
  }
  return place;
}

void Encoder::emit(const CachedWord& known, Encoding& encoding) {
  encoding.ids.make_room(kMostCachedPieces);
  std::memcpy(encoding.ids.end(), known.pieces.data(), sizeof known.pieces);
  encoding.ids.set_end(encoding.ids.end() + known.piece_count);
}

void Encoder::emit_with_unknown(const CachedWord& known, const uint8_t* word, Encoding& encoding) {
  for (size_t i = 0; i < known.piece_count; ++i) {
    const int32_t id = known.pieces[i];
    score_before_ += id < 0 ? unknown_score_ : scores_[static_cast<size_t>(id)];
    if (id >= 0) {
      encoding.ids.push_back(id);
      word += texts_[static_cast<size_t>(id)].size();
    } else {
      emit_unknown(word, word - id, encoding);
      word -= id;
    }
  }
  summed_up_ = encoding.ids.size();
}

void Encoder::encode_exactly(const uint8_t* text, size_t size, Encoding& encoding) {
  score_before_ = lattice_.find(text, size, score_before_);
  encoding.ids.make_room(lattice_.path().size());
  for (const PathPiece& piece : lattice_.path()) {
    if (piece.id >= 0)
      encoding.ids.push_back(piece.id);
    else
      emit_unknown(text + piece.begin, text + piece.end, encoding);
  }
  summed_up_ = encoding.ids.size();
}

void Encoder::emit_unknown(const uint8_t* begin, const uint8_t* end, Encoding& encoding) const {
  const std::string_view bytes(reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin));
  std::string text = model_.escape_whitespaces ? with_space_symbols(bytes) : std::string(bytes);
  if (model_.byte_fallback) {
    for (const char byte : text) encoding.ids.push_back(byte_pieces_[static_cast<uint8_t>(byte)]);
  } else if (encoding.ids.size() && encoding.ids.end()[-1] == kUnknownPiece) {
    encoding.unknown.back() += text;
  } else {
    encoding.ids.push_back(kUnknownPiece);
    encoding.unknown.push_back(std::move(text));
  }
}

}  // namespace kernels::unigram
