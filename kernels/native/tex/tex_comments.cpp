#include "tex_comments.hpp"

namespace kernels::tex {
namespace {

class CommentRemover {
 public:
  CommentRemover(View text, const RawNames& names, std::string& out)
      : p_(text.data()), end_(text.data() + text.size()), scanner_(names, text), out_(out), begin_(out.size()) {}

  void run() {
    while (p_ < end_) {
      const char* q = p_;
      while (q < end_ && *q != '%' && !scanner_.may_start(*q)) ++q;
      append(q);
      if (p_ == end_) return;
      if (*p_ == '%')
        comment();
      else
        stretch();
    }
  }

 private:
  void append(const char* q) {
    if (q == p_) return;
    out_.append(p_, q);
    p_ = q;
    behind_word_ = false;
  }

  void stretch() {
    const RawScanner::Stretch found = scanner_.at(p_);
    if (found.kind == Raw::verbatim) return append(found.end);
    if (found.kind == Raw::comment) {
      p_ = found.end;
      if (on_blank_line()) end_line();
      return;
    }
    if (*p_ != '\\') return append(p_ + 1);
    const Control control = read_control(p_, end_);
    append(control.end);
    behind_word_ = control.is_word();
  }

  void comment() {
    const char* line_end = p_;
    while (line_end < end_ && *line_end != '\n') ++line_end;
    p_ = line_end;
    if (on_blank_line()) return end_line();
    const size_t size = out_.size();
    while (out_.size() > begin_ && is_blank(out_.back())) out_.pop_back();
    if (out_.size() < size || p_ == end_) return;  // the blanks were a space, and the line end is one as well
    const char* next = skip_blanks(p_ + 1, end_);
    if (next < end_ && (*next == '\n' || (behind_word_ && is_letter(*next)))) return;
    p_ = next;
  }

  bool on_blank_line() const {
    size_t at = out_.size();
    while (at > begin_ && is_blank(out_[at - 1])) --at;
    return at == begin_ || out_[at - 1] == '\n';
  }

  // Takes back the blanks of a line on which nothing is left, and passes its end.
  void end_line() {
    const char* q = skip_blanks(p_, end_);
    if (q < end_ && *q != '\n' && *q != '%') return;
    while (out_.size() > begin_ && is_blank(out_.back())) out_.pop_back();
    p_ = q;
    if (p_ < end_ && *p_ == '\n') ++p_;
  }

  const char* p_;
  const char* const end_;
  RawScanner scanner_;
  std::string& out_;
  const size_t begin_;
  bool behind_word_ = false;
};

}  // namespace

void remove_comments(View text, const RawNames& names, std::string& out) {
  CommentRemover(text, names, out).run();
}

}  // namespace kernels::tex
