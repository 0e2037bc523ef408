#include "unigram_normalizer.hpp"

#include <cstring>
#include <string>

#include "bytes.hpp"
#include "utf8.hpp"

namespace kernels::unigram {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::string_view view(const uint8_t* p, size_t size) { return {reinterpret_cast<const char*>(p), size}; }

void append_bytes(std::string_view bytes, Buffer<uint8_t>& out) {
  out.make_room(bytes.size());
  const auto* begin = reinterpret_cast<const uint8_t*>(bytes.data());
  out.set_end(kernels::append(out.end(), begin, begin + bytes.size()));
}

Trie user_defined_pieces(const Model& model) {
  std::vector<Trie::Entry> entries;
  for (const Piece& piece : model.pieces)
    if (piece.type == PieceType::kUserDefined) entries.push_back({piece.text, 0, 0});
  return Trie(std::move(entries));
}

}  // namespace

Normalizer::Normalizer(const Model& model)
    : charsmap_(model.charsmap),
      user_defined_(user_defined_pieces(model)),
      prefix_space_(model.add_dummy_prefix && !model.whitespace_as_suffix),
      suffix_space_(model.add_dummy_prefix && model.whitespace_as_suffix),
      squeeze_(model.remove_extra_whitespaces),
      escape_(model.escape_whitespaces) {
  for (uint8_t byte = 0; byte < 0x80; ++byte) {
    plain_[byte] = !charsmap_.may_change(byte) && !user_defined_.child(Trie::kRoot, byte);
    if (byte >= 0x20 && byte < 0x7F) printable_is_plain_ &= plain_[byte];
  }
  for (const Piece& piece : model.pieces) has_user_defined_ |= piece.type == PieceType::kUserDefined;
}

void Normalizer::apply(Text text, Buffer<uint8_t>& out) const {
  const uint8_t *p = text.begin, *end = text.end;
  while (squeeze_ && p < end) {
    const Prefix first = prefix(p, end);
    if (first.text != " ") break;
    p += first.length;
  }
  if (p == end) return;
  const size_t begin = out.size();
  if (prefix_space_) append(" ", out);
  bool after_space = squeeze_;
  while (p < end) {
    if (const uint8_t* plain = plain_end(p, end); plain > p) {
      append_plain(p, plain, after_space, out);
      after_space = squeeze_ && plain[-1] == ' ';
      p = plain;
      continue;
    }
    const Prefix next = prefix(p, end);
    std::string_view replaced = next.text;
    while (after_space && replaced.starts_with(' ')) replaced.remove_prefix(1);
    append(replaced, out);
    if (!replaced.empty()) after_space = squeeze_ && replaced.ends_with(' ');
    p += next.length;
  }
  if (squeeze_) strip_end(begin, out);
  if (suffix_space_) append(" ", out);
}

Normalizer::Prefix Normalizer::prefix(const uint8_t* p, const uint8_t* end) const {
  if (has_user_defined_)
    if (const size_t length = user_defined_.longest_prefix(p, end)) return {view(p, length), length};
  if (const CharsMap::Match match = charsmap_.longest(p, end); match.length) return {match.replacement, match.length};
  const utf8::Decoded character = utf8::decode(p, end);
  return character.valid ? Prefix{view(p, character.length), character.length} : Prefix{kReplacement, 1};
}

// End of the run at p that needs no look at the rules. A rule may join an ASCII character to one that follows and is
// not ASCII, so the last before such a one is left out.
const uint8_t* Normalizer::plain_end(const uint8_t* p, const uint8_t* end) const {
  const uint8_t* at = p;
  if (printable_is_plain_) {
    while (static_cast<size_t>(end - at) >= kBlock) {
      const Block block = load_block(at);
      const size_t printable = first_set((block < 0x20) | (block == 0x7F));
      at += printable;
      if (printable < kBlock) break;
    }
  }
  while (at < end && *at < 0x80 && plain_[*at]) ++at;
  return at < end && *at >= 0x80 && at > p ? at - 1 : at;
}

// Copies plain characters; of spaces in a row the first only, or none after a space, where spaces are squeezed.
void Normalizer::append_plain(const uint8_t* p, const uint8_t* end, bool after_space, Buffer<uint8_t>& out) const {
  out.make_room(static_cast<size_t>(end - p) + kBlock);
  uint8_t* to = out.end();
  if (!squeeze_) {
    out.set_end(kernels::append(to, p, end));
    return;
  }
  while (p < end) {
    const size_t left = static_cast<size_t>(end - p);
    // A block is copied as it is if neither two spaces follow each other in it nor one follows the last character.
    if (left > kBlock && !(after_space && *p == ' ')) {
      const Block block = load_block(p);
      store_block(to, block);
      const size_t doubled = first_set((block == ' ') & (load_block(p + 1) == ' '));
      const size_t copied = doubled < kBlock ? doubled + 1 : kBlock;
      p += copied;
      to += copied;
      after_space = p[-1] == ' ';
      continue;
    }
    if (!(after_space && *p == ' ')) *to++ = *p;
    after_space = *p++ == ' ';
  }
  out.set_end(to);
}

void Normalizer::append(std::string_view text, Buffer<uint8_t>& out) const {
  size_t symbol = escape_ ? text.find(kSpaceSymbol) : std::string_view::npos;
  for (; symbol != std::string_view::npos; symbol = text.find(kSpaceSymbol)) {
    append_bytes(text.substr(0, symbol), out);
    out.push_back(' ');
    text.remove_prefix(symbol + kSpaceSymbol.size());
  }
  append_bytes(text, out);
}

void Normalizer::strip_end(size_t begin, Buffer<uint8_t>& out) const {
  const uint8_t* end = out.end();
  while (end > out.data() + begin && end[-1] == ' ') --end;
  out.set_end(end);
}

std::string with_space_symbols(std::string_view text) {
  std::string result;
  for (const char c : text) c == ' ' ? result.append(kSpaceSymbol) : result.append(1, c);
  return result;
}

}  // namespace kernels::unigram
