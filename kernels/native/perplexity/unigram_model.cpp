#include "unigram_model.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <iterator>
#include <unordered_set>
#include <utility>

#include "bytes.hpp"
#include "model_error.hpp"
#include "utf8.hpp"

namespace kernels::unigram {
namespace {

constexpr size_t kLongestPiece = 8000;  // bytes; sentencepiece refuses longer ones
constexpr size_t kBytes = 256;
constexpr std::string_view kNullPiece("\0", 1);

enum Wire : uint8_t { kVarint = 0, kFixed64 = 1, kDelimited = 2, kFixed32 = 5 };

struct Field {
  uint64_t number;
  Wire wire;
  uint64_t value;          // of kVarint and kFixed32
  std::string_view bytes;  // of kDelimited

  // A field of another wire type than its declared one counts as unknown.
  bool is(uint64_t wanted, Wire wanted_wire) const { return number == wanted && wire == wanted_wire; }
};

// The fields of a protocol buffer message, in the order of the file.
class Message {
 public:
  explicit Message(std::string_view rest) : rest_(rest) {}

  // False at the end.
  bool next(Field& field) {
    if (rest_.empty()) return false;
    const uint64_t key = varint();
    field = {key >> 3, static_cast<Wire>(key & 7), 0, {}};
    if (field.number == 0 || field.number >> 29) throw InvalidModel("a field without a number");
    switch (field.wire) {
      case kVarint:
        field.value = varint();
        break;
      case kFixed64:
        take(8);
        break;
      case kFixed32:
        std::memcpy(&field.value, take(4).data(), 4);
        break;
      case kDelimited:
        field.bytes = take(varint());
        break;
      default:
        throw InvalidModel("a field of no known kind");
    }
    return true;
  }

 private:
  uint64_t varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      const auto byte = static_cast<uint8_t>(take(1)[0]);
      value |= shift < 64 ? uint64_t{byte & 0x7Fu} << shift : 0;
      if (byte < 0x80) return value;
    }
    throw InvalidModel("a number does not end");
  }

  std::string_view take(uint64_t count) {
    if (count > rest_.size()) throw InvalidModel("the file ends inside a field");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_;
};

Piece read_piece(std::string_view bytes) {
  Piece piece;
  Message message(bytes);
  for (Field field; message.next(field);) {
    if (field.is(1, kDelimited)) piece.text = field.bytes;
    if (field.is(2, kFixed32)) piece.score = std::bit_cast<float>(static_cast<uint32_t>(field.value));
    if (field.is(3, kVarint) && field.value - 1 < 6) piece.type = static_cast<PieceType>(field.value);
  }
  return piece;
}

void read_trainer(std::string_view bytes, Model& model, uint64_t& model_type) {
  Message message(bytes);
  for (Field field; message.next(field);) {
    if (field.is(3, kVarint)) model_type = field.value;
    if (field.is(24, kVarint)) model.whitespace_as_suffix = field.value != 0;
    if (field.is(35, kVarint)) model.byte_fallback = field.value != 0;
  }
}

void read_normalizer(std::string_view bytes, Model& model) {
  Message message(bytes);
  for (Field field; message.next(field);) {
    if (field.is(2, kDelimited)) model.charsmap = field.bytes;
    if (field.is(3, kVarint)) model.add_dummy_prefix = field.value != 0;
    if (field.is(4, kVarint)) model.remove_extra_whitespaces = field.value != 0;
    if (field.is(5, kVarint)) model.escape_whitespaces = field.value != 0;
  }
}

bool is_reserved(PieceType type) {
  return type == PieceType::kUnknown || type == PieceType::kControl || type == PieceType::kByte;
}

void check_text(const Piece& piece) {
  const auto* begin = reinterpret_cast<const uint8_t*>(piece.text.data());
  const uint8_t* end = begin + piece.text.size();
  if (piece.text.empty()) throw InvalidModel("an empty piece");
  if (piece.text.size() >= kLongestPiece) throw InvalidModel("a piece of 8,000 bytes or more");
  if (piece.text.find('\0') != std::string::npos) throw InvalidModel("a piece that holds a zero byte");
  if (utf8::find_invalid(begin, end) != end) throw InvalidModel("a piece that is not UTF-8");
}

void check_pieces(const Model& model) {
  std::unordered_set<std::string_view> usual, reserved;
  size_t unknown = 0, bytes = 0;
  for (const Piece& piece : model.pieces) {
    if (!std::isfinite(piece.score)) throw InvalidModel("a piece whose score is not a number");
    if (piece.text == kNullPiece && piece.type == PieceType::kUnused) continue;
    check_text(piece);
    if (!(is_reserved(piece.type) ? reserved : usual).insert(piece.text).second)
      throw InvalidModel("the piece " + piece.text + " occurs twice");
    if (piece.type == PieceType::kUnknown && unknown++) throw InvalidModel("two pieces for unknown characters");
    if (piece.type == PieceType::kByte && (!model.byte_fallback || byte_of(piece.text) < 0))
      throw InvalidModel("a byte piece where none belongs");
    bytes += piece.type == PieceType::kByte;
  }
  if (usual.empty()) throw InvalidModel("no pieces");
  if (!unknown && !model.byte_fallback) throw InvalidModel("no piece for unknown characters");
  if (model.byte_fallback && bytes != kBytes) throw InvalidModel("less than 256 byte pieces");
}

}  // namespace

int byte_of(std::string_view piece) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return -1;
  const int high = digit(piece[3]), low = digit(piece[4]);
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

Model read_model(std::string_view file) {
  Model model;
  uint64_t model_type = 1;
  Message message(file);
  for (Field field; message.next(field);) {
    if (field.is(1, kDelimited)) model.pieces.push_back(read_piece(field.bytes));
    if (field.is(2, kDelimited)) read_trainer(field.bytes, model, model_type);
    if (field.is(3, kDelimited)) read_normalizer(field.bytes, model);
  }
  if (model.pieces.empty()) throw InvalidModel("no pieces");
  constexpr const char* kTypes[] = {"unigram", "BPE", "word", "character"};
  if (model_type - 1 >= std::size(kTypes)) throw InvalidModel("an unknown type of model");
  if (model_type != 1) throw UnsupportedModel(std::string("a ") + kTypes[model_type - 1] + " model, not a unigram one");
  if (model.byte_fallback)  // conversion scripts leave such a piece behind; sentencepiece ignores it
    for (Piece& piece : model.pieces)
      if (piece.text == kNullPiece) piece.type = PieceType::kUnused;
  check_pieces(model);
  return model;
}

}  // namespace kernels::unigram
