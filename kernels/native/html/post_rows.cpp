#include "post_rows.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "bytes.hpp"
#include "utf8.hpp"

namespace kernels {
namespace {

bool is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view view(const uint8_t* begin, const uint8_t* end) {
  return {reinterpret_cast<const char*>(begin), static_cast<size_t>(end - begin)};
}

int64_t to_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 18) return kMissing;
  int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return kMissing;
    number = number * 10 + (c - '0');
  }
  return negative ? -number : number;
}

// Days from 1970-01-01 in the Gregorian calendar, years counted from March so that the leap day comes last.
int64_t to_days(int64_t year, int64_t month, int64_t day) {
  if (month <= 2) --year;
  const int64_t century = year / 400, in_century = year - century * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return century * 146097 + in_century * 365 + in_century / 4 - in_century / 100 + day_of_year - 719468;
}

// "2014-05-03T22:19:44.830", the fraction and all that follows it optional.
int64_t to_milliseconds(std::string_view text) {
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' || text[16] != ':')
    return kMissing;
  const int64_t year = to_number(text.substr(0, 4)), month = to_number(text.substr(5, 2)), day = to_number(text.substr(8, 2));
  const int64_t hour = to_number(text.substr(11, 2)), minute = to_number(text.substr(14, 2)), second = to_number(text.substr(17, 2));
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return kMissing;
  int64_t fraction = 0;
  if (text.size() >= 23 && text[19] == '.') fraction = std::max<int64_t>(to_number(text.substr(20, 3)), 0);
  return ((to_days(year, month, day) * 24 + hour) * 60 + minute) * 60'000 + second * 1000 + fraction;
}

struct Malformed {
  RowFault fault;
};

// The text of the reference at p ("&lt;", "&#10;") is appended; returns the byte behind it.
const uint8_t* append_reference(const uint8_t* p, const uint8_t* end, Buffer<uint8_t>& out) {
  const uint8_t* stop = find_byte(p, std::min(end, p + 16), ';');
  if (stop == std::min(end, p + 16)) throw Malformed{RowFault::kMalformed};
  const std::string_view name = view(p + 1, stop);
  out.make_room(4);
  if (name.starts_with('#')) {
    const bool hexadecimal = name.size() > 1 && name[1] == 'x';
    uint32_t code = 0;
    const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
    if (digits.empty()) throw Malformed{RowFault::kMalformed};
    for (const char c : digits) {
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
      if (digit >= (hexadecimal ? 16 : 10)) throw Malformed{RowFault::kMalformed};
      code = std::min<uint32_t>(code * (hexadecimal ? 16 : 10) + static_cast<uint32_t>(digit), 0x110000);
    }
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = utf8::kReplacement;
    out.set_end(utf8::encode(code, out.end()));
  } else if (name == "lt") {
    out.push_back('<');
  } else if (name == "gt") {
    out.push_back('>');
  } else if (name == "amp") {
    out.push_back('&');
  } else if (name == "quot") {
    out.push_back('"');
  } else if (name == "apos") {
    out.push_back('\'');
  } else {
    throw Malformed{RowFault::kEntity};
  }
  return stop + 1;
}

// White space as it stands in an attribute means a space; a carriage return and line feed mean one.
void append_plain(const uint8_t* p, const uint8_t* end, Buffer<uint8_t>& out) {
  out.make_room(static_cast<size_t>(end - p));
  uint8_t* to = out.end();
  if (find_byte(p, end, '\r') == end) {
    for (; p < end; ++p) *to++ = *p == '\n' || *p == '\t' ? ' ' : *p;
  } else {
    for (; p < end; ++p) {
      if (*p == '\r' && p + 1 < end && p[1] == '\n') continue;
      *to++ = is_space(*p) ? ' ' : *p;
    }
  }
  out.set_end(to);
}

// The value is appended as UTF-8; returns whether it had to be repaired.
bool append_value(const uint8_t* p, const uint8_t* end, Buffer<uint8_t>& out) {
  const size_t begin = out.size();
  while (p < end) {
    const uint8_t* reference = find_byte(p, end, '&');
    append_plain(p, reference, out);
    p = reference < end ? append_reference(reference, end, out) : end;
  }
  const uint8_t* invalid = utf8::find_invalid(out.data() + begin, out.end());
  if (invalid == out.end()) return false;
  Buffer<uint8_t> repaired;
  for (const uint8_t* q = out.data() + begin; q < out.end();) {
    const utf8::Decoded character = utf8::decode(q, out.end());
    repaired.make_room(4);
    repaired.set_end(utf8::encode(character.code, repaired.end()));
    q += character.length;
  }
  out.set_end(out.data() + begin);
  out.make_room(repaired.size());
  out.set_end(append(out.end(), repaired.begin(), repaired.end()));
  return true;
}

enum Field { kId, kType, kParent, kScore, kAccepted, kCreated, kEdited, kActive, kTitle, kTags, kBody, kFields };

constexpr std::string_view kNames[kFields] = {"Id", "PostTypeId", "ParentId", "Score", "AcceptedAnswerId", "CreationDate", "LastEditDate", "LastActivityDate", "Title", "Tags", "Body"};

Field find_field(std::string_view name) {
  for (int field = 0; field < kFields; ++field)
    if (kNames[field] == name) return static_cast<Field>(field);
  return kFields;
}

class Reader {
 public:
  Reader(const uint8_t* data, size_t size, bool last) : begin_(data), p_(data), end_(data + size), last_(last) {}

  PostRows run() && {
    while ((p_ = find_byte(p_, end_, '<')) < end_) {
      const uint8_t* start = p_;
      if (!step()) {  // the data ends here
        if (!last_) {
          rows_.consumed = static_cast<size_t>(start - begin_);
          return std::move(rows_);
        }
        add_fault(start, RowFault::kTruncated);
        if (!starts_with(start, "<row")) break;  // all the rest is in a comment or the like
        p_ = start + 1;
      }
    }
    rows_.consumed = static_cast<size_t>(end_ - begin_);
    return std::move(rows_);
  }

 private:
  bool starts_with(const uint8_t* p, std::string_view text) const {
    return static_cast<size_t>(end_ - p) >= text.size() && std::memcmp(p, text.data(), text.size()) == 0;
  }

  // Passes what begins with the "<" at p_. False when more data is needed for that.
  bool step() {
    constexpr size_t kLongestStart = 9;  // <!DOCTYPE, <![CDATA[
    if (!last_ && static_cast<size_t>(end_ - p_) < kLongestStart) return false;
    if (starts_with(p_, "<row") && end_ - p_ > 4 && (is_space(p_[4]) || p_[4] == '/' || p_[4] == '>')) return read_row();
    if (starts_with(p_, "<!--")) return skip_past("-->");
    if (starts_with(p_, "<![CDATA[")) return skip_past("]]>");
    if (starts_with(p_, "<?")) return skip_past("?>");
    if (starts_with(p_, "<!DOCTYPE")) return skip_document_type();
    ++p_;
    return true;
  }

  bool skip_past(std::string_view text) {
    const std::string_view rest = view(p_, end_);
    const size_t found = rest.find(text);
    if (found == std::string_view::npos) return false;
    p_ += found + text.size();
    return true;
  }

  bool skip_document_type() {
    int depth = 0;
    for (const uint8_t* p = p_; p < end_; ++p) {
      if (*p == '"' || *p == '\'') {
        p = find_byte(p + 1, end_, *p);
        if (p == end_) return false;
      } else if (*p == '<') {
        ++depth;
      } else if (*p == '>' && --depth == 0) {
        p_ = p + 1;
        return true;
      }
    }
    return false;
  }

  bool read_row() {
    const uint8_t* start = p_;
    try {
      if (!find_values()) return false;
      add_row(start);
    } catch (const Malformed& malformed) {
      take_back();
      add_fault(start, malformed.fault);
      p_ = start + 1;
    }
    return true;
  }

  // Finds the values of the tag at p_ and passes it. False when the data ends first.
  bool find_values() {
    std::fill(std::begin(values_), std::end(values_), std::string_view());
    std::fill(std::begin(found_), std::end(found_), false);
    const uint8_t* p = p_ + 4;
    while (true) {
      const bool spaced = p < end_ && is_space(*p);
      while (p < end_ && is_space(*p)) ++p;
      if (p == end_) return false;
      if (*p == '>') break;
      if (*p == '/') {
        if (p + 1 == end_) return false;
        if (*++p != '>') throw Malformed{RowFault::kMalformed};
        break;
      }
      if (!spaced) throw Malformed{RowFault::kMalformed};
      const uint8_t* name = p;
      while (p < end_ && *p != '=' && !is_space(*p) && *p != '<' && *p != '>' && *p != '"' && *p != '\'') ++p;
      const std::string_view known = view(name, p);
      while (p < end_ && is_space(*p)) ++p;
      if (p == end_) return false;
      if (*p != '=' || known.empty()) throw Malformed{RowFault::kMalformed};
      ++p;
      while (p < end_ && is_space(*p)) ++p;
      if (p == end_) return false;
      if (*p != '"' && *p != '\'') throw Malformed{RowFault::kMalformed};
      const uint8_t* value = p + 1;
      p = find_byte(value, end_, *p);
      if (find_byte(value, p, '<') < p) throw Malformed{RowFault::kMalformed};
      if (p == end_) return false;
      const Field field = find_field(known);
      if (field != kFields) {
        if (found_[field]) throw Malformed{RowFault::kMalformed};
        found_[field] = true;
        values_[field] = view(value, p);
      }
      ++p;
    }
    p_ = p + 1;
    return true;
  }

  void add_row(const uint8_t* start) {
    const int64_t id = to_number(values_[kId]), type = to_number(values_[kType]);
    if (id == kMissing || type == kMissing) throw Malformed{RowFault::kNoNumber};
    bool repaired = false;
    TextBuffer* const texts[] = {&rows_.title, &rows_.tags, &rows_.body};
    for (int i = 0; i < 3; ++i) {
      const std::string_view value = values_[kTitle + i];
      const uint8_t* data = reinterpret_cast<const uint8_t*>(value.data());
      repaired |= append_value(data, data + value.size(), texts[i]->bytes);
    }
    for (TextBuffer* text : texts) text->end_value();
    rows_.position.push_back(start - begin_);
    rows_.id.push_back(id);
    rows_.type.push_back(type);
    rows_.parent.push_back(to_number(values_[kParent]));
    rows_.score.push_back(to_number(values_[kScore]));
    rows_.accepted.push_back(to_number(values_[kAccepted]));
    const int64_t created = to_milliseconds(values_[kCreated]);
    rows_.created.push_back(created);
    rows_.changed.push_back(std::max({created, to_milliseconds(values_[kEdited]), to_milliseconds(values_[kActive])}));
    rows_.repaired.push_back(repaired ? 1 : 0);
  }

  // Forgets what a row left behind in the texts.
  void take_back() {
    for (TextBuffer* text : {&rows_.title, &rows_.tags, &rows_.body})
      text->bytes.set_end(text->bytes.data() + text->offsets[text->offsets.size() - 1]);
  }

  void add_fault(const uint8_t* start, RowFault fault) {
    rows_.fault_position.push_back(start - begin_);
    rows_.fault.push_back(static_cast<uint8_t>(fault));
  }

  const uint8_t* begin_;
  const uint8_t* p_;
  const uint8_t* end_;
  bool last_;
  std::string_view values_[kFields];
  bool found_[kFields] = {};
  PostRows rows_;
};

}  // namespace

PostRows read_post_rows(const uint8_t* data, size_t size, bool last) { return Reader(data, size, last).run(); }

}  // namespace kernels
