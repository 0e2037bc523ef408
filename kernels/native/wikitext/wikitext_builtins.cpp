#include <algorithm>
#include <utility>
#include <cstdlib>

#include "wikitext_expander.hpp"

namespace kernels::wikitext {
namespace {

using Words = std::vector<std::string>;

std::string word(const Words& words, size_t index) { return index < words.size() ? words[index] : std::string(); }

// Whole numbers of up to four digits, 0 otherwise.
int small_number(const std::string& text) {
  if (text.empty() || text.size() > 4) return 0;
  for (char c : text)
    if (c < '0' || c > '9') return 0;
  return std::atoi(text.c_str());
}

// The site's date pattern with D, M and Y; parts left empty are left out with the space or point that follows them.
std::string written_date(const std::string& year, std::string month, std::string day, const Site& site) {
  if (const int number = small_number(month); number >= 1 && number <= 12 && site.months.size() == 12)
    month = site.months[static_cast<size_t>(number) - 1];
  if (const int number = small_number(day); number > 0) day = std::to_string(number);
  if (month.empty()) return year;
  std::string out;
  for (size_t i = 0; i < site.date.size(); ++i) {
    const char c = site.date[i];
    const std::string* part = c == 'D' ? &day : c == 'M' ? &month : c == 'Y' ? &year : nullptr;
    if (part == nullptr) {
      out += c;
    } else if (!part->empty()) {
      out += *part;
    } else {
      while (i + 1 < site.date.size() && std::string_view("DMY").find(site.date[i + 1]) == std::string_view::npos) ++i;
    }
  }
  const std::string_view trimmed = trim(out);
  return std::string(trimmed.substr(0, trimmed.find_last_not_of(", ") + 1));
}

// @date Y M D: the positions of year, month and day ("-" for none). Month names and whole dates stay as they are.
void date(const Words& words, const Arguments& arguments, const Site& site, std::string& out) {
  std::string parts[3];
  for (size_t i = 0; i < 3; ++i)
    if (const std::string name = word(words, i + 1); !name.empty() && name != "-") parts[i] = arguments.value(name);
  const std::string first = arguments.value("1");
  if (arguments.positional() <= 1 || first.find(' ') != std::string::npos || first.find('-') != std::string::npos) {
    // {{date|29 9 2019}}, {{start date|2001-05-03}} or text.
    Words pieces;
    std::string piece;
    for (char c : first + " ") {
      if (c != ' ' && c != '-') {
        piece += c;
      } else if (!piece.empty()) {
        pieces.push_back(std::exchange(piece, {}));
      }
    }
    const bool numbers = pieces.size() == 3 && std::all_of(pieces.begin(), pieces.end(), small_number);
    if (!numbers) {
      out += first;
      return;
    }
    const bool year_first = pieces[0].size() > 2;
    out += written_date(pieces[year_first ? 0 : 2], pieces[1], pieces[year_first ? 2 : 0], site);
    return;
  }
  out += written_date(parts[0], parts[1], parts[2], site);
}

// @join SEPARATOR [BEFORE AFTER]: the positional arguments; those that are a pronunciation's context are left out.
void join(const Words& words, const Arguments& arguments, const Site&, std::string& out) {
  static const NameSet kContext = {"lang", "pron", "local", "us", "uk", "also", "ipa", "us also", "uk also", "audio"};
  std::string separator = word(words, 1);
  if (separator == "space") separator = " ";
  if (separator == "comma") separator = ", ";
  if (separator == "none") separator.clear();
  std::string joined;
  for (size_t i = 1; i <= arguments.positional(); ++i) {
    std::string value = arguments.positional_value(i);
    if (value.empty() || kContext.contains(lower(value))) continue;
    if (value == "_") value = " ";
    if (!joined.empty()) joined += separator;
    joined += value;
  }
  if (!joined.empty()) out += word(words, 2) + joined + word(words, 3);
}

// {{val|6.241|0.3|e=18|u=m}}
void value(const Words&, const Arguments& arguments, const Site& site, std::string& out) {
  const std::string number = arguments.value("1"), error = arguments.value("2"), third = arguments.value("3");
  const std::string exponent = arguments.value("e");
  out += arguments.value("p") + format_number(number, site.numbers);
  if (!third.empty() && error.size() && (error[0] == '+' || error[0] == '-'))
    out += " (" + error + "/" + third + ")";
  else if (error == "-" || error == "–" || error == "to" || error == "by" || error == "x" || error == "×")
    out += (error == "-" ? "–" : " " + error + " ") + third;
  else if (!error.empty())
    out += error[0] == '(' ? error : "±" + error;
  if (!exponent.empty()) out += "×10<sup>" + exponent + "</sup>";
  std::string unit = arguments.value("u");
  for (const char* name : {"ul", "up", "upl"})
    if (unit.empty()) unit = arguments.value(name);
  if (!unit.empty()) out += unit == "%" || unit == "°" ? unit : " " + unit;
  out += arguments.value("s");
}

bool is_count(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == 'n' || c == '\'' || c == 'x';
  });
}

// {{chem|H|2|O}}: numbers are below the line, charges above it.
void chemistry(const Words&, const Arguments& arguments, const Site&, std::string& out) {
  for (size_t i = 1; i <= arguments.positional(); ++i) {
    const std::string part = arguments.positional_value(i);
    const bool charge = !part.empty() && (part.back() == '+' || part.back() == '-' || part.ends_with("−"));
    if (i > 1 && charge && part.size() <= 4)
      out += "<sup>" + part + "</sup>";
    else if (i > 1 && is_count(part))
      out += "<sub>" + part + "</sub>";
    else
      out += part;
  }
}

// {{unité|3797|m|2}}: a number, then units and their exponents by turns.
void measure(const Words&, const Arguments& arguments, const Site& site, std::string& out) {
  out += format_number(arguments.value("1"), site.numbers);
  bool first = true;
  for (size_t i = 2; i <= arguments.positional(); i += 2) {
    const std::string unit = arguments.positional_value(i), exponent = arguments.positional_value(i + 1);
    double number = 0;
    if (i == 2 && parse_number(unit, number, nullptr)) {
      out += " " + format_number(unit, site.numbers);  // {{unité|10|20|km}}: the thousands apart
      --i;
      continue;
    }
    if (unit.empty()) continue;
    if (unit != "%" || !first) out += first ? " " : "⋅";
    if (unit == "%") out += " ";
    first = false;
    out += unit;
    if (!exponent.empty() && exponent != "1") out += "<sup>" + exponent + "</sup>";
  }
  if (const std::string power = arguments.value("e"); !power.empty()) out += " × 10<sup>" + power + "</sup>";
}

// {{coord|47|16|16|N|9|31|51|E|...}}
void coordinates(const Words&, const Arguments& arguments, const Site&, std::string& out) {
  if (arguments.value("display") == "title") return;
  static constexpr const char* kMarks[] = {"°", "′", "″"};
  size_t numbers = 0;
  std::string text;
  for (size_t i = 1; i <= arguments.positional(); ++i) {
    const std::string part = arguments.positional_value(i);
    double number = 0;
    if (parse_number(part, number, nullptr) && numbers < 3) {
      if (numbers == 0 && !text.empty()) text += " ";
      text += part + kMarks[numbers++];
    } else if (part.size() == 1 && std::string_view("NSEWO").find(part[0]) != std::string_view::npos) {
      text += part;
      numbers = 0;
    } else {
      break;
    }
  }
  out += text;
}

// {{heure|4|30|0}}: hours, minutes and seconds with their units.
void clock_time(const Words&, const Arguments& arguments, const Site&, std::string& out) {
  static constexpr const char* kUnits[] = {" h", " min", " s"};
  for (size_t i = 1; i <= 3; ++i) {
    const std::string part = arguments.positional_value(i);
    if (part.empty()) continue;
    if (i > 1) out += " ";
    out += part;
    if (i == 1 || arguments.positional() > 2) out += kUnits[i - 1];
  }
}

void conversion(const Words& words, const Arguments& arguments, const Site& site, std::string& out) {
  convert_measure(arguments, word(words, 1) == "abbr", site, out);
}

// {{chem2|H2O}}: digits behind an element or a bracket are below the line.
void formula(const Words&, const Arguments& arguments, const Site&, std::string& out) {
  const std::string text = arguments.value("1");
  bool below = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i], before = i ? text[i - 1] : ' ';
    const bool digit = c >= '0' && c <= '9';
    const bool begins = digit && !below && (before == ')' || before == ']' || ((before | 0x20) >= 'a' && (before | 0x20) <= 'z'));
    if (begins) out += "<sub>";
    if (below && !digit) out += "</sub>";
    below = digit && (below || begins);
    out += c;
  }
  if (below) out += "</sub>";
}

// @switch a=x b=y: what stands for the first argument; itself where nothing does.
void choice(const Words& words, const Arguments& arguments, const Site&, std::string& out) {
  const std::string value = arguments.value("1");
  for (size_t i = 1; i < words.size(); ++i)
    if (const size_t equals = words[i].find('='); words[i].substr(0, equals) == value) {
      out += words[i].substr(equals + 1);
      return;
    }
  out += value;
}

// {{as of|2014|5|lc=y}}
void as_of(const Words&, const Arguments& arguments, const Site& site, std::string& out) {
  if (const std::string text = arguments.value("alt"); !text.empty()) {
    out += text;
    return;
  }
  const bool lower_case = !arguments.value("lc").empty(), since = !arguments.value("since").empty();
  out += since ? (lower_case ? "since " : "Since ") : lower_case ? "as of " : "As of ";
  out += written_date(arguments.value("1"), arguments.value("2"), arguments.value("3"), site) + arguments.value("post");
}

using BuiltIn = void (*)(const Words&, const Arguments&, const Site&, std::string&);

}  // namespace

void call_built_in(const Words& words, const Arguments& arguments, const Site& site, std::string& out) {
  static const Names<BuiltIn> kBuiltIns = {
      {"date", date},           {"join", join},       {"val", value},       {"chem", chemistry}, {"measure", measure},
      {"coord", coordinates}, {"time", clock_time}, {"convert", conversion},
      {"chem2", formula}, {"switch", choice}, {"asof", as_of},
  };
  if (const auto found = kBuiltIns.find(words.at(0)); found != kBuiltIns.end())
    found->second(words, arguments, site, out);
}

}  // namespace kernels::wikitext
