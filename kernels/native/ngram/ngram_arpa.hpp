// Writing a back-off model in the ARPA format.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "ngram_key.hpp"
#include "ngram_spool.hpp"
#include "ngram_vocabulary.hpp"

namespace ngram {

// N-grams of all orders may come interleaved; each order keeps the order in which it came. Numbers are the shortest
// decimals that read back as the same float.
class ArpaWriter {
 public:
  // `ngrams`: how many n-grams of each order will come. Throws std::system_error on any failure to write.
  ArpaWriter(const std::string& path, const std::string& temporary_directory, const Vocabulary& vocabulary,
             KeyLayout layout, const std::vector<std::uint64_t>& ngrams);
  ~ArpaWriter();
  ArpaWriter(const ArpaWriter&) = delete;
  ArpaWriter& operator=(const ArpaWriter&) = delete;

  // `log_backoff` is written for every order but the highest.
  void add(int order, Wide suffix_key, float log_probability, float log_backoff);
  void finish();  // writes what is pending and flushes the file to the device

  std::uint64_t spilled() const;  // bytes written to temporary files

 private:
  struct Section;

  void append(const char* data, std::size_t bytes);

  std::string path_;
  const Vocabulary& vocabulary_;
  KeyLayout layout_;
  int descriptor_;
  std::vector<std::unique_ptr<Section>> sections_;  // order 1 first
};

}  // namespace ngram
