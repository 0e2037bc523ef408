#include <nanobind/stl/string.h>

#include <mutex>
#include <string_view>

#include "bindings.hpp"
#include "bytes.hpp"
#include "kenlm_model.hpp"
#include "kenlm_stream.hpp"
#include "model_error.hpp"
#include "perplexity.hpp"
#include "unigram_encoder.hpp"

namespace kernels {
namespace {

// Encoding changes caches and scratch memory: threads take turns.
class BoundEncoder {
 public:
  explicit BoundEncoder(const nb::bytes& model) : encoder_(unigram::read_model({model.c_str(), model.size()})) {}

  nb::tuple encode(nb::handle array) {
    const ArrowInput input(array);
    Buffer<int64_t> offsets;
    TextBuffer pieces;
    {
      nb::gil_scoped_release release;
      const std::lock_guard lock(mutex_);
      unigram::Encoding encoding;
      offsets.push_back(0);
      for (size_t i = 0; i < input.column().size(); ++i) {
        encoder_.start(input.column()[i]);
        while (encoder_.next(encoding)) append_pieces(encoding, pieces);
        offsets.push_back(static_cast<int64_t>(pieces.offsets.size()) - 1);
      }
    }
    return nb::make_tuple(to_numpy(std::move(offsets)), to_numpy(std::move(pieces)));
  }

  unigram::Encoder& encoder() { return encoder_; }
  std::mutex& mutex() { return mutex_; }

 private:
  void append_pieces(const unigram::Encoding& encoding, TextBuffer& pieces) const {
    auto unknown = encoding.unknown.begin();
    for (const int32_t id : encoding.ids) {
      const std::string& text = id < 0 ? *unknown++ : encoder_.pieces()[static_cast<size_t>(id)].text;
      const auto* begin = reinterpret_cast<const uint8_t*>(text.data());
      pieces.bytes.make_room(text.size());
      pieces.bytes.set_end(append(pieces.bytes.end(), begin, begin + text.size()));
      pieces.end_value();
    }
  }

  std::mutex mutex_;
  unigram::Encoder encoder_;
};

kenlm::Model open_kenlm(const std::string& path) {
  nb::gil_scoped_release release;
  return kenlm::Model::open(path);
}

Numpy<float> score_sentences(const kenlm::Model& model, nb::handle array) {
  const ArrowInput input(array);
  const Column& sentences = input.column();
  Buffer<float> scores;
  {
    nb::gil_scoped_release release;
    kenlm::ScoreStream stream(model);
    for (size_t i = 0; i < sentences.size(); ++i) {
      const Text text = sentences[i];
      stream.begin_sentence();
      stream.add_words({reinterpret_cast<const char*>(text.begin), static_cast<size_t>(text.end - text.begin)});
      stream.end_sentence();
    }
    scores = stream.finish();
  }
  return to_numpy(std::move(scores));
}

class BoundScorer {
 public:
  BoundScorer(BoundEncoder& encoder, const kenlm::Model& model) : encoder_(encoder), scorer_(encoder.encoder(), model) {}

  nb::tuple score(nb::handle array, bool per_line) {
    const ArrowInput input(array);
    const Column& text = input.column();
    Buffer<double> log10(text.size());
    Buffer<int64_t> length(text.size());
    {
      nb::gil_scoped_release release;
      const std::lock_guard lock(encoder_.mutex());
      scorer_.score(text, per_line, log10.data(), length.data());
    }
    return nb::make_tuple(to_numpy(std::move(log10)), to_numpy(std::move(length)));
  }

 private:
  BoundEncoder& encoder_;
  PieceScorer scorer_;
};

}  // namespace

void register_perplexity(nb::module_& m) {
  nb::exception<UnsupportedModel>(m, "UnsupportedModelError", PyExc_ValueError);
  nb::class_<BoundEncoder>(m, "UnigramEncoder")
      .def(nb::init<nb::bytes>(), nb::arg("model"))
      .def("encode", &BoundEncoder::encode, nb::arg("text"));
  nb::class_<kenlm::Model>(m, "KenlmModel")
      .def("__init__", [](kenlm::Model* self, const std::string& path) { new (self) kenlm::Model(open_kenlm(path)); },
           nb::arg("path"))
      .def_prop_ro("order", &kenlm::Model::order)
      .def("score", score_sentences, nb::arg("sentences"));
  nb::class_<BoundScorer>(m, "PieceScorer")
      .def(nb::init<BoundEncoder&, const kenlm::Model&>(), nb::arg("encoder"), nb::arg("model"), nb::keep_alive<1, 2>(),
           nb::keep_alive<1, 3>())
      .def("score", &BoundScorer::score, nb::arg("text"), nb::arg("per_line"));
}

}  // namespace kernels
