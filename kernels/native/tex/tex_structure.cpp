#include "tex_structure.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace kernels::tex {
namespace {

const std::unordered_map<View, Part>& commands() {
  static const std::unordered_map<View, Part> table{
      {"part", Part::heading},
      {"chapter", Part::heading},
      {"section", Part::heading},
      {"subsection", Part::heading},
      {"subsubsection", Part::heading},
      {"beginsection", Part::heading},
      {"newsec", Part::heading},
      {"subsec", Part::heading},
      {"head", Part::heading},
      {"heading", Part::heading},
      {"subhead", Part::heading},
      {"paragraph", Part::paragraph},
      {"subparagraph", Part::paragraph},
      {"title", Part::title},
      {"abstract", Part::begin_abstract},
      {"endabstract", Part::end_abstract},
      {"appendix", Part::appendix},
      {"appendices", Part::appendix},
      {"bibliography", Part::bibliography},
      {"bibliographystyle", Part::bibliography},
      {"printbibliography", Part::bibliography},
      {"thebibliography", Part::begin_references},
      {"endthebibliography", Part::end_references},
      {"references", Part::begin_references},
      {"endreferences", Part::end_references},
      {"bye", Part::end_document},
  };
  return table;
}

// Most names begin otherwise, and need no look into the table.
bool may_mark(View name) { return !name.empty() && View("pcsbnhtaer").find(name[0]) != View::npos; }

struct Ends {
  Part begin;
  std::optional<Part> end;
};

const std::unordered_map<View, Ends>& environments() {
  static const std::unordered_map<View, Ends> table{
      {"document", {Part::begin_document, Part::end_document}},
      {"abstract", {Part::begin_abstract, Part::end_abstract}},
      {"thebibliography", {Part::begin_references, Part::end_references}},
      {"references", {Part::begin_references, Part::end_references}},
      {"REFERENCES", {Part::begin_references, Part::end_references}},
      {"chapthebibliography", {Part::begin_references, Part::end_references}},
      {"appendix", {Part::appendix, std::nullopt}},
      {"appendices", {Part::appendix, std::nullopt}},
  };
  return table;
}

// Past a star, an optional argument and a group, where they follow.
const char* arguments_end(const char* p, const char* end, bool& any) {
  const char* const stop = p + std::min<size_t>(static_cast<size_t>(end - p), 4 << 10);
  any = false;
  const char* q = skip_space(p, stop);
  if (q < stop && *q == '*') q = skip_space(q + 1, stop), any = true;
  if (q < stop && *q == '[') {
    const char* after = bracket_end(q, stop);
    if (!after) return p;
    q = skip_space(after, stop);
    any = true;
  }
  if (q < stop && *q == '{') {
    const char* after = group_end(q, stop);
    any = true;
    if (after) return after;
  }
  return p;
}

}  // namespace

std::vector<Mark> structure(View text, const RawNames& names) {
  std::vector<Mark> marks;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  RawScanner scanner(names, text);
  const auto add = [&](Part part, const char* from, const char* to) { marks.push_back({part, from - begin, to - begin}); };
  for (const char* p = begin; p < end;) {
    if (!scanner.may_start(*p)) {
      ++p;
      continue;
    }
    const RawScanner::Stretch stretch = scanner.at(p);
    if (stretch.kind != Raw::no) {
      p = stretch.end;
      continue;
    }
    if (*p != '\\') {
      ++p;
      continue;
    }
    const Control control = read_control(p, end);
    const char* after = control.end;
    if (control.name == "begin" || control.name == "end") {
      const Word name = braced_word(skip_blanks(after, end), end, 64);
      const auto found = name.end ? environments().find(name.text) : environments().end();
      if (found != environments().end()) {
        after = name.end;
        if (control.name == "begin")
          add(found->second.begin, p, after);
        else if (found->second.end)
          add(*found->second.end, p, after);
      }
    } else if (const auto found = may_mark(control.name) ? commands().find(control.name) : commands().end();
               found != commands().end()) {
      bool argued = false;
      const char* past = arguments_end(after, end, argued);
      const Part part = found->second;
      const bool plain = control.name == "beginsection" || control.name == "head" || control.name == "heading" ||
                         control.name == "subhead" || control.name == "newsec" || control.name == "subsec";
      const bool sectioning = part == Part::heading || part == Part::paragraph || part == Part::title;
      // A heading's name without an argument is only spoken of.
      if (!sectioning || argued || plain) {
        const bool takes = sectioning || part == Part::bibliography;
        add(part, p, takes ? past : after);
        if (takes) after = past;
      }
    }
    p = after;
  }
  return marks;
}

}  // namespace kernels::tex
