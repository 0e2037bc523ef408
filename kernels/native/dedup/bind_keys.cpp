#include <mutex>
#include <vector>

#include "bindings.hpp"
#include "duplicate_keys.hpp"
#include "key_counter.hpp"

namespace kernels {
namespace {

// Threads may add to one counter: the work happens without the interpreter lock, so it needs its own.
class BoundKeyCounter {
 public:
  void add(const Input<uint64_t>& hashes, const Input<int64_t>& offsets) {
    if (offsets.size() == 0) throw nb::value_error("offsets must have one more element than there are documents");
    nb::gil_scoped_release release;
    const std::lock_guard lock(mutex_);
    counter_.add(hashes.data(), hashes.size(), offsets.data(), offsets.size() - 1);
  }

  size_t nbytes() {
    const std::lock_guard lock(mutex_);
    return counter_.nbytes();
  }

  nb::tuple finish() {
    DocumentKeys result = [this] {
      nb::gil_scoped_release release;
      const std::lock_guard lock(mutex_);
      return counter_.finish();
    }();
    return nb::make_tuple(to_numpy(std::move(result.keys)), to_numpy(std::move(result.flags)));
  }

 private:
  std::mutex mutex_;
  KeyCounter counter_;
};

void bind_mark_duplicates(nb::sequence shards) {
  std::vector<Input<uint64_t>> keys;  // keep the arrays alive
  std::vector<Output<uint8_t>> marks;
  std::vector<ShardKeys> views;
  for (const nb::handle shard : shards) {
    keys.push_back(nb::cast<Input<uint64_t>>(shard[0], false));
    marks.push_back(nb::cast<Output<uint8_t>>(shard[1], false));
    if (keys.back().size() != marks.back().size()) throw nb::value_error("keys and marks differ in length");
    views.push_back({keys.back().data(), marks.back().data(), keys.back().size()});
  }
  nb::gil_scoped_release release;
  mark_duplicates(views);
}

}  // namespace

void register_keys(nb::module_& m) {
  nb::class_<BoundKeyCounter>(
      m, "KeyCounter",
      "Finds, for every line key of a shard, whether two documents have it. Takes the shard batch by batch, in at most "
      "12 bytes per unique key.")
      .def(nb::init<>())
      .def("add", &BoundKeyCounter::add, nb::arg("hashes").noconvert(), nb::arg("offsets").noconvert(),
           "Adds documents: hashes[offsets[i]:offsets[i + 1]] (uint64, int64) are the keys of the i-th. ValueError if "
           "the offsets do not ascend from 0 to len(hashes).")
      .def_prop_ro("nbytes", &BoundKeyCounter::nbytes, "Bytes held; `finish` takes as much again at its peak.")
      .def("finish", &BoundKeyCounter::finish,
           "The sorted unique keys, uint64, and flags, uint8: 1 where two documents have the key. Empties the counter.");
  m.def("mark_duplicates", bind_mark_duplicates, nb::arg("shards"));
}

}  // namespace kernels
