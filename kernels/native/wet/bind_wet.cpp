#include <nanobind/stl/string.h>

#include <stdexcept>
#include <vector>

#include "bindings.hpp"
#include "wet.hpp"
#include "wet_records.hpp"

namespace kernels {
namespace {

nb::tuple to_numpy(ShortTextBuffer&& text) {
  return nb::make_tuple(to_numpy(std::move(text.offsets)), to_numpy(std::move(text.bytes)));
}

nb::tuple bind_wet_text(const nb::list& payloads) {
  std::vector<ArrowInput> arrays;
  std::vector<Column> columns;
  for (const nb::handle payload : payloads) columns.push_back(arrays.emplace_back(payload).column());
  WetText wet;
  {
    nb::gil_scoped_release release;
    wet = wet_text(columns);
  }
  return nb::make_tuple(to_numpy(std::move(wet.title)), to_numpy(std::move(wet.text)), to_numpy(std::move(wet.lines)),
                        to_numpy(std::move(wet.characters)), to_numpy(std::move(wet.replaced)));
}

nb::tuple read_records(WetReader& reader, const nb::bytes& data, size_t begin, int64_t offset,
                       const std::string& id_prefix) {
  if (begin > data.size()) throw std::invalid_argument("begin lies behind the end");
  WetRecords records;
  {
    nb::gil_scoped_release release;
    records = reader.read({data.c_str(), data.size()}, begin, offset, id_prefix);
  }
  return nb::make_tuple(records.members_bytes, to_numpy(std::move(records.payload)), to_numpy(std::move(records.id)),
                        to_numpy(std::move(records.url)), to_numpy(std::move(records.digest)),
                        to_numpy(std::move(records.seconds)), to_numpy(std::move(records.offset)));
}

}  // namespace

void register_wet(nb::module_& m) {
  m.def("wet_text", bind_wet_text, nb::arg("payloads"));
  nb::class_<WetReader>(m, "WetReader")
      .def(nb::init<>())
      .def("read", read_records, nb::arg("data"), nb::arg("begin"), nb::arg("offset"), nb::arg("id_prefix"));
}

}  // namespace kernels
