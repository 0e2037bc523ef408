"""Perplexity's two numbers are those of sentencepiece and KenLM called one after the other, bit by bit."""

import random
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from arrow_columns import sliced, strings
from hypothesis import given, settings
from hypothesis import strategies as st
from kenlm_files import BackoffModel, binary_file, library_model
from sentencepiece_models import SETTINGS, UNKNOWN, WORDS, Piece, model_file, trained_model
from text_strategies import texts
from wet_records import conversion_records

import kernels

sentencepiece = pytest.importorskip("sentencepiece")
pytest.importorskip("kenlm")

ODD_PIECES = ["x\u2003y", "\u2003", "a\u00a0", "\x0b", "x\x1cy", "p\tq", "<s>", "</s>"]


class Scoring:
    """A pair of models in the kernel and in the libraries."""

    def __init__(self, pieces: Path, language_model: Path) -> None:
        self.kernel = kernels.PieceScorer(kernels.UnigramEncoder(pieces), kernels.KenlmModel(language_model))
        self.encoder: Any = sentencepiece.SentencePieceProcessor(model_file=str(pieces))
        self.model = library_model(language_model)

    @classmethod
    def of(cls, pieces: bytes, directory: Path) -> "Scoring":
        """With n-grams of the pieces themselves."""
        (directory / "xx.sp.model").write_bytes(pieces)
        processor = sentencepiece.SentencePieceProcessor(model_proto=pieces)
        (directory / "xx.arpa.bin").write_bytes(binary_file(model_of(processor)))
        return cls(directory / "xx.sp.model", directory / "xx.arpa.bin")

    def expected(self, lines: list[str]) -> tuple[float, int]:
        total, length = 0.0, 0
        for line in lines:
            pieces = " ".join(self.encoder.encode_as_pieces(line))
            total += self.model.score(pieces)
            length += len(pieces.split()) + 1
        return (total, length) if any(lines) else (0.0, 0)

    def check(self, documents: list[str]) -> None:
        for per_line in (False, True):
            log10, length = self.kernel.score(strings(documents), per_line)
            cut = [document.split("\n") if per_line else [document] for document in documents]
            expected = [self.expected(lines) for lines in cut]
            assert length.tolist() == [lines for _, lines in expected]
            assert log10.tobytes() == np.array([total for total, _ in expected], dtype=np.float64).tobytes()


def model_of(processor: Any) -> BackoffModel:
    """Every word that splitting leaves of two thirds of the pieces, and many n-grams of some of them."""
    rng = random.Random(4)
    pieces = [processor.id_to_piece(number) for number in range(processor.piece_size())]
    words = sorted({word for piece in pieces for word in piece.split() if word not in ("<unk>", "<s>", "</s>")})
    vocabulary = ["<unk>", "<s>", "</s>", *(word for word in words if rng.random() < 0.7)]
    orders: list[dict[tuple[str, ...], tuple[float, float]]] = [{}, {}, {}]
    for word in vocabulary:
        orders[0][word,] = (rng.uniform(-5, 0), rng.uniform(-1, 0))
    frequent = vocabulary[1:40]
    for _ in range(3000):
        ngram = tuple(rng.choices(frequent, k=3))
        for shorter in (ngram[:2], ngram[1:], ngram):
            orders[len(shorter) - 1][shorter] = (rng.uniform(-5, 0), 0.0 if len(shorter) == 3 else rng.uniform(-1, 0))
    return BackoffModel(orders)


@pytest.fixture(scope="module", params=["default", "byte_fallback", "identity", "across_spaces"])
def scoring(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scoring:
    return Scoring.of(trained_model(SETTINGS[request.param]), tmp_path_factory.mktemp("models"))


@given(documents=st.lists(st.one_of(texts, st.lists(st.sampled_from(WORDS)).map(" ".join)), max_size=5))
@settings(max_examples=150)
def test_any_text(scoring: Scoring, documents: list[str]) -> None:
    scoring.check(["", "\n", "\n\n", *documents, "\n".join(documents), "the\x00of", "\x00"])


odd_text = st.text(st.sampled_from("abpqxy \u2003\u00a0\x0b\x1c\t\x00\n▁<s/>"), max_size=40)


@given(documents=st.lists(odd_text, max_size=4))
@settings(max_examples=300)
def test_pieces_that_are_not_one_word(tmp_path_factory: pytest.TempPathFactory, documents: list[str]) -> None:
    """Pieces and unknown characters that splitting at whitespace takes apart or swallows."""
    pieces = [Piece("<unk>", 0.0, UNKNOWN), *(Piece(text, -1.0) for text in ["▁", "a", "▁b", "x", *ODD_PIECES])]
    scoring = Scoring.of(model_file(pieces), tmp_path_factory.mktemp("odd"))
    scoring.check(documents)


def test_columns(scoring: Scoring) -> None:
    log10, length = scoring.kernel.score(sliced(["the of", None, "", "\n"]), per_line=True)
    assert (log10.dtype, length.dtype) == (np.float64, np.int64)
    assert length.tolist()[1:] == [0, 0, 0]
    assert log10.tolist()[1:] == [0.0, 0.0, 0.0]
    assert [len(values) for values in scoring.kernel.score(strings([]))] == [0, 0]
    with pytest.raises(TypeError, match="LargeStringArray"):
        scoring.kernel.score(pa.array(["x"]))


def test_a_word_number_out_of_range_is_refused(scoring: Scoring, tmp_path: Path) -> None:
    whole = binary_file(model_of(scoring.encoder))
    unigrams, words = struct.unpack_from("<Q", whole, 108)[0], tmp_path / "xx.arpa.bin"
    entries = 108 + 3 * 8 + 4 + 8
    table = bytearray(whole)
    for place in range(entries, entries + 12 * int(1.5 * unigrams), 12):
        if table[place : place + 8] != bytes(8):
            table[place + 8 : place + 12] = b"\xff\xff\xff\xff"
    words.write_bytes(table)
    with pytest.raises(ValueError, match="number is out of range"):
        kernels.KenlmModel(words)


def test_real_documents(shared_data: Path) -> None:
    lm = shared_data / "golden/lm"
    scoring = Scoring(lm / "en.sp.model", lm / "en.arpa.bin")
    shard = min((shared_data / "data/web/wet").glob("*.warc.wet.gz"))
    records = [payload for _, payload in conversion_records(shard)][::3]
    text = kernels.wet_text(pa.array(records, pa.large_binary())).text
    scoring.check(kernels.normalize_lm_lines(text).to_pylist())
