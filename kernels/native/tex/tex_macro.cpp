#include "tex_macro.hpp"

#include <algorithm>

namespace kernels::tex {
namespace {

using Names = std::unordered_set<View>;

const Names& structural_names() {
  static const Names names{
      "documentclass", "documentstyle", "usepackage", "RequirePackage", "input", "include", "begin", "end", "part",
      "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph", "appendix", "title", "author",
      "date", "maketitle", "abstract", "endabstract", "item", "caption", "label", "ref", "pageref", "eqref", "cite",
      "citep", "citet", "citealt", "citealp", "citeauthor", "citeyear", "nocite", "footnote", "footnotemark",
      "footnotetext", "bibliography", "bibliographystyle", "bibitem", "thebibliography", "endthebibliography",
      "includegraphics", "tableofcontents", "listoffigures", "listoftables", "thanks", "and", "par", "hline",
      "multicolumn", "newpage", "url", "href", "verb", "verbatim", "endverbatim", "documentbody", "twocolumn",
      "onecolumn", "beginsection", "bye", "left", "right", "\\", " ", "{", "}", "$", "&", "#", "%", "_", "(", ")", "[", "]"};
  return names;
}

const Names& programming_names() {
  static const Names names{
      "csname", "endcsname", "expandafter", "futurelet", "catcode", "begingroup", "endgroup", "bgroup", "egroup",
      "global", "long", "def", "gdef", "edef", "xdef", "let", "advance", "multiply", "divide", "setbox", "box", "copy",
      "wd", "ht", "dp", "vbox", "vtop", "hbox", "halign", "valign", "noalign", "loop", "repeat", "else", "fi", "or",
      "newcommand", "renewcommand", "write", "immediate", "read", "openin", "openout", "aftergroup", "afterassignment",
      "the", "number", "romannumeral", "string", "meaning", "noexpand", "penalty", "hskip", "vskip", "kern", "hrule",
      "vrule", "parindent", "leftskip", "rightskip", "setcounter", "addtocounter", "refstepcounter", "stepcounter",
      "setlength", "addtolength", "protected", "ignorespaces", "leavevmode", "addvspace", "list", "trivlist",
      "endlist", "endtrivlist", "discretionary", "uppercase", "lowercase", "active", "everypar", "font"};
  return names;
}

}  // namespace

namespace {

// Whether `piece`, whole tokens of TeX, ends in a control word.
bool ends_in_word(View piece, bool at_letter) {
  size_t name = piece.size();
  while (name > 0 && is_letter(piece[name - 1], at_letter)) --name;
  size_t slash = name;
  while (slash > 0 && piece[slash - 1] == '\\') --slash;
  return name < piece.size() && (name - slash) % 2 == 1;
}

}  // namespace

std::optional<std::string> substitute(View body, const std::vector<View>& arguments, bool at_letter, size_t limit) {
  std::string result;
  result.reserve(body.size());
  bool word = false;
  const auto append = [&](View piece) {
    if (piece.empty()) return;
    if (word && is_letter(piece[0], at_letter)) result.push_back(' ');
    result.append(piece);
    word = ends_in_word(piece, at_letter);
  };
  size_t begin = 0;
  for (size_t at = body.find_first_of("\\#"); at != View::npos && at + 1 < body.size();
       at = body.find_first_of("\\#", at)) {
    const char next = body[at + 1];
    if (body[at] == '\\' || (next != '#' && (next < '1' || next > '9'))) {
      at += body[at] == '\\' ? 2 : 1;
      continue;
    }
    append(body.substr(begin, at - begin + (next == '#')));
    const auto number = static_cast<size_t>(next - '1');
    if (next != '#' && number < arguments.size()) append(arguments[number]);
    if (result.size() > limit) return std::nullopt;
    begin = at += 2;
  }
  append(body.substr(begin));
  return result;
}

bool is_structural(View name) { return structural_names().contains(name); }

namespace {

const std::unordered_map<View, size_t>& token_argument_counts() {
  static const std::unordered_map<View, size_t> counts = [] {
    std::unordered_map<View, size_t> result;
    for (View one :
         {"sqrt", "hat", "bar", "tilde", "vec", "dot", "ddot", "dddot", "check", "acute", "grave", "breve", "mathring",
          "widehat", "widetilde", "overline", "underline", "overrightarrow", "overleftarrow", "overbrace",
          "underbrace", "mathbf", "mathrm", "mathit", "mathsf", "mathtt", "mathcal", "mathbb", "mathfrak", "mathscr",
          "boldsymbol", "bm", "pmb", "text", "textbf", "textit", "textrm", "textsf", "texttt", "textsc", "textsl",
          "emph", "operatorname", "mathop", "mathbin", "mathrel", "mathord", "mathopen", "mathclose"})
      result[one] = 1;
    for (View two : {"frac", "dfrac", "tfrac", "cfrac", "binom", "dbinom", "tbinom", "stackrel", "overset", "underset"})
      result[two] = 2;
    return result;
  }();
  return counts;
}

}  // namespace

std::vector<View> token_argument_names() {
  std::vector<View> names;
  for (const auto& [name, count] : token_argument_counts()) names.push_back(name);
  return names;
}

size_t token_arguments(View name) {
  const auto found = token_argument_counts().find(name);
  return found == token_argument_counts().end() ? 0 : found->second;
}

namespace {

// Nothing but \futurelet\seen\command, which ends abbreviations such as "e.g." with a point unless one follows.
bool looks_ahead(View body) {
  if (!body.starts_with("\\futurelet")) return false;
  return std::count(body.begin(), body.end(), '\\') == 3 &&
         std::all_of(body.begin(), body.end(), [](char c) { return c == '\\' || is_letter(c, true); });
}

}  // namespace

bool is_abbreviation(View name, View body) {
  if (name.find('@') != View::npos || is_structural(name)) return false;
  const char* const end = body.data() + body.size();
  if (looks_ahead(body)) return true;
  for (const char* p = body.data(); p < end;) {
    if (*p != '\\') {
      ++p;
      continue;
    }
    const Control control = read_control(p, end, true);
    if (control.name.find('@') != View::npos || programming_names().contains(control.name) ||
        is_conditional(control.name))
      return false;
    p = control.end;
  }
  return true;
}

bool is_machinery(View body) {
  for (View word : {"\\catcode", "\\dospecials", "\\@sanitize", "\\afterassignment", "\\openout",
                    "\\openin", "\\immediate", "\\halign", "\\output", "\\every"})
    if (body.find(word) != View::npos) return true;
  return false;
}

bool is_conditional(View name) {
  static const Names names{"if", "ifx", "ifnum", "ifdim", "ifodd", "ifcase", "ifcat", "ifmmode", "ifvmode", "ifhmode",
                           "ifinner", "ifvoid", "ifhbox", "ifvbox", "ifeof", "iftrue", "iffalse", "ifdefined",
                           "ifcsname", "iffontchar", "ifpdf", "ifxetex", "ifluatex", "ifpdftex", "ifPDFTeX", "ifXeTeX",
                           "ifLuaTeX"};
  return names.contains(name) || name.starts_with("if@") || name.starts_with("ifCLASSOPTION") ||
         name.starts_with("ifCLASSINFO");
}

bool is_standard_environment(View name) {
  static const std::unordered_set<View> names{
      "document", "abstract", "figure", "table", "equation", "align", "eqnarray", "itemize", "enumerate",
      "description", "quote", "quotation", "verse", "center", "tabular", "array", "thebibliography", "titlepage",
      "minipage", "verbatim", "displaymath", "math", "picture", "appendix"};
  if (name.ends_with('*')) name.remove_suffix(1);
  return names.contains(name);
}

bool is_math_environment(View name) {
  static const Names names{"equation", "align", "eqnarray", "gather", "multline", "displaymath", "alignat", "flalign",
                           "xalignat", "xxalignat", "subequations", "math", "dmath", "IEEEeqnarray", "mathpar",
                           "mathparpagebreakable", "empheq",
                           "equationarray"};
  if (name.ends_with('*')) name.remove_suffix(1);
  return names.contains(name);
}

std::vector<View> text_command_names() {
  return {"text",   "mbox",    "hbox",    "fbox",   "textrm", "textbf",   "textit",     "textsf", "texttt",
          "textsc", "textsl",  "emph",    "intertext", "makebox", "framebox", "parbox",  "vbox",   "footnote",
          "caption", "textnormal", "tag", "label",  "shortintertext"};
}

}  // namespace kernels::tex
