#include "bindings.hpp"
#include "post_rows.hpp"

namespace kernels {
namespace {

nb::dict bind_post_rows(nb::bytes data, bool last) {
  PostRows rows = [&] {
    nb::gil_scoped_release release;
    return read_post_rows(static_cast<const uint8_t*>(data.data()), data.size(), last);
  }();
  nb::dict result;
  result["consumed"] = rows.consumed;
  result["position"] = to_numpy(std::move(rows.position));
  result["id"] = to_numpy(std::move(rows.id));
  result["type"] = to_numpy(std::move(rows.type));
  result["parent"] = to_numpy(std::move(rows.parent));
  result["score"] = to_numpy(std::move(rows.score));
  result["accepted"] = to_numpy(std::move(rows.accepted));
  result["created"] = to_numpy(std::move(rows.created));
  result["changed"] = to_numpy(std::move(rows.changed));
  result["repaired"] = to_numpy(std::move(rows.repaired));
  result["title"] = to_numpy(std::move(rows.title));
  result["tags"] = to_numpy(std::move(rows.tags));
  result["body"] = to_numpy(std::move(rows.body));
  result["fault_position"] = to_numpy(std::move(rows.fault_position));
  result["fault"] = to_numpy(std::move(rows.fault));
  return result;
}

}  // namespace

void register_posts(nb::module_& m) { m.def("post_rows", bind_post_rows, nb::arg("data"), nb::arg("last")); }

}  // namespace kernels
