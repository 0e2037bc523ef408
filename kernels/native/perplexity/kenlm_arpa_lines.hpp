// Reading an ARPA file line by line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace kernels::kenlm {

struct ArpaNgram {
  float probability;
  std::vector<std::string_view> words;
  float backoff;  // 0 where none is given
};

class ArpaLines {
 public:
  // Reads the counts. Throws InvalidModel for a file that does not begin as one, or is too short for its counts.
  explicit ArpaLines(std::string_view file);

  const std::vector<uint64_t>& counts() const { return counts_; }

  // What follows must be read in order: for each order its header and as many n-grams as counted, then the end. All
  // throw InvalidModel.
  void read_section(size_t order);
  void read_ngram(size_t order, ArpaNgram& ngram);
  void read_end();

 private:
  [[noreturn]] void fail(const char* fault) const;
  std::string_view next_line();
  std::string_view next_filled_line();
  float read_number(std::string_view token) const;

  std::string_view rest_;
  size_t line_number_ = 0;
  std::vector<uint64_t> counts_;
};

}  // namespace kernels::kenlm
