#include "html_text.hpp"

#include <algorithm>
#include <cstring>

#include "bytes.hpp"
#include "html_entities.hpp"
#include "html_tokens.hpp"
#include "utf8.hpp"

namespace kernels::html {
namespace {

// Writes text line by line; white space is held back until something follows it on its line.
class LineWriter {
 public:
  explicit LineWriter(Buffer<uint8_t>& out) : out_(out), begin_(out.size()), line_(out.size()) {}

  void end_line() {
    if (out_.size() > line_) put('\n');
    line_ = out_.size();
    space_ = false;
  }

  void end_cell() {
    if (out_.size() > line_) cell_ = true;
  }

  // Drops the last line's end.
  void finish() {
    end_line();
    if (out_.size() > begin_) out_.set_end(out_.data() + out_.size() - 1);
  }

  void write(std::string_view text, bool references) {
    const uint8_t* p = reinterpret_cast<const uint8_t*>(text.data());
    const uint8_t* end = p + text.size();
    while (p < end) {
      if (*p == '&' && references) {
        uint8_t decoded[kLongestReferenceText];
        const Reference reference = write_reference(p, end, decoded);
        p = reference.behind;
        for (const uint8_t* q = decoded; q < reference.out;) q = write_character(q, reference.out);
      } else {
        p = write_character(p, end);
      }
    }
  }

  void separate() { space_ = true; }

  void write_preformatted(std::string_view text, bool references, bool at_start) {
    const uint8_t* p = reinterpret_cast<const uint8_t*>(text.data());
    const uint8_t* end = p + text.size();
    if (at_start && p < end && *p == '\r') ++p;
    if (at_start && p < end && *p == '\n') ++p;
    while (p < end) {
      const uint8_t c = *p;
      if (c == '\r') {
        ++p;
        if (p == end || *p != '\n') put('\n');
      } else if (c == '\n' || c == '\t' || c == ' ') {
        put(c);
        ++p;
        if (c == '\n') line_ = out_.size();
      } else if (c == '&' && references) {
        uint8_t decoded[kLongestReferenceText];
        const Reference reference = write_reference(p, end, decoded);
        p = reference.behind;
        for (const uint8_t* q = decoded; q < reference.out;) q = write_character(q, reference.out);
        flush_space();
      } else {
        p = write_character(p, end);
      }
    }
  }

 private:
  void put(uint8_t c) { out_.push_back(c); }

  void flush_space() {
    if (out_.size() > line_ && (space_ || cell_)) put(cell_ ? '\t' : ' ');
    space_ = cell_ = false;
  }

  const uint8_t* write_character(const uint8_t* p, const uint8_t* end) {
    const uint8_t c = *p;
    if (c < 0x80) {
      if (c > ' ' && c != 0x7F) {
        flush_space();
        // As long as it goes on like this, no byte needs a second look.
        const uint8_t* from = p;
        while (p < end && *p > ' ' && *p < 0x7F && *p != '&') ++p;
        if (p == from) ++p;
        out_.make_room(static_cast<size_t>(p - from));
        std::memcpy(out_.end(), from, static_cast<size_t>(p - from));
        out_.set_end(out_.end() + (p - from));
        return p;
      }
      if (is_space(c)) space_ = true;
      return p + 1;
    }
    const utf8::Decoded character = utf8::decode_multibyte(p, end);
    const uint8_t* next = p + character.length;
    if (character.code < 0xA0) return next;
    if (is_wide_space(character.code)) {
      space_ = true;
      return next;
    }
    if (is_ignorable(character.code)) return next;
    flush_space();
    out_.make_room(4);
    out_.set_end(utf8::encode(character.code, out_.end()));
    return next;
  }

  static bool is_wide_space(uint32_t code) {
    return code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
           code == 0x202F || code == 0x205F || code == 0x3000;
  }

  // Soft hyphens, zero-width spaces and byte order marks only say where a line may break.
  static bool is_ignorable(uint32_t code) { return code == 0xAD || code == 0x200B || code == 0x2060 || code == 0xFEFF; }

  Buffer<uint8_t>& out_;
  size_t begin_, line_;
  bool space_ = false, cell_ = false;
};

bool is_preformatted(Tag tag) { return tag == Tag::kPre || tag == Tag::kListing || tag == Tag::kXmp; }

}  // namespace

void write_text(const Tree& tree, uint32_t root, const std::vector<uint8_t>& dropped, Buffer<uint8_t>& out) {
  LineWriter writer(out);
  std::vector<uint32_t> open;  // elements that end a line, or a cell, at their end
  size_t preformatted = 0;     // end of the outermost <pre>
  const uint32_t end = tree.nodes[root].end;
  const auto close = [&](uint32_t number) {
    const Tag tag = tree.nodes[number].tag;
    if (tag == Tag::kTd || tag == Tag::kTh) writer.end_cell();
    else writer.end_line();
  };
  for (uint32_t i = root; i < end;) {
    while (!open.empty() && i >= tree.nodes[open.back()].end) {
      close(open.back());
      open.pop_back();
    }
    const Node& node = tree.nodes[i];
    if (dropped[i]) {
      i = node.end;
      continue;
    }
    if (node.is_text()) {
      const bool references = (node.flags & kReferences) != 0;
      const bool first = tree.nodes[node.parent].tag == Tag::kPre && node.parent + 1 == i;
      if (i < preformatted) writer.write_preformatted(tree.text(node), references, first);
      else writer.write(tree.text(node), references);
    } else if (node.tag == Tag::kBr) {
      writer.end_line();
    } else if (has(node.tag, kBlock)) {
      if (node.tag != Tag::kTd && node.tag != Tag::kTh) writer.end_line();
      if (node.end > i + 1) open.push_back(i);
      if (is_preformatted(node.tag) && preformatted < node.end) preformatted = node.end;
    }
    ++i;
  }
  writer.finish();
}

void write_line(const Tree& tree, uint32_t root, Buffer<uint8_t>& out) {
  write_block(tree, root, tree.nodes[root].end - 1, out);
}

void write_block(const Tree& tree, uint32_t first, uint32_t last, Buffer<uint8_t>& out) {
  LineWriter writer(out);
  for (uint32_t i = first; i <= last; ++i) {
    const Node& node = tree.nodes[i];
    if (node.is_text()) writer.write(tree.text(node), (node.flags & kReferences) != 0);
    else if (has(node.tag, kBlock) || node.tag == Tag::kBr) writer.separate();
  }
  writer.finish();
}

void write_lines(std::string_view text, Buffer<uint8_t>& out) {
  LineWriter writer(out);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    writer.write(text.substr(at, end - at), true);
    writer.end_line();
    at = end + 1;
  }
  writer.finish();
}

void write_line(std::string_view text, Buffer<uint8_t>& out) {
  LineWriter writer(out);
  writer.write(text, true);
  writer.finish();
}

}  // namespace kernels::html
