// The words of a text as spaCy's English tokenizer finds them, white space left out.
#pragma once

#include <cstdint>
#include <vector>

#include "buffer.hpp"
#include "column.hpp"
#include "english_exceptions.hpp"

namespace kernels::english {

class WordSplitter {
 public:
  WordSplitter();

  // The words of `text` in order, valid until the next call.
  const Buffer<Word>& split(Text text);

 private:
  void split_piece(const uint8_t* begin, const uint8_t* end, bool with_exceptions);
  void split_middle(const uint8_t* begin, const uint8_t* end, bool with_exceptions);
  void add(const uint8_t* begin, const uint8_t* end);
  void add(const uint8_t* begin, const Exceptions::Entry& entry);

  Exceptions exceptions_;
  Buffer<Word> words_;
  Buffer<uint32_t> starts_;  // where an exception may have been taken apart
  Buffer<Word> suffixes_;
  Gap gap_ = Gap::kWide;
  ExceptionMatcher matcher_;
};

}  // namespace kernels::english
