// A sentencepiece `.model` file of the unigram type: what encoding needs of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kernels::unigram {

// As numbered in sentencepiece_model.proto.
enum class PieceType : uint8_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };

struct Piece {
  std::string text;
  float score = 0;
  PieceType type = PieceType::kNormal;
};

inline constexpr std::string_view kSpaceSymbol = "\xE2\x96\x81";  // U+2581, which stands for a space in pieces

struct Model {
  std::vector<Piece> pieces;  // a piece's place is its id
  bool byte_fallback = false;
  bool whitespace_as_suffix = false;
  std::string charsmap;  // the normaliser's rules; empty when there are none
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;
};

// The byte that a piece such as <0x0A> stands for; -1 for other pieces.
int byte_of(std::string_view piece);

// Parses a file and checks it as sentencepiece 0.2 does when loading; beyond that, pieces must be UTF-8. Throws
// InvalidModel, and UnsupportedModel for models of another type than unigram.
Model read_model(std::string_view file);

}  // namespace kernels::unigram
