#include "tex_inputs.hpp"

#include <algorithm>
#include <unordered_map>

namespace kernels::tex {
namespace {

constexpr size_t kDeepest = 64;
constexpr size_t kLongestName = 256;

// How a command names a file.
enum class Naming {
  input,      // \input{name}, \input name
  braced,     // \include{name}
  subfile,    // \subfile{name}: a document of its own
  directory,  // \import{directory}{name}
};

const std::unordered_map<View, Naming>& input_commands() {
  static const std::unordered_map<View, Naming> commands{
      {"input", Naming::input},          {"@input", Naming::input},           {"include", Naming::braced},
      {"@@input", Naming::input},        {"subfile", Naming::subfile},        {"subfileinclude", Naming::subfile},
      {"import", Naming::directory},     {"subimport", Naming::directory},    {"includefrom", Naming::directory},
      {"inputfrom", Naming::directory},  {"subinputfrom", Naming::directory}, {"subincludefrom", Naming::directory},
  };
  return commands;
}

// `path` without `.`, `..` and empty parts; what climbs above the archive stays at its top.
std::string normal_path(View path) {
  std::vector<View> parts;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const View part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
  }
  std::string joined;
  for (View part : parts) joined.append(joined.empty() ? "" : "/").append(part);
  return joined;
}

std::string directory_of(View path) {
  const size_t slash = path.rfind('/');
  return std::string(path.substr(0, slash == View::npos ? 0 : slash + 1));
}

class Assembler {
 public:
  Assembler(const std::vector<SourceFile>& files, size_t max_bytes) : files_(files), max_bytes_(max_bytes) {
    result_.used.resize(files.size());
    for (size_t i = 0; i < files.size(); ++i) {
      numbers_.emplace(normal_path(files[i].name), i);
      names_.discover(files[i].text);
    }
  }

  Assembled run(size_t main) {
    open(main, directory_of(files_[main].name), files_[main].text);
    while (!open_.empty() && !result_.over_limit) step();
    return std::move(result_);
  }

 private:
  struct Open {
    size_t file;
    std::string directory;  // names are relative to it
    const char* p;
    const char* end;
    RawScanner scanner;
  };

  void open(size_t file, std::string directory, View text) {
    result_.used[file] = true;
    open_.push_back({file, std::move(directory), text.data(), text.data() + text.size(), RawScanner(names_, text)});
  }

  void append(View text) {
    if (text.size() > max_bytes_ - result_.text.size()) {
      result_.over_limit = true;
      return;
    }
    result_.text.append(text);
  }

  void copy_to(Open& source, const char* q) {
    append(between(source.p, q));
    source.p = q;
  }

  // Copies up to the next thing to look at, and deals with it.
  void step() {
    Open& source = open_.back();
    const char* q = source.p;
    while (q < source.end && *q != '%' && !source.scanner.may_start(*q)) ++q;
    copy_to(source, q);
    if (q == source.end) return close();
    if (*q == '%') {
      while (q < source.end && *q != '\n') ++q;
      return copy_to(source, q);
    }
    const RawScanner::Stretch stretch = source.scanner.at(q);
    // Behind \endinput the scanner sees further than what is left to read.
    if (stretch.kind != Raw::no) return copy_to(source, std::min(stretch.end, source.end));
    if (*q != '\\') return copy_to(source, q + 1);
    control(source, read_control(q, source.end, true));
  }

  void control(Open& source, const Control& control) {
    if (control.name.empty() || View("iseb@").find(control.name[0]) == View::npos)
      return copy_to(source, read_control(source.p, source.end).end);
    const auto found = input_commands().find(control.name);
    if (found != input_commands().end()) return input(source, control, found->second);
    if (control.name == "endinput") return end_input(source, control);
    if (control.name == "end" && braced_word(control.end, source.end).text == "document") {
      copy_to(source, braced_word(control.end, source.end).end);
      return end_document();
    }
    if (control.name == "bye") {
      source.p = control.end;
      return end_document();
    }
    copy_to(source, read_control(source.p, source.end).end);
  }

  // The rest of the line still counts.
  void end_input(Open& source, const Control& control) {
    source.p = control.end;
    source.end = std::find(source.p, static_cast<const char*>(source.end), '\n');
  }

  void end_document() {
    append("\n");
    open_.clear();
  }

  void close() {
    open_.pop_back();
    if (!open_.empty() && !result_.text.empty() && result_.text.back() != '\n') append("\n");
  }

  void input(Open& source, const Control& control, Naming naming) {
    const char* p = skip_blanks(control.end, source.end);
    std::string directory = source.directory;
    if (naming == Naming::directory) {
      const Word named = braced_word(p, source.end, kLongestName);
      if (!named.end) return copy_to(source, control.end);
      const bool relative = control.name.starts_with("sub");
      directory = (relative ? directory : "") + std::string(named.text) + "/";
      p = skip_blanks(named.end, source.end);
    }
    Word name = braced_word(p, source.end, kLongestName);
    if (!name.end && naming == Naming::input) name = plain_name(p, source.end);
    if (!name.end || name.text.empty() || name.text.find_first_of("#\\") != View::npos)
      return copy_to(source, control.end);
    source.p = name.end;
    include(name.text, directory, naming);
  }

  // A name without braces ends at a space, or is in quotes.
  static Word plain_name(const char* p, const char* end) {
    const char* stop = p + std::min<size_t>(static_cast<size_t>(end - p), kLongestName);
    const bool quoted = p < stop && *p == '"';
    const char* q = quoted ? p + 1 : p;
    const char* begin = q;
    while (q < stop && (quoted ? *q != '"' && *q != '\n' : !is_space(*q) && *q != '{' && *q != '}' && *q != '%')) ++q;
    if (q == stop && stop < end) return {{}, nullptr};
    return {between(begin, q), quoted && q < stop ? q + 1 : q};
  }

  void include(View name, const std::string& directory, Naming naming) {
    const size_t file = find(name, directory);
    const bool cyclic =
        std::any_of(open_.begin(), open_.end(), [file](const Open& other) { return other.file == file; });
    if (file == files_.size() || cyclic || open_.size() == kDeepest) {
      result_.missing.emplace_back(name);
      return;
    }
    View text = files_[file].text;
    if (naming == Naming::subfile) text = document_body(text);
    const bool moves = naming == Naming::directory || naming == Naming::subfile;
    std::string inner = moves ? directory_of(files_[file].name) : directory;
    open(file, std::move(inner), text);
  }

  static View document_body(View text) {
    constexpr View kBegin = "\\begin{document}", kEnd = "\\end{document}";
    const size_t begin = text.find(kBegin);
    if (begin == View::npos) return text;
    text.remove_prefix(begin + kBegin.size());
    return text.substr(0, text.rfind(kEnd));
  }

  // The file a name stands for; files_.size() when there is none.
  size_t find(View name, const std::string& directory) const {
    const std::string plain(name);
    for (const std::string& base : {directory, std::string()})
      for (const char* suffix : {"", ".tex", ".ltx", ".latex"}) {
        const auto found = numbers_.find(normal_path(base + plain + suffix));
        if (found != numbers_.end()) return found->second;
      }
    return files_.size();
  }

  const std::vector<SourceFile>& files_;
  const size_t max_bytes_;
  RawNames names_;
  std::unordered_map<std::string, size_t> numbers_;
  std::vector<Open> open_;
  Assembled result_;
};

}  // namespace

Assembled assemble(const std::vector<SourceFile>& files, size_t main, size_t max_bytes) {
  return Assembler(files, max_bytes).run(main);
}

}  // namespace kernels::tex
