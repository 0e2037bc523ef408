"""Files that are no model of fastText, or a damaged one: an exception, never a crash, never memory beyond reason."""

import os
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from arrow_columns import raw_strings
from fasttext_files import HIERARCHICAL_SOFTMAX, SOFTMAX, Dense, ModelFile, Oracle, random_quantised
from hypothesis import given
from hypothesis import strategies as st

import kernels

SEED = np.random.default_rng(11)
TEXTS = [b"", b"a b c", b"</s> a", b"__label__x", b"\xff\x80 \xe3\x81\x82" * 9, b"abcdefgh" * 40]
EXTREMES = [struct.pack("<i", number) for number in (-1, 0, 2**31 - 1)] + [struct.pack("<q", 2**62)]

DENSE = ModelFile(
    words=(b"a", b"</s>"),
    labels=(b"__label__x", b"__label__y", b"__label__z"),
    input=Dense(SEED.normal(size=(12, 2))),
    output=Dense(SEED.normal(size=(3, 2))),
    counts=(3, 2, 1),
    loss=HIERARCHICAL_SOFTMAX,
    buckets=10,
    shortest=1,
    longest=3,
    word_ngrams=2,
)
PRUNED = replace(
    DENSE,
    input=random_quantised(SEED, 5, 2, 1, norms=True),
    output=random_quantised(SEED, 3, 2, 2, norms=True),
    loss=SOFTMAX,
    buckets=100,
    pruned={7: 2, 64: 0, 99: 1},
)
FILES = {"dense": DENSE, "pruned": PRUNED}


def use(path: Path) -> None:
    """Loads a model and predicts with it; only ValueError may come of it."""
    try:
        model = kernels.FastText(path)
    except ValueError:
        return
    labels, probabilities = model.predict(raw_strings(TEXTS))
    assert ((labels >= -1) & (labels < len(model.labels))).all()
    assert np.isfinite(probabilities).all()


@pytest.mark.parametrize("name", FILES)
def test_the_undamaged_files_are_good(tmp_path: Path, name: str) -> None:
    path = tmp_path / "model"
    path.write_bytes(FILES[name].to_bytes())
    labels, probabilities = kernels.FastText(path).predict(raw_strings(TEXTS))
    expected = Oracle(path).predict(TEXTS)
    assert labels.tolist() == expected[0].tolist()
    np.testing.assert_allclose(probabilities, expected[1], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_ends_early_is_refused_wherever_it_ends(tmp_path: Path, name: str) -> None:
    path = tmp_path / "model"
    path.write_bytes(FILES[name].to_bytes())
    for size in reversed(range(path.stat().st_size)):
        os.truncate(path, size)
        with pytest.raises(ValueError, match="ends too early"):
            kernels.FastText(path)


@pytest.mark.parametrize("name", FILES)
def test_extreme_numbers_anywhere(tmp_path: Path, name: str) -> None:
    whole = FILES[name].to_bytes()
    path = tmp_path / "model"
    for position in range(min(len(whole) - 8, 400)):
        for number in EXTREMES:
            path.write_bytes(whole[:position] + number + whole[position + len(number) :])
            use(path)


@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4),
    st.integers(-20, 20),
)
def test_changed_files(
    tmp_path_factory: pytest.TempPathFactory, name: str, changes: list[tuple[int, bytes]], moved: int
) -> None:
    """Bytes overwritten, and all behind the first change moved back or forth."""
    changed = bytearray(FILES[name].to_bytes())
    for position, content in changes:
        at = position % len(changed)
        changed[at : at + len(content)] = content
    first = changes[0][0] % len(changed)
    if moved > 0:
        changed[first:first] = bytes(moved)
    else:
        del changed[first : first - moved]
    path = tmp_path_factory.getbasetemp() / "changed"
    path.write_bytes(changed)
    use(path)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_behind_the_magic_number(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "arbitrary"
    path.write_bytes(DENSE.to_bytes()[:8] + content)
    use(path)


@pytest.mark.parametrize(
    ("model", "fault"),
    [
        (replace(DENSE, version=13), "unknown version"),
        (replace(DENSE, kind=1), "not a classifier but word vectors"),
        (replace(DENSE, loss=5), "unknown loss"),
        (replace(DENSE, buckets=0), "n-grams without buckets"),
        (replace(DENSE, buckets=11), "input matrix does not fit the vocabulary"),
        (replace(DENSE, longest=101), "impossible lengths of n-grams"),
        (replace(DENSE, words=(b"a", b"b", b"</s>")), "input matrix does not fit the vocabulary"),
        (replace(DENSE, pruned={1: 1}), "pruned, but not quantised"),
        (replace(DENSE, labels=DENSE.labels[:2], counts=(1, 1)), "output matrix does not fit the labels"),
        (replace(DENSE, labels=(b"\xff", b"b", b"c")), "a label is not UTF-8"),
        (replace(DENSE, counts=(10**15, 1, 1)), "impossible count"),
        (replace(DENSE, counts=(-1, 1, 1)), "impossible count"),
        (replace(DENSE, output=Dense(np.full((3, 2), np.nan))), "not a finite number"),
        (replace(DENSE, input=Dense(np.full((12, 2), np.inf))), "not a finite number"),
        (replace(PRUNED, pruned={7: 2, 100: 0}), "bucket left after pruning does not exist"),
        (replace(PRUNED, pruned={7: 2, 8: 3}), "row of the vocabulary does not exist"),
        (replace(PRUNED, pruned={7: 2, 8: -1}), "row left after pruning does not exist"),
        (replace(PRUNED, buckets=(1 << 26) + 1), r"more than 2\^26 buckets"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_does_not_fit_together_is_named(tmp_path: Path, model: ModelFile, fault: str) -> None:
    path = tmp_path / "model"
    path.write_bytes(model.to_bytes())
    with pytest.raises(ValueError, match=fault):
        kernels.FastText(path)


def test_sizes_beyond_the_file_are_refused_before_memory_is_taken(tmp_path: Path) -> None:
    """Matrices of 2^62 bytes, and a vocabulary of 2^31 words."""
    path = tmp_path / "model"
    head = DENSE.header() + DENSE.vocabulary()
    for content in (
        head + struct.pack("<?qq", False, 2**31, 2**30),
        head + struct.pack("<??qqi", True, True, 2**31, 2**30, 2**31 - 1),
        DENSE.header() + struct.pack("<3iqq", 2**31 - 1, 2**31 - 2, 1, 0, -1),
        DENSE.header() + DENSE.vocabulary()[:20] + struct.pack("<q", 2**40) + DENSE.vocabulary()[28:],
    ):
        path.write_bytes(content + bytes(64))
        with pytest.raises(ValueError, match=r"too early|more n-grams are left|labels and words"):
            kernels.FastText(path)


def test_other_files_and_none(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"just some text, longer than four bytes")
    with pytest.raises(ValueError, match="wrong file format"):
        kernels.FastText(path)
    with pytest.raises(ValueError, match="not a regular file"):
        kernels.FastText(tmp_path)
    with pytest.raises(ValueError, match="not a regular file"):
        kernels.FastText(Path("/dev/zero"))
    with pytest.raises(FileNotFoundError):
        kernels.FastText(tmp_path / "absent")
