// sentencepiece's normalisation: the rules of a charsmap, and what becomes of spaces.
#pragma once

#include <cstdint>
#include <string_view>

#include "buffer.hpp"
#include "normal_form.hpp"
#include "unigram_charsmap.hpp"
#include "unigram_model.hpp"
#include "unigram_trie.hpp"

namespace kernels::unigram {

// Where a model escapes spaces, the output has one byte ' ' for each U+2581: nothing else in it is a space.
class Normalizer {
 public:
  explicit Normalizer(const Model& model);

  // Appends the normal form of `text` to `out`.
  void apply(Text text, Buffer<uint8_t>& out) const;

 private:
  struct Prefix {
    std::string_view text;  // what the first characters turn into
    size_t length;          // bytes they take
  };

  Prefix prefix(const uint8_t* p, const uint8_t* end) const;
  const uint8_t* plain_end(const uint8_t* p, const uint8_t* end) const;
  void append_plain(const uint8_t* p, const uint8_t* end, bool after_space, Buffer<uint8_t>& out) const;
  void append(std::string_view text, Buffer<uint8_t>& out) const;
  void strip_end(size_t begin, Buffer<uint8_t>& out) const;

  CharsMap charsmap_;
  Trie user_defined_;
  bool has_user_defined_ = false;
  bool prefix_space_, suffix_space_, squeeze_, escape_;
  bool plain_[0x80] = {};      // ASCII bytes that stay as they are where no other byte than an ASCII one follows
  bool printable_is_plain_ = true;  // those from space to tilde
};

// The text with each ' ' written as U+2581.
std::string with_space_symbols(std::string_view text);

}  // namespace kernels::unigram
