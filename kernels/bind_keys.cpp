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

Numpy<uint64_t> bind_duplicate_keys(nb::sequence shards) {
  std::vector<Input<uint64_t>> keys;  // keep the arrays alive
  std::vector<Input<uint8_t>> flags;
  std::vector<ShardKeys> views;
  for (const nb::handle shard : shards) {
    keys.push_back(nb::cast<Input<uint64_t>>(shard[0], false));
    flags.push_back(nb::cast<Input<uint8_t>>(shard[1], false));
    if (keys.back().size() != flags.back().size()) throw nb::value_error("keys and flags differ in length");
    views.push_back({keys.back().data(), flags.back().data(), keys.back().size()});
  }
  Buffer<uint64_t> result = [&] {
    nb::gil_scoped_release release;
    return duplicate_keys(views);
  }();
  return to_numpy(std::move(result));
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
      .def("finish", &BoundKeyCounter::finish,
           "The sorted unique keys, uint64, and flags, uint8: 1 where two documents have the key. Empties the counter.");
  m.def("duplicate_keys", bind_duplicate_keys, nb::arg("shards"));
}

}  // namespace kernels
