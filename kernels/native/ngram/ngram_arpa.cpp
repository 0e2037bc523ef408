#include "ngram_arpa.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace ngram {

namespace {

constexpr std::size_t kFlushAt = 1 << 18;
constexpr std::size_t kLongestNumber = 64;

// Plain decimals, except below a millionth: -3.6e-7, the exponent without leading zeros, as lmplz prints it.
char* write_number(char* to, float value) {
  if (value == 0.0F || std::fabs(value) >= 1e-6F) {
    return std::to_chars(to, to + kLongestNumber, value, std::chars_format::fixed).ptr;
  }
  char* end = std::to_chars(to, to + kLongestNumber, value, std::chars_format::scientific).ptr;
  char* digits = std::find(to, end, 'e') + 2;
  if (*digits == '0') end = std::copy(digits + 1, end, digits);
  return end;
}

}  // namespace

// The lines of one order: those of order 1 go straight to the file, the others wait in a temporary one.
struct ArpaWriter::Section {
  std::vector<char> pending;
  std::unique_ptr<TemporaryFile> waiting;
};

ArpaWriter::ArpaWriter(const std::string& path, const std::string& temporary_directory, const Vocabulary& vocabulary,
                       KeyLayout layout, const std::vector<std::uint64_t>& ngrams)
    : path_(path), vocabulary_(vocabulary), layout_(layout) {
  for (std::size_t order = 1; order <= ngrams.size(); ++order) {
    auto section = std::make_unique<Section>();
    section->pending.reserve(kFlushAt + (1 << 12));
    if (order > 1) section->waiting = std::make_unique<TemporaryFile>(temporary_directory);
    sections_.push_back(std::move(section));
  }
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), path_);
  std::string header = "\\data\\\n";
  for (std::size_t order = 1; order <= ngrams.size(); ++order) {
    header += "ngram " + std::to_string(order) + "=" + std::to_string(ngrams[order - 1]) + "\n";
  }
  header += "\n\\1-grams:\n";
  append(header.data(), header.size());
}

ArpaWriter::~ArpaWriter() { ::close(descriptor_); }

void ArpaWriter::append(const char* data, std::size_t bytes) {
  while (bytes > 0) {
    const ssize_t written = ::write(descriptor_, data, bytes);
    if (written < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), path_);
    }
    data += written;
    bytes -= static_cast<std::size_t>(written);
  }
}

void ArpaWriter::add(int order, Wide suffix_key, float log_probability, float log_backoff) {
  Section& section = *sections_[static_cast<std::size_t>(order - 1)];
  std::vector<char>& line = section.pending;
  char number[kLongestNumber];
  line.insert(line.end(), number, write_number(number, log_probability));
  for (int age = 0; age < order; ++age) {
    line.push_back(age == 0 ? '\t' : ' ');
    const std::string_view word = vocabulary_.text(layout_.from_oldest(suffix_key, age));
    line.insert(line.end(), word.begin(), word.end());
  }
  if (static_cast<std::size_t>(order) < sections_.size()) {
    line.push_back('\t');
    line.insert(line.end(), number, write_number(number, log_backoff));
  }
  line.push_back('\n');
  if (line.size() < kFlushAt) return;
  if (order == 1) {
    append(line.data(), line.size());
  } else {
    section.waiting->append(line.data(), line.size());
  }
  line.clear();
}

void ArpaWriter::finish() {
  std::vector<char> block(kFlushAt);
  for (std::size_t order = 1; order <= sections_.size(); ++order) {
    const Section& section = *sections_[order - 1];
    if (order > 1) {
      const std::string title = "\n\\" + std::to_string(order) + "-grams:\n";
      append(title.data(), title.size());
      for (std::uint64_t at = 0; at < section.waiting->size(); at += block.size()) {
        const std::uint64_t left = section.waiting->size() - at;
        const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), left));
        section.waiting->read_at(block.data(), bytes, at);
        append(block.data(), bytes);
      }
    }
    append(section.pending.data(), section.pending.size());
  }
  constexpr std::string_view kEnd = "\n\\end\\\n";
  append(kEnd.data(), kEnd.size());
  if (::fsync(descriptor_) != 0) throw std::system_error(errno, std::generic_category(), path_);
}

std::uint64_t ArpaWriter::spilled() const {
  std::uint64_t bytes = 0;
  for (const auto& section : sections_) bytes += section->waiting ? section->waiting->size() : 0;
  return bytes;
}

}  // namespace ngram
