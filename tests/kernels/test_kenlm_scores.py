"""Scores are the floats KenLM itself returns, bit by bit."""

import lzma
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from arrow_columns import sliced, strings
from hypothesis import given, settings
from hypothesis import strategies as st
from kenlm_files import BackoffModel, arpa_text, binary_file, library_model, random_model
from text_strategies import texts

import kernels

pytest.importorskip("kenlm")

ODD = ["<s>", "</s>", "<unk>", "<UNK>", "", "unseen", "w1\x00w2", "\u2003", "w1\u00a0w2", "\t", "\r\n", "\x0b", "\x1c"]


def random_sentences(rng: random.Random, model: BackoffModel, count: int) -> list[str]:
    """Sentences that follow the model's n-grams for a while."""
    ngrams = [list(ngram) for grams in model.orders for ngram in grams]
    sentences = []
    for _ in range(count):
        words: list[str] = []
        for _ in range(rng.randint(0, 12)):
            words += rng.choice(ngrams) if rng.random() < 0.9 else [rng.choice(ODD)]
        sentences.append(" ".join(words))
    return sentences


def check(path: Path, sentences: list[str]) -> None:
    scores = kernels.KenlmModel(path).score(strings(sentences))
    library = library_model(path)
    expected = np.array([library.score(sentence) for sentence in sentences], dtype=np.float32)
    assert scores.dtype == np.float32
    assert scores.tobytes() == expected.tobytes()


@given(
    seed=st.integers(0, 2**32),
    order=st.integers(2, 6),
    words=st.integers(1, 40),
    ngrams=st.integers(1, 120),
    multiplier=st.sampled_from([1.0, 1.1, 1.5, 3.0]),
)
@settings(max_examples=120)
def test_binary_models(
    tmp_path_factory: pytest.TempPathFactory, seed: int, order: int, words: int, ngrams: int, multiplier: float
) -> None:
    rng = random.Random(seed)
    model = random_model(rng, order, words, ngrams)
    path = tmp_path_factory.getbasetemp() / "xx.arpa.bin"
    path.write_bytes(binary_file(model, multiplier=multiplier, with_words=bool(seed % 2)))
    check(path, random_sentences(rng, model, 40))


@given(
    seed=st.integers(0, 2**32),
    order=st.integers(2, 6),
    words=st.integers(1, 40),
    ngrams=st.integers(1, 120),
    pruned=st.booleans(),
    without_unknown=st.booleans(),
)
@settings(max_examples=200)
def test_arpa_models(
    tmp_path_factory: pytest.TempPathFactory, seed: int, order: int, words: int, ngrams: int, pruned: bool,
    without_unknown: bool,
) -> None:  # fmt: skip
    rng = random.Random(seed)
    model = random_model(rng, order, words, ngrams, pruned=pruned)
    if without_unknown:
        orders = [{ngram: value for ngram, value in grams.items() if "<unk>" not in ngram} for grams in model.orders]
        model = BackoffModel(orders)
    path = tmp_path_factory.getbasetemp() / "xx.arpa"
    path.write_text(arpa_text(model), newline="\r\n" if seed % 2 else "\n")
    fault = library_refusal(path)
    if fault is None:
        check(path, random_sentences(rng, model, 40))
    else:  # too many endings are missing for KenLM's tables, and for ours
        assert pruned
        assert "Avoid pruning" in fault or "should appear" in fault
        with pytest.raises(ValueError, match=r"without their endings|has no context"):
            kernels.KenlmModel(path)


def library_refusal(path: Path) -> str | None:
    try:
        library_model(path)
    except OSError as error:
        return str(error)
    return None


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "xx.arpa.bin"
    path.write_bytes(binary_file(random_model(random.Random(5), 5, 200, 4000)))
    return path


def test_long_sentences_and_many(model_path: Path) -> None:
    """Beyond the words that are looked up together, and with sentences that begin anywhere among them."""
    rng = random.Random(6)
    model = random_model(random.Random(5), 5, 200, 4000)
    parts = random_sentences(rng, model, 3000)
    check(model_path, [" ".join(parts), *parts, "", "", " ".join(parts[:100]), "w1 " * 100_000])


@given(sentences=st.lists(texts, max_size=5))
def test_any_text(model_path: Path, sentences: list[str]) -> None:
    check(model_path, [*sentences, *ODD, " w1 ".join(sentences)])


def test_columns(model_path: Path) -> None:
    model = kernels.KenlmModel(model_path)
    assert model.order == 5
    assert model.score(strings([])).tolist() == []
    empty = library_model(model_path).score("")
    assert model.score(sliced(["w1", None, ""])).tolist()[1:] == [empty, empty]
    with pytest.raises(TypeError, match="LargeStringArray"):
        model.score(pa.array(["x"]))


def test_real_model(shared_data: Path, tmp_path: Path) -> None:
    """As built by build_binary, and the ARPA file that it was built from."""
    arpa = tmp_path / "en.arpa"
    arpa.write_bytes(lzma.decompress((shared_data / "golden/lm/en.arpa.xz").read_bytes()))
    model = library_model(shared_data / "golden/lm/en.arpa.bin")
    lines = arpa.read_text(encoding="utf-8").split("\n")
    ngrams = [line.split("\t")[1] for line in lines if line.count("\t") == 1 or line.count("\t") == 2]
    rng = random.Random(7)
    sentences = [" ".join(rng.choices(ngrams, k=rng.randint(0, 60))) for _ in range(2000)]
    expected = np.array([model.score(sentence) for sentence in sentences], dtype=np.float32)
    for path in (shared_data / "golden/lm/en.arpa.bin", arpa):
        assert kernels.KenlmModel(path).score(strings(sentences)).tobytes() == expected.tobytes()
