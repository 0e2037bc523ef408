#include "wet_records.hpp"

#include <algorithm>
#include <optional>

#include "bytes.hpp"

namespace kernels {
namespace {

constexpr size_t kMostPayload = size_t{16} << 20;   // bytes; what is larger is left to those who read piece by piece
constexpr size_t kExpansion = 4;                    // of most members; room that is not used costs nothing
constexpr size_t kMostHeader = size_t{60} << 10;
constexpr std::string_view kRecordEnd = "\r\n\r\n";

struct Record {
  std::string_view id, url, digest, payload;
  int64_t seconds;
};

bool begins_record(std::string_view member) {
  return member.starts_with("WARC/1.0\r\n") || member.starts_with("WARC/1.1\r\n");
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool is_name(std::string_view field, std::string_view lower_name) {
  const auto same = [](char a, char b) { return lower(a) == b; };
  return std::equal(field.begin(), field.end(), lower_name.begin(), lower_name.end(), same);
}

std::string_view bare_uri(std::string_view text) {
  return text.size() > 1 && text.front() == '<' && text.back() == '>' ? text.substr(1, text.size() - 2) : text;
}

// A number of exactly these digits; none when something else is among them.
std::optional<int64_t> number(std::string_view digits) {
  int64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Days from 1970 to a date of the Gregorian calendar.
int64_t days_since_epoch(int64_t year, int64_t month, int64_t day) {
  const int64_t shifted = month > 2 ? year : year - 1, era = shifted / 400, of_era = shifted - era * 400;
  const int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

// Of a date in the form 2023-09-28T14:05:49Z.
std::optional<int64_t> seconds_since_epoch(std::string_view date) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:ddZ";
  if (date.size() != kForm.size()) return std::nullopt;
  for (size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] != 'd' && date[i] != kForm[i]) return std::nullopt;
  const auto year = number(date.substr(0, 4)), month = number(date.substr(5, 2)), day = number(date.substr(8, 2));
  const auto hour = number(date.substr(11, 2)), minute = number(date.substr(14, 2)), second = number(date.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (*year < 1 || *month < 1 || *month > 12 || *day < 1 || *hour > 23 || *minute > 59 || *second > 59)
    return std::nullopt;
  const int64_t days = days_since_epoch(*year, *month, *day);
  const int64_t next_month = *month < 12 ? days_since_epoch(*year, *month + 1, 1) : days_since_epoch(*year + 1, 1, 1);
  if (days >= next_month) return std::nullopt;
  return ((days * 24 + *hour) * 60 + *minute) * 60 + *second;
}

// What the fields of a header say, each where it first occurs.
struct Fields {
  std::optional<std::string_view> type, id, url, date, digest, length;

  void take(std::string_view name, std::string_view value) {
    const auto first = [&](std::string_view known, std::optional<std::string_view>& field) {
      if (!field && is_name(name, known)) field = value;
    };
    first("warc-type", type);
    first("warc-record-id", id);
    first("warc-target-uri", url);
    first("warc-date", date);
    first("warc-block-digest", digest);
    first("content-length", length);
  }
};

// Reads header lines from the front of `rest`, the empty one behind them included. False for lines out of the ordinary.
bool take_fields(std::string_view& rest, Fields& fields) {
  const std::string_view header = rest.substr(0, kMostHeader);
  size_t at = 0;
  while (true) {
    const size_t end = header.find('\r', at);
    if (end == std::string_view::npos || end + 1 >= header.size() || header[end + 1] != '\n') return false;
    const std::string_view line = header.substr(at, end - at);
    at = end + 2;
    if (line.empty()) break;
    const auto plain = [](char c) { return c >= 0x20 && c < 0x7F; };
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0 || line.find(' ') < colon || line.starts_with("WARC/")) return false;
    if (!std::all_of(line.begin(), line.end(), plain)) return false;
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    value = value.substr(0, value.find_last_not_of(' ') + 1);
    fields.take(line.substr(0, colon), value);
  }
  rest.remove_prefix(at);
  return true;
}

// The record that a member consists of; none if it is irregular.
std::optional<Record> parse(std::string_view member) {
  constexpr std::string_view kUuid = "urn:uuid:";
  Fields fields;
  member.remove_prefix(member.find('\n') + 1);
  if (!take_fields(member, fields)) return std::nullopt;
  if (!fields.type || !is_name(*fields.type, "conversion")) return std::nullopt;
  if (!fields.id || !fields.url || !fields.date || !fields.digest || !fields.length) return std::nullopt;
  if (fields.length->empty() || fields.length->size() > 8 || !member.ends_with(kRecordEnd)) return std::nullopt;
  member.remove_suffix(kRecordEnd.size());
  const auto length = number(*fields.length), seconds = seconds_since_epoch(*fields.date);
  if (!length || static_cast<size_t>(*length) != member.size() || !seconds) return std::nullopt;
  Record record{bare_uri(*fields.id), bare_uri(*fields.url), *fields.digest, member, *seconds};
  if (record.id.starts_with(kUuid)) record.id.remove_prefix(kUuid.size());
  if (record.id.empty() || record.url.empty()) return std::nullopt;
  return record;
}

template <class T>
void drop_last(Buffer<T>& buffer) {
  buffer.set_end(buffer.end() - 1);
}

void drop_last(TextBuffer& text) {
  drop_last(text.offsets);
  text.bytes.set_end(text.bytes.data() + text.offsets.end()[-1]);
}

void drop_last(ShortTextBuffer& text) {
  drop_last(text.offsets);
  text.bytes.set_end(text.bytes.data() + text.offsets.end()[-1]);
}

void append_bytes(Buffer<uint8_t>& buffer, std::string_view bytes) {
  const auto* begin = reinterpret_cast<const uint8_t*>(bytes.data());
  buffer.make_room(bytes.size());
  buffer.set_end(append(buffer.end(), begin, begin + bytes.size()));
}

void append_record(WetRecords& records, const Record& record, std::string_view id_prefix, int64_t offset) {
  append_bytes(records.payload.bytes, record.payload);
  records.payload.end_value();
  append_bytes(records.id.bytes, id_prefix);
  records.id.append(record.id);
  records.url.append(record.url);
  records.digest.append(record.digest);
  records.seconds.push_back(record.seconds);
  records.offset.push_back(offset);
}

void drop_last_record(WetRecords& records) {
  drop_last(records.payload);
  drop_last(records.id);
  drop_last(records.url);
  drop_last(records.digest);
  drop_last(records.seconds);
  drop_last(records.offset);
}

}  // namespace

void ShortTextBuffer::append(std::string_view text) {
  append_bytes(bytes, text);
  offsets.push_back(static_cast<int32_t>(bytes.size()));
}

WetRecords WetReader::read(std::string_view bytes, size_t begin, int64_t offset, std::string_view id_prefix) {
  WetRecords records;
  records.payload.bytes.make_room(std::min(kExpansion * (bytes.size() - begin), kMostPayload));
  const auto* const start = reinterpret_cast<const uint8_t*>(bytes.data());
  bool unproven = false;  // whether it is not known yet what follows the last record
  size_t at = begin;
  members_.begin(start + bytes.size(), kMostPayload);
  while (records.payload.bytes.size() < kMostPayload) {
    const GzipMember& unpacked = members_.member(start + at);
    const std::string_view member(reinterpret_cast<const char*>(unpacked.content.data()), unpacked.content.size());
    if (unpacked.size == 0 || !begins_record(member)) break;
    unproven = false;
    records.members_bytes = at - begin;
    const std::optional<Record> record = parse(member);
    if (!record) break;
    append_record(records, *record, id_prefix, offset + static_cast<int64_t>(at - begin));
    unproven = true;
    at += unpacked.size;
  }
  if (unproven) drop_last_record(records);
  return records;
}

}  // namespace kernels
