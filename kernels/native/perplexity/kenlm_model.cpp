#include "kenlm_model.hpp"

#include "kenlm_arpa.hpp"
#include "mapped_file.hpp"
#include "model_error.hpp"

namespace kernels::kenlm {

Model Model::open(const std::string& path) {
  auto file = std::make_shared<const MappedFile>(path);
  if (is_binary(file->view())) {
    file->load();
    return Model(file, reinterpret_cast<const uint8_t*>(file->view().data()), read_layout(file->view()));
  }
  refuse_compressed(file->view());
  const ArpaImage image = read_arpa(file->view());
  return Model(image.bytes, image.bytes.get(), image.layout);
}

Model::Model(std::shared_ptr<const void> memory, const uint8_t* bytes, const Layout& layout)
    : memory_(std::move(memory)) {
  word_count_ = layout.words;
  unigrams_ = reinterpret_cast<const Weights*>(bytes + layout.unigrams.offset);
  vocabulary_ = {bytes, layout.vocabulary};
  for (const TablePlace& place : layout.middle) middle_.emplace_back(bytes, place);
  longest_ = {bytes, layout.longest};
  sentence_begin_ = word("<s>");
  sentence_end_ = word("</s>");
}

WordId Model::word(std::string_view word) const {
  const VocabularyEntry* entry = vocabulary_.find(hash_word(word));
  if (!entry) return kUnknownWord;
  if (entry->value >= word_count_) throw InvalidModel("a word's number is out of range");
  return entry->value;
}

}  // namespace kernels::kenlm
