// A normal form of text: strip, then what each code point turns into. Both of cc_net's forms are instances.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "unicode.hpp"

namespace kernels {

struct Text {
  const uint8_t* begin;
  const uint8_t* end;
  const uint8_t* readable;  // end of the memory that may be read; at or after `end`
};

// For `strip` where an end is no plain character.
Text strip_ends(Text text);

// str.strip().
inline Text strip(Text text) {
  const auto plain = [](uint8_t byte) { return byte > ' ' && byte < 0x80; };
  return text.begin < text.end && plain(*text.begin) && plain(text.end[-1]) ? text : strip_ends(text);
}

class NormalForm {
 public:
  // What one code point turns into after lower-casing and, if asked for, decomposition; empty deletes it. ASCII letters,
  // spaces and punctuation must stay, and ASCII digits must stay or all become 0.
  using Finish = std::u32string (*)(uint32_t code);

  struct Definition {
    Finish finish;
    bool decompose;                // to NFD, without category Mn, in canonical order
    std::vector<uint32_t> touched;  // code points `finish` may change, beside the decimal digits
  };

  explicit NormalForm(const Definition& definition);

  // Room that apply() needs for an input of `length` bytes.
  static size_t capacity(size_t length) { return 3 * length + 64; }

  // Strips and normalises `text` into `out`; returns the end of what was written. Bytes up to the capacity may be
  // overwritten.
  uint8_t* apply(Text text, uint8_t* out) const;

 private:
  // One entry per code point. The top three bits are the kind; kinds 0 to 3 give the number of bytes that follow in
  // the low 24 bits.
  static constexpr uint32_t kKindShift = 29, kInline = 3;
  static constexpr uint32_t kKeep = 4u << kKindShift;       // the bytes read
  static constexpr uint32_t kSequence = 5u << kKindShift;   // low 24 bits: position in sequences_ (length, bytes)
  static constexpr uint32_t kSigma = 6u << kKindShift;      // depends on what stands around it
  static constexpr uint32_t kReordered = 7u << kKindShift;  // a kept combining character, or decomposes to one
  static constexpr uint32_t kPayload = (1u << 24) - 1;
  static constexpr uint32_t kLongestSequence = 16;

  // Code points below kDirect are at their own index; the others in pages that exist only where something changes.
  static constexpr uint32_t kDirect = 0x800, kPageBits = 7, kPageSize = 1u << kPageBits;

  uint32_t entry(uint32_t code) const {
    return code < kDirect ? entries_[code] : entries_[pages_[code >> kPageBits] + (code & (kPageSize - 1))];
  }
  uint32_t& mutable_entry(uint32_t code);
  template <class Change>
  void change_decomposed(Change change);
  uint32_t make_entry(uint32_t code);
  unicode::Sequence decomposed(uint32_t code) const;
  uint8_t* write_bytes(const uint8_t* p, uint32_t length, uint32_t entry, uint8_t* out) const;
  uint8_t* write_characters(const uint8_t*& p, Text text, uint8_t* out) const;
  uint8_t* write_reordered(const uint8_t*& p, const uint8_t* end, uint8_t* out) const;

  Definition definition_;
  bool folds_digits_;  // ASCII digits to 0; else they stay
  std::vector<uint32_t> entries_;
  std::vector<uint32_t> pages_;
  std::vector<uint8_t> sequences_;
};

}  // namespace kernels
