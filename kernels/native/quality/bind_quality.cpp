#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "bytes.hpp"
#include "c4_page.hpp"
#include "english_words.hpp"
#include "punkt.hpp"
#include "text_statistics.hpp"

namespace kernels {
namespace {

// A row of counts per document as one int64 array per count.
template <class Row, size_t fields>
nb::dict columns(const Buffer<Row>& rows, const char* const (&names)[fields]) {
  static_assert(sizeof(Row) == fields * sizeof(int64_t));
  nb::dict result;
  for (size_t field = 0; field < fields; ++field) {
    Buffer<int64_t> column(rows.size());
    for (size_t row = 0; row < rows.size(); ++row)
      column[row] = reinterpret_cast<const int64_t*>(&rows[row])[field];
    result[names[field]] = to_numpy(std::move(column));
  }
  return result;
}

constexpr const char* kPageCounts[] = {"too_long_word", "no_endmark",    "too_short",         "javascript",
                                       "policy",        "passed",        "lorem_ipsum",       "curly_bracket",
                                       "too_few_sentences", "sentences"};

nb::dict bind_text_statistics(nb::handle array, std::vector<std::string> stop_words, int64_t short_line,
                              bool repetition) {
  const ArrowInput input(array);
  const StatisticsSettings settings{std::move(stop_words), short_line, repetition};
  const Buffer<Statistics> counts = [&] {
    nb::gil_scoped_release release;
    return text_statistics(input.column(), settings);
  }();
  return columns(counts, kStatisticsNames);
}

nb::tuple bind_english_words(nb::handle array) {
  const ArrowInput input(array);
  const Column& text = input.column();
  TextBuffer words;
  Buffer<int64_t> offsets;
  {
    nb::gil_scoped_release release;
    english::WordSplitter splitter;
    for (size_t i = 0; i < text.size(); ++i) {
      offsets.push_back(static_cast<int64_t>(words.offsets.size() - 1));
      for (const english::Word& word : splitter.split(text[i])) {
        const auto length = static_cast<size_t>(word.end - word.begin);
        words.bytes.make_room(length);
        std::memcpy(words.bytes.end(), word.begin, length);
        words.bytes.set_end(words.bytes.end() + length);
        words.end_value();
      }
    }
    offsets.push_back(static_cast<int64_t>(words.offsets.size() - 1));
  }
  return nb::make_tuple(to_numpy(std::move(words)), to_numpy(std::move(offsets)));
}

class BoundPunkt {
 public:
  BoundPunkt(const std::vector<std::string>& abbreviations,
             const std::vector<std::pair<std::string, std::string>>& collocations,
             const std::vector<std::string>& sentence_starters,
             const std::vector<std::pair<std::string, uint32_t>>& orthography, bool quotes) {
    parameters_.quotes = quotes;
    parameters_.abbreviations.insert(abbreviations.begin(), abbreviations.end());
    for (const auto& [first, second] : collocations) parameters_.collocations.insert(first + '\n' + second);
    parameters_.sentence_starters.insert(sentence_starters.begin(), sentence_starters.end());
    for (const auto& [type, contexts] : orthography) parameters_.orthography[type] |= contexts;
  }

  Numpy<int64_t> count(nb::handle array) const {
    const ArrowInput input(array);
    Buffer<int64_t> counts(input.column().size());
    {
      nb::gil_scoped_release release;
      punkt::SentenceCounter counter(parameters_);
      for (size_t i = 0; i < input.column().size(); ++i) {
        const Text text = input.column()[i];
        counts[i] = static_cast<int64_t>(counter.count(text.begin, text.end));
      }
    }
    return to_numpy(std::move(counts));
  }

  // Every sentence on a line of its own, and for each whether it begins a line of the text.
  nb::tuple split(nb::handle array) const {
    const ArrowInput input(array);
    const Column& text = input.column();
    TextBuffer sentences(text.total_bytes());
    Buffer<bool> starts;
    {
      nb::gil_scoped_release release;
      punkt::SentenceCounter counter(parameters_);
      for (size_t i = 0; i < text.size(); ++i) {
        bool any = false;
        for (const uint8_t* p = text[i].begin;; ++p) {
          const uint8_t* newline = find_byte(p, text[i].end, '\n');
          bool first = true;
          for (const auto& [begin, end] : counter.split(p, newline)) {
            const auto length = static_cast<size_t>(end - begin);
            sentences.bytes.make_room(length + 1);
            if (any) sentences.bytes.push_back('\n');
            sentences.bytes.set_end(append(sentences.bytes.end(), begin, begin + length));
            starts.push_back(first);
            first = false;
            any = true;
          }
          if (newline == text[i].end) break;
          p = newline;
        }
        sentences.end_value();
      }
    }
    return nb::make_tuple(to_numpy(std::move(sentences)), to_numpy(std::move(starts)));
  }

  nb::tuple clean(nb::handle array, size_t min_words, size_t min_sentences, size_t max_word, bool end_marks) const {
    const ArrowInput input(array);
    c4::CleanPages pages = [&] {
      nb::gil_scoped_release release;
      return c4::clean_pages(input.column(), {min_words, min_sentences, max_word, end_marks}, parameters_);
    }();
    return nb::make_tuple(to_numpy(std::move(pages.text)), columns(pages.counts, kPageCounts));
  }

 private:
  punkt::Parameters parameters_;
};

}  // namespace

void register_quality(nb::module_& m) {
  m.def("text_statistics", bind_text_statistics, nb::arg("text"), nb::arg("stop_words"), nb::arg("short_line"),
        nb::arg("repetition"));
  m.def("english_words", bind_english_words, nb::arg("text"));
  nb::class_<BoundPunkt>(m, "Punkt")
      .def(nb::init<const std::vector<std::string>&, const std::vector<std::pair<std::string, std::string>>&,
                    const std::vector<std::string>&, const std::vector<std::pair<std::string, uint32_t>>&, bool>(),
           nb::arg("abbreviations"), nb::arg("collocations"), nb::arg("sentence_starters"), nb::arg("orthography"),
           nb::arg("quotes"))
      .def("count", &BoundPunkt::count, nb::arg("text"))
      .def("split", &BoundPunkt::split, nb::arg("text"))
      .def("clean_pages", &BoundPunkt::clean, nb::arg("text"), nb::arg("min_words"), nb::arg("min_sentences"),
           nb::arg("max_word"), nb::arg("end_marks"));
}

}  // namespace kernels
