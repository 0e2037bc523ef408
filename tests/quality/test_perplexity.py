"""What is said of model files that cannot be used, and perplexities beyond all numbers."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from kenlm_files import BackoffModel, arpa_text, binary_file
from sentencepiece_models import UNKNOWN, Piece, model_file

from corpus.errors import UserError
from corpus.quality.perplexity import load_scorer

PIECES = [Piece("<unk>", 0.0, UNKNOWN), Piece("▁", -1.0), Piece("a", -1.0)]


def language_model(probability: float) -> BackoffModel:
    words = {(word,): (probability, 0.0) for word in ("<unk>", "<s>", "</s>", "▁", "a")}
    return BackoffModel([words, {("▁", "a"): (probability, 0.0)}])


@pytest.fixture
def models(tmp_path: Path) -> tuple[Path, Path]:
    pieces, ngrams = tmp_path / "xx.sp.model", tmp_path / "xx.arpa"
    pieces.write_bytes(model_file(PIECES))
    ngrams.write_text(arpa_text(language_model(-1.0)))
    return pieces, ngrams


def strings(*texts: str) -> pa.LargeStringArray:
    return pa.array(texts, pa.large_string())


def test_perplexity_of_documents_and_of_their_lines(models: tuple[Path, Path]) -> None:
    scorer = load_scorer(*models)
    nan = float("nan")
    np.testing.assert_equal(scorer.perplexity(strings("a", "", "\n \n", "a\na")), [10.0, nan, nan, 10.0])
    np.testing.assert_equal(scorer.perplexity_per_line(strings("a", "", "\n \n", "a\na")), [10.0, nan, nan, 10.0])


def test_a_perplexity_beyond_all_numbers_is_infinite(models: tuple[Path, Path]) -> None:
    pieces, ngrams = models
    ngrams.write_text(arpa_text(language_model(-1e30)))
    assert load_scorer(pieces, ngrams.rename(ngrams.with_name("yy.arpa"))).perplexity(strings("a")) == [float("inf")]


def test_faults_of_model_files(models: tuple[Path, Path]) -> None:
    pieces, ngrams = models
    wrong = pieces.with_name("text")
    wrong.write_text("just some text\n")
    bpe = pieces.with_name("bpe.model")
    bpe.write_bytes(model_file(PIECES, model_type=2))
    trie = pieces.with_name("trie.arpa.bin")
    trie.write_bytes(binary_file(language_model(-1.0), structure=2))
    for files, fault in (
        ((wrong, ngrams), "text: not a sentencepiece model"),
        ((bpe, ngrams), "bpe.model: a sentencepiece model of a kind that is not read .a BPE model, not a unigram one"),
        ((pieces.with_name("absent"), ngrams), "absent: cannot be read .No such file or directory"),
        ((pieces, wrong), "text: not a KenLM model .neither ARPA nor KenLM's binary format"),
        ((pieces, trie), "trie.arpa.bin: a KenLM model of a kind that is not read .in a trie"),
        ((pieces, pieces.parent), "cannot be read .Invalid argument"),
    ):
        with pytest.raises(UserError, match=fault):
            load_scorer(*files)
