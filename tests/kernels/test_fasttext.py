"""The classifier against fastText itself: on models of every form, on trained ones, and on real text."""

import gzip
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from arrow_columns import raw_strings, sliced, strings
from fasttext_files import HIERARCHICAL_SOFTMAX, LOSSES, Dense, ModelFile, Oracle, random_quantised
from fasttext_strategies import model_files, texts
from hypothesis import given
from hypothesis import strategies as st
from wet_records import conversion_records

import kernels

Write = Callable[[ModelFile], Path]


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    path = tmp_path_factory.mktemp("models") / "model"

    def to_file(model: ModelFile) -> Path:
        path.write_bytes(model.to_bytes())
        return path

    return to_file


def check(model: kernels.FastText, oracle: Oracle, values: Sequence[bytes]) -> None:
    """That the model answers as fastText does, with newlines deleted and with newlines as spaces."""
    column = raw_strings(values)
    for delete_newlines, instead in ((True, b""), (False, b" ")):
        labels, probabilities = model.predict(column, delete_newlines=delete_newlines)
        expected = oracle.predict([value.replace(b"\n", instead) for value in values])
        assert labels.tolist() == expected[0].tolist()
        np.testing.assert_allclose(probabilities, expected[1], rtol=0, atol=1e-5)


@given(model_files(), st.lists(texts, max_size=6))
def test_every_form_of_model_answers_as_fasttext(write: Write, file: ModelFile, values: list[bytes]) -> None:
    path = write(file)
    model, oracle = kernels.FastText(path), Oracle(path)
    assert model.labels == oracle.labels
    assert model.dimension == file.dimension
    check(model, oracle, values)
    check(model, oracle, values[::-1])  # with words remembered from the first time


def small_model(**changes: object) -> ModelFile:
    """Three labels; knows the words a, b and </s>."""
    weights = np.random.default_rng(5)
    fields: dict[str, object] = {
        "words": (b"a", b"b", b"</s>"),
        "labels": (b"__label__x", b"__label__y", b"__label__z"),
        "input": Dense(weights.normal(size=(3, 4))),
        "output": Dense(weights.normal(size=(3, 4))),
        "counts": (3, 2, 1),
        **changes,
    }
    return ModelFile(**fields)  # type: ignore[arg-type]


def test_a_text_ends_at_the_token_of_line_ends(write: Write) -> None:
    weights = Dense(np.random.default_rng(1).normal(size=(13, 4)))
    path = write(small_model(input=weights, word_ngrams=2, buckets=10))
    model = kernels.FastText(path)
    same = model.predict(strings(["a b", "a b </s>", "a b </s> b b b", "a\0b\t</s>\n", "a b </s> " + "b " * 100]))
    assert len(set(same[0].tolist())) == len(set(same[1].tolist())) == 1
    check(model, Oracle(path), [b"a b </s> b", b"</s>", b"a </s>b b", b"a </s>__label__x b", b"b " * 5000])


def test_labels_in_the_text_count_for_nothing(write: Write) -> None:
    weights = Dense(np.random.default_rng(1).normal(size=(4, 4)))
    path = write(small_model(words=(b"a", b"__label__known", b"</s>"), input=weights, longest=2, buckets=1))
    model = kernels.FastText(path)
    probabilities = model.predict(strings(["a", "a __label__x __label__other", "a __label__known"]))[1]
    assert probabilities[0] == probabilities[1] != probabilities[2]
    check(model, Oracle(path), [b"a __label__x __label__other", b"a __label__known", b"__label__"])


def test_a_text_of_which_nothing_is_known_has_no_label(write: Write) -> None:
    path = write(small_model(words=(b"a", b"b", b"c")))
    model = kernels.FastText(path)
    labels, probabilities = model.predict(sliced(["", "z", None, "a"]))
    assert labels.tolist()[:-1] == [-1, -1, -1]
    assert probabilities.tolist()[:-1] == [0, 0, 0]
    assert (labels.dtype, probabilities.dtype) == (np.int32, np.float32)
    check(model, Oracle(path), [b"", b"z", b" \n\0", b"a"])


def test_null_is_the_empty_text_and_no_texts_are_no_answers(write: Write) -> None:
    model = kernels.FastText(write(small_model()))
    labels, probabilities = model.predict(pa.array(["a", None, ""], pa.large_string()))
    assert labels[1] == labels[2] >= 0
    assert probabilities[1] == probabilities[2]
    assert [part.tolist() for part in model.predict(strings([]))] == [[], []]
    with pytest.raises(TypeError, match="LargeStringArray"):
        model.predict(pa.array(["a"]))


def test_of_equal_labels_the_last_wins(write: Write) -> None:
    for loss in LOSSES:
        path = write(small_model(output=Dense(np.zeros((3, 4))), counts=(1, 1, 1), loss=loss))
        check(kernels.FastText(path), Oracle(path), [b"a", b"a b", b""])


def test_hierarchical_softmax_gives_up_below_its_threshold(write: Write) -> None:
    """2^18 labels as probable as each other: each is under the 1e-5 that fastText takes for zero."""
    count = 1 << 18
    labels = tuple(b"%d" % number for number in range(count))
    weights, zeros = Dense(np.ones((1, 1))), Dense(np.zeros((count, 1)))
    path = write(ModelFile((b"</s>",), labels, weights, zeros, (1,) * count, loss=HIERARCHICAL_SOFTMAX))
    assert kernels.FastText(path).predict(strings(["a"]))[0].tolist() == [-1]
    assert Oracle(path).predict([b"a"])[0].tolist() == [-1]


def test_a_quantised_matrix_too_large_to_expand(write: Write) -> None:
    """170,003 rows of 100 numbers would take 68 MB."""
    seed = np.random.default_rng(3)
    file = small_model(
        input=random_quantised(seed, 170_003, 100, 3, norms=True),
        output=Dense(seed.normal(size=(3, 100))),
        buckets=170_000,
        shortest=1,
        longest=3,
    )
    path = write(file)
    check(kernels.FastText(path), Oracle(path), [b"a b c", b"some words", "слова".encode(), b""])


def test_words_of_a_megabyte(write: Write) -> None:
    seed = np.random.default_rng(3)
    file = small_model(input=Dense(seed.normal(size=(103, 4))), buckets=100, shortest=2, longest=5, word_ngrams=3)
    path = write(file)
    size = 1 << 20
    values = [b"x" * size, "語".encode() * size, b"\x80" * size, b"ab\n" * size, b"a b " * size]
    check(kernels.FastText(path), Oracle(path), values)


def trained(directory: Path, **options: object) -> tuple[Path, Path]:
    """A model trained by fastText on words of four scripts, as saved and as quantised."""
    import fasttext

    seed = random.Random(7)
    alphabets = {"la": "abcdefgh", "ru": "абвгдежз", "el": "αβγδεζηθ", "ja": "あいうえおかきく"}
    lines = []
    for _ in range(400):
        name = seed.choice(sorted(alphabets))
        words = ["".join(seed.choices(alphabets[name], k=seed.randint(1, 6))) for _ in range(seed.randint(1, 12))]
        lines.append(f"__label__{name} {' '.join(words)}\n")
    text = directory / "train.txt"
    text.write_text("".join(lines), encoding="utf-8")
    # Each of its first ten threads initialises a tenth of the input matrix; with fewer, the rest is arbitrary memory.
    model = fasttext.train_supervised(str(text), thread=11, epoch=3, verbose=0, **options)
    model.save_model(str(directory / "model.bin"))
    model.quantize(qnorm=True, cutoff=600, retrain=False)
    model.save_model(str(directory / "model.ftz"))
    return directory / "model.bin", directory / "model.ftz"


@pytest.mark.parametrize(
    "options",
    [
        {"loss": "hs", "dim": 16, "minn": 2, "maxn": 4, "bucket": 5000},
        {"loss": "softmax", "dim": 10, "wordNgrams": 2, "bucket": 3000},
        {"loss": "ova", "dim": 7, "wordNgrams": 3, "minn": 1, "maxn": 3, "bucket": 2000},
        {"loss": "ns", "dim": 4},
    ],
    ids=lambda options: options["loss"],
)
def test_trained_models(tmp_path: Path, options: dict[str, object]) -> None:
    paths = trained(tmp_path, **options)
    lines = (tmp_path / "train.txt").read_bytes().splitlines()
    values = [line.split(b" ", 1)[1] for line in lines] + [b"", b"unknown words", "αβ あい\nab".encode(), b"\xff" * 50]
    for path in paths:
        check(kernels.FastText(path), Oracle(path), values)


def test_threads_do_not_disturb_each_other(write: Write) -> None:
    seed = np.random.default_rng(3)
    file = small_model(input=Dense(seed.normal(size=(103, 4))), buckets=100, shortest=1, longest=3)
    model = kernels.FastText(write(file))
    letters = random.Random(1)
    column = strings([" ".join("".join(letters.choices("abcdefg", k=4)) for _ in range(60)) for _ in range(400)])
    expected = model.predict(column)
    with ThreadPoolExecutor(4) as pool:
        for labels, probabilities in pool.map(lambda _: model.predict(column), range(16)):
            assert labels.tolist() == expected[0].tolist()
            assert probabilities.tolist() == expected[1].tolist()


def real_texts(shared_data: Path) -> list[bytes]:
    """Every sentence of data/langid, and every page of data/web/wet."""
    found = []
    for path in sorted((shared_data / "data/langid").glob("*.tsv.gz")):
        with gzip.open(path, "rb") as lines:
            found += [line.rstrip(b"\n").split(b"\t", 1)[1] for line in lines]
    sentences = len(found)
    for path in sorted((shared_data / "data/web/wet").glob("*.warc.wet.gz")):
        payloads = [payload for _, payload in conversion_records(path)]
        found += kernels.wet_text(pa.array(payloads, pa.large_binary())).text.cast(pa.large_binary()).to_pylist()
    assert (sentences, len(found) - sentences) == (109_877, 1150)
    return found


@pytest.fixture(scope="module")
def lid_176(language_model: Path) -> tuple[kernels.FastText, Oracle]:
    return kernels.FastText(language_model), Oracle(language_model)


def test_lid_176_on_real_sentences_and_pages(shared_data: Path, lid_176: tuple[kernels.FastText, Oracle]) -> None:
    model, oracle = lid_176
    assert (model.dimension, len(model.labels)) == (16, 176)
    assert model.labels == oracle.labels
    check(model, oracle, real_texts(shared_data))


@given(st.lists(texts, max_size=6))
def test_lid_176_on_generated_text(lid_176: tuple[kernels.FastText, Oracle], values: list[bytes]) -> None:
    check(*lid_176, values)
