#include <stdexcept>
#include <string_view>

#include "bindings.hpp"

// The Arrow C data interface, as its specification lays it out.
extern "C" {
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};
}

namespace kernels {
namespace {

nb::object export_array(nb::handle array) {
  if (!nb::hasattr(array, "__arrow_c_array__"))
    throw nb::type_error("expected an Arrow array of type large_string or large_binary");
  return array.attr("__arrow_c_array__")();
}

template <class T>
const T* pointer(const nb::object& capsules, int index, const char* name) {
  const nb::object capsule = capsules[index];
  void* found = PyCapsule_GetPointer(capsule.ptr(), name);
  if (!found) throw nb::python_error();
  return static_cast<const T*>(found);
}

Column read_column(const nb::object& capsules) {
  const std::string_view format = pointer<ArrowSchema>(capsules, 0, "arrow_schema")->format;
  if (format != "U" && format != "Z")
    throw nb::type_error("expected an Arrow array of type large_string or large_binary");
  static constexpr uint8_t kNothing = 0;
  const ArrowArray* array = pointer<ArrowArray>(capsules, 1, "arrow_array");
  const auto* bytes = static_cast<const uint8_t*>(array->buffers[2]);
  return Column(static_cast<const uint8_t*>(array->buffers[0]), static_cast<const int64_t*>(array->buffers[1]),
                bytes ? bytes : &kNothing, static_cast<size_t>(array->offset), static_cast<size_t>(array->length));
}

}  // namespace

ArrowInput::ArrowInput(nb::handle array) : capsules_(export_array(array)), column_(read_column(capsules_)) {}

}  // namespace kernels
