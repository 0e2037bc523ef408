#include "html_post.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "bytes.hpp"
#include "html_entities.hpp"
#include "html_tokens.hpp"
#include "html_tree.hpp"
#include "utf8.hpp"

namespace kernels {
namespace html {
namespace {

// Bytes that stand for themselves in prose: neither white space nor control, nor the beginning of something else.
constexpr auto kPlain = [] {
  struct {
    bool is[256] = {};
  } table;
  for (int c = '!'; c < 0x7F; ++c) table.is[c] = c != '&' && c != '$' && c != '\\';
  return table;
}();

bool is_alphanumeric(uint8_t c) { return is_letter(c) || (c >= '0' && c <= '9') || c >= 0x80; }

bool is_wide_space(uint32_t code) {
  return code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
         code == 0x202F || code == 0x205F || code == 0x3000;
}

bool is_ignorable(uint32_t code) { return code == 0xAD || code == 0x200B || code == 0x2060 || code == 0xFEFF; }

// An item of a list or a quotation around what is being written.
struct Frame {
  bool quote;
  bool marked;  // whether the item's marker has been written
  uint8_t width;
  char marker[14];
};

constexpr size_t kMostFrames = 12;  // that are shown: deeper ones are not indented further
constexpr size_t kLongestEnvironment = 40;

class PostWriter {
 public:
  PostWriter(Buffer<uint8_t>& out, PostStyle style) : out_(out), style_(style), begin_(out.size()), line_(out.size()) {}

  // What comes next begins at least so many line ends further on.
  void separate(int gap) {
    space_ = cell_ = false;
    if (unmarked_ == 0) gap_ = std::max(gap_, gap);
  }

  void end_line() {
    space_ = cell_ = false;
    if (unmarked_ == 0) gap_ = std::min(gap_ + 1, 2);
  }

  void end_cell() { cell_ = gap_ == 0; }

  void begin_quote() { frames_.push_back({true, true, 2, "> "}); }

  void begin_item(bool ordered, int64_t number) {
    Frame frame{false, false, 2, "- "};
    if (ordered) {
      char* behind = std::to_chars(frame.marker, frame.marker + 10, number).ptr;
      *behind++ = '.';
      *behind++ = ' ';
      frame.width = static_cast<uint8_t>(behind - frame.marker);
    }
    frames_.push_back(frame);
    ++unmarked_;
  }

  void end_frame() {
    if (!frames_.back().marked) --unmarked_;
    frames_.pop_back();
  }

  void write(std::string_view text, bool references) {
    const uint8_t* p = reinterpret_cast<const uint8_t*>(text.data());
    const uint8_t* end = p + text.size();
    bool environments = true;  // until the end of one has been looked for in vain
    while (p < end) {
      const uint8_t c = *p;
      if (kPlain.is[c]) {
        start_word();
        const uint8_t* from = p;
        while (p < end && (kPlain.is[*p] || (*p == ' ' && p + 1 < end && kPlain.is[p[1]]))) ++p;
        put(from, p);
      } else if (c == '$' || c == '\\') {
        const bool environment = begins_environment(p, end);
        const uint8_t* behind = environment && !environments ? nullptr : find_formula_end(p, end);
        if (behind) {
          start_word();
          write_verbatim(p, behind, references);
          p = behind;
        } else {
          environments = environments && !environment;
          start_word();
          put(p, p + 1);
          ++p;
        }
      } else if (c == '&' && references) {
        uint8_t decoded[kLongestReferenceText];
        const Reference reference = write_reference(p, end, decoded);
        p = reference.behind;
        for (const uint8_t* q = decoded; q < reference.out;) q = write_character(q, reference.out);
      } else {
        p = write_character(p, end);
      }
    }
  }

  // Code inside a line: its spaces count, its line ends are spaces.
  void write_code(std::string_view text, bool references) {
    if (text.empty()) return;
    start_word();
    const size_t from = out_.size();
    const uint8_t* p = reinterpret_cast<const uint8_t*>(text.data());
    write_verbatim(p, p + text.size(), references);
    std::replace(out_.data() + from, out_.end(), static_cast<uint8_t>('\n'), static_cast<uint8_t>(' '));
  }

  // A block of code, or of anything else that is shown as it stands: from the first of the calls of `write_flat` that
  // `fill` makes to the last.
  template <class Fill>
  void write_block(Fill fill) {
    const size_t before = out_.size();
    const int gap = gap_;
    if (unmarked_ > 0) {
      start_word();
      trim(before);
      gap_ = 1;
    }
    if (out_.size() > begin_)
      for (int i = 0; i < std::max(gap_, 1); ++i) out_.push_back('\n');
    const size_t content = out_.size();
    fill();
    size_t blank = content;  // lines without anything at the beginning
    for (size_t i = content; i < out_.size() && is_space(out_[i]); ++i)
      if (out_[i] == '\n') blank = i + 1;
    remove(content, blank);
    trim(content);
    if (out_.size() == content && unmarked_ == 0) {
      out_.set_end(out_.data() + before);
      gap_ = gap;
    } else {
      if (style_.fences) fence(content);
      gap_ = 2;
    }
    space_ = false;
    line_ = out_.size();
  }

  void write_flat(std::string_view text, bool references) {
    const uint8_t* p = reinterpret_cast<const uint8_t*>(text.data());
    write_verbatim(p, p + text.size(), references);
  }

  void put(std::string_view text) {
    const uint8_t* p = reinterpret_cast<const uint8_t*>(text.data());
    put(p, p + text.size());
  }

  // Whether what is written next stands behind a number or a variable of one letter, as exponents do.
  bool behind_base() const {
    if (gap_ || space_ || cell_ || out_.size() == line_) return false;
    const uint8_t last = out_[out_.size() - 1];
    if (last == ')' || (last >= '0' && last <= '9')) return true;
    return is_letter(last) && (out_.size() - 1 == line_ || !is_alphanumeric(out_[out_.size() - 2]));
  }

  void finish() { trim(begin_); }

  void strip() {
    size_t first = begin_;
    while (first < out_.size() && is_space(out_[first])) ++first;
    remove(begin_, first);
    trim(begin_);
  }

 private:
  void put(const uint8_t* p, const uint8_t* end) {
    out_.make_room(static_cast<size_t>(end - p));
    out_.set_end(append(out_.end(), p, end));
  }

  void trim(size_t from) {
    while (out_.size() > from && is_space(out_[out_.size() - 1])) out_.set_end(out_.end() - 1);
  }

  void remove(size_t from, size_t to) {
    if (from == to) return;
    std::memmove(out_.data() + from, out_.data() + to, out_.size() - to);
    out_.set_end(out_.end() - (to - from));
  }

  // Line ends and prefixes, or the space, that come before a word.
  void start_word() {
    if (gap_ > 0) {
      trim(begin_);
      if (out_.size() > begin_)
        for (int i = 0; i < gap_; ++i) out_.push_back('\n');
      for (size_t i = 0; i < frames_.size(); ++i) {
        Frame& frame = frames_[i];
        if (i < kMostFrames) {
          if (frame.quote || !frame.marked) put(std::string_view(frame.marker, frame.width));
          else put(std::string_view("              ", frame.width));
        }
        frame.marked = true;
      }
      unmarked_ = 0;
      gap_ = 0;
      line_ = out_.size();
    } else if (out_.size() > line_ && (space_ || cell_)) {
      out_.push_back(cell_ ? '\t' : ' ');
    }
    space_ = cell_ = false;
  }

  const uint8_t* write_character(const uint8_t* p, const uint8_t* end) {
    const uint8_t c = *p;
    if (c < 0x80) {
      if (c > ' ' && c != 0x7F) {
        start_word();
        out_.push_back(c);
      } else if (is_space(c)) {
        space_ = true;
      }
      return p + 1;
    }
    const utf8::Decoded character = utf8::decode_multibyte(p, end);
    const uint8_t* next = p + character.length;
    if (is_wide_space(character.code)) {
      space_ = true;
    } else if (character.code >= 0xA0 && !is_ignorable(character.code)) {
      start_word();
      out_.make_room(4);
      out_.set_end(utf8::encode(character.code, out_.end()));
    }
    return next;
  }

  // White space stays; carriage returns and other control characters go.
  void write_verbatim(const uint8_t* p, const uint8_t* end, bool references) {
    while (p < end) {
      const uint8_t c = *p;
      if (c == '&' && references) {
        uint8_t decoded[kLongestReferenceText];
        const Reference reference = write_reference(p, end, decoded);
        p = reference.behind;
        write_verbatim(decoded, reference.out, false);
      } else if (c < 0x80) {
        if ((c >= ' ' && c != 0x7F) || c == '\n' || c == '\t') out_.push_back(c);
        ++p;
      } else {
        const utf8::Decoded character = utf8::decode_multibyte(p, end);
        p += character.length;
        if (character.code < 0xA0) continue;
        out_.make_room(4);
        out_.set_end(utf8::encode(character.code, out_.end()));
      }
    }
  }

  static bool begins_environment(const uint8_t* p, const uint8_t* end) {
    return std::string_view(reinterpret_cast<const char*>(p), static_cast<size_t>(end - p)).starts_with("\\begin{");
  }

  // The byte behind the formula that begins at p; nullptr where none does.
  static const uint8_t* find_formula_end(const uint8_t* p, const uint8_t* end) {
    const std::string_view rest(reinterpret_cast<const char*>(p), static_cast<size_t>(end - p));
    size_t found = std::string_view::npos, behind = 0;
    if (rest.starts_with("$$")) {
      found = rest.find("$$", 2);
      behind = 2;
    } else if (rest.starts_with('$')) {
      found = rest.find_first_of("$\n", 1);
      if (found != std::string_view::npos && rest[found] == '\n') return nullptr;
      behind = 1;
    } else if (rest.starts_with("\\begin{")) {
      const size_t close = rest.substr(0, kLongestEnvironment).find('}');
      if (close == std::string_view::npos) return nullptr;
      char ending[kLongestEnvironment] = "\\end";
      std::memcpy(ending + 4, rest.data() + 6, close - 5);
      behind = close - 1;  // "\end" is two bytes shorter than "\begin"
      found = rest.find(std::string_view(ending, behind), close);
    }
    return found == std::string_view::npos ? nullptr : p + found + behind;
  }

  void fence(size_t content) {
    size_t longest = 2, run = 0;
    for (size_t i = content; i < out_.size(); ++i) {
      run = out_[i] == '`' ? run + 1 : 0;
      longest = std::max(longest, run);
    }
    const size_t width = longest + 1, size = out_.size() - content;
    out_.make_room(2 * width + 2);
    std::memmove(out_.data() + content + width + 1, out_.data() + content, size);
    std::memset(out_.data() + content, '`', width);
    out_.data()[content + width] = '\n';
    out_.set_end(out_.end() + width + 1);
    out_.push_back('\n');
    for (size_t i = 0; i < width; ++i) out_.push_back('`');
  }

  Buffer<uint8_t>& out_;
  PostStyle style_;
  size_t begin_, line_;
  std::vector<Frame> frames_;
  size_t unmarked_ = 0;  // frames whose marker has not been written
  int gap_ = 2;          // line ends before the next word
  bool space_ = false, cell_ = false;
};

bool is_exponent(std::string_view text) {
  return !text.empty() && text.size() <= 6 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == 'n'; });
}

struct List {
  bool ordered;
  int64_t next;
};

// Walks over a tree, telling the writer what begins and ends.
class Walk {
 public:
  Walk(const Tree& tree, PostWriter& writer) : tree_(tree), writer_(writer) {}

  void run() {
    const uint32_t end = tree_.nodes[tree_.body].end;
    for (uint32_t i = tree_.body; i < end;) {
      close_before(i);
      const Node& node = tree_.nodes[i];
      if (node.is_text()) {
        write(node, i);
        ++i;
      } else if (has(node.tag, kUnseen)) {
        i = node.end;
      } else if (is_preformatted(node.tag)) {
        writer_.separate(2);
        writer_.write_block([&] { write_contents(i); });
        i = node.end;
      } else {
        begin(node, i);
        ++i;
      }
    }
    close_before(end);
    writer_.finish();
  }

  // As text nodes stand one behind the other.
  void run_flat() {
    for (uint32_t i = tree_.body; i < tree_.nodes[tree_.body].end;) {
      const Node& node = tree_.nodes[i];
      if (node.is_text()) writer_.write_flat(tree_.text(node), (node.flags & kReferences) != 0);
      else if (node.tag == Tag::kLi || node.tag == Tag::kOl) writer_.put("\n*");
      i = !node.is_text() && has(node.tag, kUnseen) ? node.end : i + 1;
    }
    writer_.strip();
  }

 private:
  static bool is_preformatted(Tag tag) { return tag == Tag::kPre || tag == Tag::kListing || tag == Tag::kXmp; }

  // Elements that, as list items and rows do, take a line of their own without an empty one around.
  static bool is_tight(Tag tag) {
    return tag == Tag::kTr || tag == Tag::kDt || tag == Tag::kDd || tag == Tag::kTbody || tag == Tag::kThead ||
           tag == Tag::kTfoot || tag == Tag::kCaption || tag == Tag::kOption || tag == Tag::kSummary || tag == Tag::kLegend;
  }

  void begin(const Node& node, uint32_t number) {
    switch (node.tag) {
      case Tag::kBr:
        writer_.end_line();
        return;
      case Tag::kCode:
        code_until_ = std::max(code_until_, node.end);
        return;
      case Tag::kSup:
        if (number + 2 == node.end && tree_.nodes[number + 1].is_text() && is_exponent(tree_.text(tree_.nodes[number + 1])) && writer_.behind_base())
          writer_.put("^");
        return;
      case Tag::kUl:
      case Tag::kOl:
        writer_.separate(lists_.empty() ? 2 : 1);
        lists_.push_back({node.tag == Tag::kOl, first_number(node)});
        break;
      case Tag::kLi:
        writer_.separate(1);
        if (lists_.empty()) writer_.begin_item(false, 0);
        else writer_.begin_item(lists_.back().ordered, lists_.back().next++);
        break;
      case Tag::kBlockquote:
        writer_.separate(2);
        writer_.begin_quote();
        break;
      case Tag::kTd:
      case Tag::kTh:
        break;
      default:
        if (!has(node.tag, kBlock)) return;
        writer_.separate(is_tight(node.tag) ? 1 : 2);
    }
    open_.push_back(number);
  }

  void close_before(uint32_t number) {
    while (!open_.empty() && number >= tree_.nodes[open_.back()].end) {
      const Tag tag = tree_.nodes[open_.back()].tag;
      open_.pop_back();
      switch (tag) {
        case Tag::kUl:
        case Tag::kOl:
          lists_.pop_back();
          writer_.separate(lists_.empty() ? 2 : 1);
          break;
        case Tag::kLi:
          writer_.end_frame();
          writer_.separate(1);
          break;
        case Tag::kBlockquote:
          writer_.end_frame();
          writer_.separate(2);
          break;
        case Tag::kTd:
        case Tag::kTh:
          writer_.end_cell();
          break;
        default:
          writer_.separate(is_tight(tag) ? 1 : 2);
      }
    }
  }

  void write(const Node& node, uint32_t number) {
    const bool references = (node.flags & kReferences) != 0;
    if (number < code_until_) writer_.write_code(tree_.text(node), references);
    else writer_.write(tree_.text(node), references);
  }

  void write_contents(uint32_t block) {
    const uint32_t end = tree_.nodes[block].end;
    for (uint32_t i = block + 1; i < end;) {
      const Node& node = tree_.nodes[i];
      if (node.is_text()) writer_.write_flat(tree_.text(node), (node.flags & kReferences) != 0);
      else if (node.tag == Tag::kBr) writer_.put("\n");
      i = !node.is_text() && has(node.tag, kUnseen) ? node.end : i + 1;
    }
  }

  int64_t first_number(const Node& node) const {
    const std::string_view* start = tree_.find(node, AttributeName::kStart);
    int64_t number = 1;
    if (start && start->size() <= 6) std::from_chars(start->data(), start->data() + start->size(), number);
    return number;
  }

  const Tree& tree_;
  PostWriter& writer_;
  std::vector<uint32_t> open_;  // elements whose end matters
  std::vector<List> lists_;
  uint32_t code_until_ = 0;
};

}  // namespace
}  // namespace html

TextBuffer post_text(const Column& posts, PostStyle style) {
  TextBuffer out(posts.total_bytes());
  html::Tree tree;
  for (size_t i = 0; i < posts.size(); ++i) {
    const Text post = posts[i];
    if (static_cast<size_t>(post.end - post.begin) >= html::kMaxBytes) throw std::length_error("a post is 2 GiB or longer");
    html::parse({reinterpret_cast<const char*>(post.begin), static_cast<size_t>(post.end - post.begin)}, tree);
    html::PostWriter writer(out.bytes, style);
    html::Walk walk(tree, writer);
    if (style.flat) walk.run_flat();
    else walk.run();
    out.end_value();
  }
  return out;
}

}  // namespace kernels
