#include <algorithm>
#include <vector>

#include "wikitext_passes.hpp"
#include "wikitext_shield.hpp"

namespace kernels::wikitext {
namespace {

struct Mark {
  size_t begin, end;  // of the line
  bool opens;
  size_t partner;  // index of the mark that closes it, 0 where none does
};

std::string_view without_indent(std::string_view line) {
  while (!line.empty() && (line[0] == ' ' || line[0] == '\t' || line[0] == ':' || line[0] == kGap)) line.remove_prefix(1);
  return line;
}

// Lines that open or close a table, each opening one with its partner.
std::vector<Mark> find_marks(std::string_view in) {
  std::vector<Mark> marks;
  std::vector<size_t> open;
  for (size_t begin = 0; begin < in.size();) {
    const size_t end = std::min(in.find('\n', begin), in.size());
    const std::string_view line = without_indent(in.substr(begin, end - begin));
    if (line.starts_with("{|")) {
      open.push_back(marks.size());
      marks.push_back({begin, end, true, 0});
    } else if (line.starts_with("|}") && !line.starts_with("|}}") && !open.empty()) {
      marks[open.back()].partner = marks.size();
      open.pop_back();
      marks.push_back({begin, end, false, 0});
    }
    begin = end + 1;
  }
  return marks;
}

}  // namespace

// Of a table without an end only its first line goes here; rows that are left are recognised by their bars later.
void remove_tables(std::string_view in, std::string& out) {
  if (in.find("{|") == std::string_view::npos) {
    out.append(in);
    return;
  }
  const std::vector<Mark> marks = find_marks(in);
  size_t at = 0;
  for (size_t i = 0; i < marks.size(); ++i) {
    const Mark& mark = marks[i];
    if (!mark.opens) continue;
    out.append(in.substr(at, mark.begin - at));
    out += kGap;
    at = mark.end;
    if (mark.partner) {
      const Mark& last = marks[mark.partner];
      at = in.find("|}", last.begin) + 2;
      i = mark.partner;
    }
  }
  out.append(in.substr(std::min(at, in.size())));
}

}  // namespace kernels::wikitext
