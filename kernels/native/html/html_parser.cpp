#include <algorithm>

#include "html_open_elements.hpp"
#include "html_tokens.hpp"
#include "html_tree.hpp"

namespace kernels::html {
namespace {

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_space(static_cast<uint8_t>(c)); });
}

class Parser : OpenElements {
 public:
  Parser(std::string_view source, Tree& tree) : OpenElements(tree), scanner_(source, tree.attributes) {}

  void run() {
    open(Tag::kHtml, 0);
    open(Tag::kHead, 0);
    for (bool more = true; more;) {
      switch (scanner_.next(svg_ > 0)) {
        case Scanner::Kind::kEnd:
          more = false;
          break;
        case Scanner::Kind::kText:
        case Scanner::Kind::kCdata:
          add_text(scanner_.text());
          break;
        case Scanner::Kind::kStartTag:
          start(scanner_.start());
          break;
        case Scanner::Kind::kEndTag:
          end(scanner_.end_tag());
          break;
      }
    }
    enter_body();
    while (!stack_.empty()) pop();
  }

 private:
  bool in_head() const { return tree_.body == 0; }

  void enter_body() {
    if (!in_head()) return;
    pop_to(1);
    open(Tag::kBody, static_cast<uint32_t>(tree_.attributes.size()));
    tree_.body = stack_.back();
  }

  void add_text(std::string_view text) {
    if (in_head() && current() != Tag::kNoscript && current() != Tag::kTemplate) {
      if (is_blank(text)) return;
      enter_body();
    }
    push_text(text);
  }

  void push_text(std::string_view text) {
    if (text.empty()) return;
    uint8_t flags = in_link_ ? kInLink : 0;
    if (text.find('&') != std::string_view::npos) flags |= kReferences;
    add_node(Tag::kText, static_cast<uint32_t>(scanner_.position(text)), static_cast<uint32_t>(text.size()), flags);
  }

  void drop_attributes(const StartTag& tag) { tree_.attributes.resize(tag.first_attribute); }

  void start(const StartTag& tag) {
    if (tag.tag == Tag::kHtml || tag.tag == Tag::kHead) return drop_attributes(tag);
    if (tag.tag == Tag::kBody || tag.tag == Tag::kFrameset) return start_body(tag);
    if (in_head() && !has(tag.tag, kHeadOnly) && current() != Tag::kTemplate) {
      // What is allowed inside <noscript> of a head may not be allowed in the head.
      enter_body();
    }
    if (svg_ > 0 && start_foreign(tag)) return;
    if (!make_room(tag)) return drop_attributes(tag);
    insert(tag);
  }

  void start_body(const StartTag& tag) {
    if (!in_head()) {
      Node& body = tree_.nodes[tree_.body];
      if (body.size) return drop_attributes(tag);
      body.begin = tag.first_attribute;
      body.size = static_cast<uint32_t>(tree_.attributes.size()) - tag.first_attribute;
      return;
    }
    pop_to(1);
    open(Tag::kBody, tag.first_attribute);
    tree_.body = stack_.back();
  }

  static bool ends_drawing(Tag tag) {
    if (has(tag, kFormatting)) return tag != Tag::kA && tag != Tag::kFont;
    return has(tag, kBlock) || tag == Tag::kImg || tag == Tag::kBr || tag == Tag::kSpan || tag == Tag::kSub ||
           tag == Tag::kSup || tag == Tag::kVar || tag == Tag::kRuby || tag == Tag::kEmbed || tag == Tag::kMeta;
  }

  // Inside <svg> "/>" ends an element, and HTML's own elements end the drawing. Whether the tag has been dealt with.
  bool start_foreign(const StartTag& tag) {
    if (ends_drawing(tag.tag)) {
      const size_t depth = find([](Tag t) { return t == Tag::kSvg; }, [](Tag t) { return t == Tag::kHtml; });
      if (depth != kNowhere) pop_to(depth);
      return false;
    }
    if (tag.tag == Tag::kScript || tag.tag == Tag::kStyle) return false;
    if (tag.self_closing || stack_.size() >= kMaxDepth)
      add_node(tag.tag, tag.first_attribute, static_cast<uint32_t>(tree_.attributes.size()) - tag.first_attribute);
    else
      open(tag.tag, tag.first_attribute);
    return true;
  }

  void insert(const StartTag& tag) {
    const uint32_t size = static_cast<uint32_t>(tree_.attributes.size()) - tag.first_attribute;
    if (has(tag.tag, kVoid) || (tag.tag == Tag::kSvg && tag.self_closing)) {
      add_node(tag.tag, tag.first_attribute, size);
      return;
    }
    if (stack_.size() >= kMaxDepth) {
      add_node(tag.tag, tag.first_attribute, size);
      if (has(tag.tag, kRaw)) scanner_.read_raw(tag.tag);
      else ++too_deep_;
      return;
    }
    open(tag.tag, tag.first_attribute);
    if (has(tag.tag, kRaw)) {
      scanner_.read_raw(tag.tag);
      push_text(scanner_.text());
      pop();
    } else if (tag.tag == Tag::kPlaintext) {
      scanner_.read_rest();
      push_text(scanner_.text());
    } else if (tag.tag == Tag::kA) {
      in_link_ = tree_.find(tree_.nodes[stack_.back()], AttributeName::kHref) != nullptr;
    }
  }

  // Ends what the start tag implies has ended, and begins what it implies has begun; false when it is to be ignored.
  bool make_room(const StartTag& tag) {
    if (has(tag.tag, kCellPart)) return make_table_room(tag.tag);
    if (find_open_select(tag.tag)) return tag.tag != Tag::kSelect;
    switch (tag.tag) {
      case Tag::kLi:
        close_item([](Tag t) { return t == Tag::kLi; });
        break;
      case Tag::kDd:
      case Tag::kDt:
        close_item([](Tag t) { return t == Tag::kDd || t == Tag::kDt; });
        break;
      case Tag::kOption:
      case Tag::kOptgroup:
        if (current() == Tag::kOption) pop();
        if (tag.tag == Tag::kOptgroup && current() == Tag::kOptgroup) pop();
        break;
      case Tag::kRp:
      case Tag::kRt:
        if (current() == Tag::kRp || current() == Tag::kRt) pop();
        break;
      case Tag::kA:
        close_formatting(Tag::kA);
        break;
      case Tag::kButton:
        if (const size_t depth = find_in_scope(Tag::kButton); depth != kNowhere) pop_to(depth);
        break;
      default:
        break;
    }
    if (has(tag.tag, kClosesP)) {
      close_paragraph();
      if (has(tag.tag, kHeading) && has(current(), kHeading)) pop();
    }
    return true;
  }

  // A list of choices holds choices only: others end it, so that one left open does not hide the page.
  bool find_open_select(Tag tag) {
    if (tag != Tag::kSelect && tag != Tag::kInput && tag != Tag::kTextarea && !has(tag, kClosesP)) return false;
    const size_t depth = find([](Tag t) { return t == Tag::kSelect; },
                              [](Tag t) { return t != Tag::kOption && t != Tag::kOptgroup; });
    if (depth == kNowhere) return false;
    pop_to(depth);
    return tag == Tag::kSelect;
  }

  template <class Same>
  void close_item(Same same) {
    const size_t depth = find(same, [](Tag t) {
      return has(t, kSpecial) && t != Tag::kAddress && t != Tag::kDiv && t != Tag::kP;
    });
    if (depth != kNowhere) pop_to(depth);
  }

  bool make_table_room(Tag tag) {
    const size_t table = find_in_table(Tag::kTable);
    if (table == kNowhere) return false;
    const auto is_row_group = [](Tag t) { return t == Tag::kTbody || t == Tag::kThead || t == Tag::kTfoot; };
    if (tag == Tag::kTd || tag == Tag::kTh || tag == Tag::kTr) {
      const size_t row = find_in_table(Tag::kTr);
      if (row != kNowhere && tag != Tag::kTr) {
        pop_to(row + 1);
        return true;
      }
      const size_t group = find(is_row_group, [](Tag t) { return t == Tag::kTable; });
      pop_to(group == kNowhere ? table + 1 : group + 1);
      if (group == kNowhere) open_implied(Tag::kTbody);
      if (tag != Tag::kTr) open_implied(Tag::kTr);
      return true;
    }
    if (tag == Tag::kCol) {
      const size_t group = find_in_table(Tag::kColgroup);
      pop_to(group == kNowhere ? table + 1 : group + 1);
      if (group == kNowhere) open_implied(Tag::kColgroup);
      return true;
    }
    pop_to(table + 1);
    return true;
  }

  // The attributes of the tag being read come last, and are not for this element.
  void open_implied(Tag tag) {
    open(tag, static_cast<uint32_t>(tree_.attributes.size()));
  }

  void end(Tag tag) {
    if (too_deep_ > 0) {
      if (!has(tag, kVoid)) --too_deep_;
      return;
    }
    if (tag == Tag::kBr) return insert_empty(Tag::kBr);
    if (tag == Tag::kHtml || tag == Tag::kBody || has(tag, kVoid)) return;
    if (in_head()) {
      if (tag == Tag::kHead) return pop_to(2);
      const size_t depth = find([tag](Tag t) { return t == tag; }, [](Tag t) { return t == Tag::kHead; });
      if (depth != kNowhere && depth > 1) pop_to(depth);
      return;
    }
    if (tag == Tag::kP) return end_paragraph();
    if (has(tag, kFormatting)) return close_formatting(tag);
    if (has(tag, kCellPart) || tag == Tag::kTable) return end_table_part(tag);
    if (tag == Tag::kLi) return close_in([tag](Tag t) { return t == tag; }, [](Tag t) {
      return has(t, kBarrier) || t == Tag::kOl || t == Tag::kUl;
    });
    if (has(tag, kHeading)) return close_in([](Tag t) { return has(t, kHeading); }, is_barrier);
    if (has(tag, kSpecial)) return close_in([tag](Tag t) { return t == tag; }, is_barrier);
    close_in([tag](Tag t) { return t == tag; }, [](Tag t) { return has(t, kSpecial | kBarrier); });
  }

  static bool is_barrier(Tag tag) { return has(tag, kBarrier); }

  template <class Wanted, class Bounds>
  void close_in(Wanted wanted, Bounds bounds) {
    const size_t depth = find(wanted, bounds);
    if (depth != kNowhere && depth > 1) pop_to(depth);
  }

  void insert_empty(Tag tag) {
    enter_body();
    add_node(tag, static_cast<uint32_t>(tree_.attributes.size()), 0);
  }

  void end_paragraph() {
    const uint32_t before = paragraphs_;
    close_paragraph();
    if (paragraphs_ == before) insert_empty(Tag::kP);
  }

  void close_formatting(Tag tag) {
    if (tag == Tag::kA) in_link_ = false;
    close_in([tag](Tag t) { return t == tag; }, [](Tag t) { return has(t, kSpecial | kBarrier); });
  }

  void end_table_part(Tag tag) {
    const size_t depth = find_in_table(tag);
    if (depth != kNowhere) pop_to(depth);
  }

  Scanner scanner_;
  size_t too_deep_ = 0;  // elements that are open beyond the greatest depth
};

}  // namespace

void parse(std::string_view source, Tree& tree) {
  tree.nodes.clear();
  tree.attributes.clear();
  tree.source = source;
  tree.body = 0;
  Parser(source, tree).run();
}

}  // namespace kernels::html
