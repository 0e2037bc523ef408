// Which of 64 bytes are of which class, a bit each.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes.hpp"

namespace kernels::code {

// Of ASCII, but for `beyond`. boundary: ends a line, as str.splitlines() has it; of a carriage return and its newline,
// both. control: C0 but for white space and ESC, and DEL.
struct ByteClasses {
  static constexpr size_t kBytes = 64;

  uint64_t digit = 0, letter = 0, underscore = 0, other_encoded = 0, backslash = 0, boundary = 0, control = 0, beyond = 0;

  static ByteClasses of(const uint8_t* bytes) {
    ByteClasses found;
    for (size_t at = 0; at < kBytes; at += kBlock) found.add(load_block(bytes + at), at);
    return found;
  }

 private:
  void add(Block bytes, size_t at) {
    const Block lower = bytes | 0x20;
    const Block white = (bytes >= '\t') & (bytes <= '\r');
    const Block low = (bytes >= 0) & (bytes < ' ');
    digit |= set_bits((bytes >= '0') & (bytes <= '9')) << at;
    letter |= set_bits((lower >= 'a') & (lower <= 'z')) << at;
    underscore |= set_bits(bytes == '_') << at;
    other_encoded |= set_bits((bytes == '+') | (bytes == '/') | (bytes == '=')) << at;
    backslash |= set_bits(bytes == '\\') << at;
    boundary |= set_bits((white & (bytes != '\t')) | ((bytes >= 0x1C) & (bytes <= 0x1E))) << at;
    control |= set_bits((low & ~white & (bytes != 0x1B)) | (bytes == 0x7F)) << at;
    beyond |= set_bits(bytes < 0) << at;
  }
};

}  // namespace kernels::code
