#include "wikitext_quotes.hpp"

#include <vector>

namespace kernels::wikitext {
namespace {

struct Run {
  size_t at, length;
  size_t marks;  // of the length: 2 italic, 3 bold, 5 both; the rest are apostrophes
};

std::vector<Run> find_runs(const std::string& line) {
  std::vector<Run> runs;
  for (size_t at = line.find("''"); at != std::string::npos; at = line.find("''", at)) {
    size_t length = 2;
    while (at + length < line.size() && line[at + length] == '\'') ++length;
    runs.push_back({at, length, length >= 5 ? 5u : length >= 3 ? 3u : 2u});
    at += length;
  }
  return runs;
}

// With bold and italics both left open, one bold mark is an apostrophe before italics: l'''amour''.
void settle(const std::string& line, std::vector<Run>& runs) {
  size_t italic = 0, bold = 0;
  for (const Run& run : runs) {
    italic += run.marks != 3;
    bold += run.marks != 2;
  }
  if (italic % 2 == 0 || bold % 2 == 0) return;
  Run *single = nullptr, *word = nullptr, *space = nullptr;
  for (Run& run : runs) {
    if (run.marks != 3) continue;
    const size_t before = run.at + run.length - 3;
    const char x1 = before >= 1 ? line[before - 1] : ' ', x2 = before >= 2 ? line[before - 2] : ' ';
    Run*& kind = x1 == ' ' ? space : x2 == ' ' ? single : word;
    if (kind == nullptr) kind = &run;
  }
  if (Run* chosen = single ? single : word ? word : space) chosen->marks = 2;
}

}  // namespace

void remove_quotes(std::string& line) {
  std::vector<Run> runs = find_runs(line);
  if (runs.empty()) return;
  settle(line, runs);
  size_t write = runs.front().at, read = write;
  for (const Run& run : runs) {
    while (read < run.at) line[write++] = line[read++];
    for (size_t i = run.marks; i < run.length; ++i) line[write++] = '\'';
    read = run.at + run.length;
  }
  while (read < line.size()) line[write++] = line[read++];
  line.resize(write);
}

}  // namespace kernels::wikitext
