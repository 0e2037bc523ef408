#include "html_tags.hpp"

#include <array>
#include <cstring>

namespace kernels::html {
namespace {

constexpr const char* kNames[] = {
    "#text",
    "",
#define KERNELS_HTML_NAME(enumerator, name, traits) name,
    KERNELS_HTML_TAGS(KERNELS_HTML_NAME)
#undef KERNELS_HTML_NAME
};
constexpr size_t kCount = sizeof kNames / sizeof *kNames;
constexpr size_t kSlots = 1024;

struct Name {
  uint64_t low = 0, high = 0;  // the bytes of the name, zero-filled

  constexpr bool operator==(const Name&) const = default;
  constexpr size_t slot() const { return ((low ^ high * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u) >> 54; }
};

template <class Byte>
constexpr Name pack(const Byte* bytes, size_t length) {
  Name name;
  for (size_t i = 0; i < length; ++i)
    (i < 8 ? name.low : name.high) |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << (8 * (i % 8));
  return name;
}

struct Table {
  std::array<Name, kSlots> names{};
  std::array<Tag, kSlots> tags{};

  constexpr Table() {
    for (size_t tag = 2; tag < kCount; ++tag) {
      size_t length = 0;
      while (kNames[tag][length]) ++length;
      const Name name = pack(kNames[tag], length);
      size_t slot = name.slot();
      while (names[slot].low) slot = (slot + 1) % kSlots;
      names[slot] = name;
      tags[slot] = static_cast<Tag>(tag);
    }
  }
};

constexpr Table kTable;

}  // namespace

Tag find_tag(const uint8_t* bytes, size_t length) {
  if (length > kLongestTagName) return Tag::kOther;
  const Name name = pack(bytes, length);
  for (size_t slot = name.slot(); kTable.names[slot].low; slot = (slot + 1) % kSlots)
    if (kTable.names[slot] == name) return kTable.tags[slot];
  return Tag::kOther;
}

const char* tag_name(Tag tag) { return kNames[static_cast<size_t>(tag)]; }

}  // namespace kernels::html
