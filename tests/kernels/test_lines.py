import kernel_definitions as oracles
import numpy as np
import pyarrow as pa
import pytest
from arrow_columns import raw_bytes, raw_strings, sliced, strings
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import lines, payloads, texts

import kernels

FEW_LINES = st.lists(st.sampled_from(["", "a", "b", "A ", "c1", "c2", "d"]), max_size=9).map("\n".join)


def split_hashes(column: pa.LargeStringArray) -> list[list[int]]:
    hashes, offsets = kernels.line_hashes(column)
    assert hashes.dtype == np.uint64
    assert offsets.dtype == np.int64
    return [part.tolist() for part in np.split(hashes, offsets[1:-1])] if len(column) else []


@given(st.lists(texts, max_size=5))
def test_line_hashes_equal_their_definition(documents: list[str]) -> None:
    expected = [[oracles.line_hash(line) for line in text.split("\n")] for text in documents]
    assert split_hashes(sliced(documents)) == expected


@given(st.lists(payloads, max_size=4))
def test_ill_formed_lines_hash_as_if_replaced(values: list[bytes]) -> None:
    decoded = [value.decode("utf-8", "replace") for value in values]
    assert split_hashes(raw_strings(values)) == split_hashes(strings(decoded))


@given(lines, st.integers(0, 300))
def test_long_lines_hash_like_short_ones(line: str, repeats: int) -> None:
    assert split_hashes(strings([line * repeats])) == [
        [oracles.line_hash(part) for part in (line * repeats).split("\n")]
    ]


def test_an_empty_or_null_document_has_one_empty_line() -> None:
    empty = oracles.line_hash("")
    assert split_hashes(strings(["", None, "\n"])) == [[empty], [empty], [empty, empty]]
    hashes, offsets = kernels.line_hashes(strings([]))
    assert (hashes.tolist(), offsets.tolist()) == ([], [0])


MARKED = st.sets(st.sampled_from(["", "a", "c0"]))


@given(st.lists(st.one_of(FEW_LINES, texts), max_size=6), MARKED, st.one_of(st.none(), MARKED))
def test_removal_equals_its_definition(documents: list[str], marked: set[str], spare: set[str] | None) -> None:
    column = sliced(documents)
    hashes, offsets = kernels.line_hashes(column)
    duplicates = {oracles.line_hash(line) for line in marked}
    keys = np.array(sorted(duplicates), dtype=np.uint64)
    spared = {oracles.line_hash(line) for line in spare or ()}
    flags = None if spare is None else np.isin(keys, np.array([*spared], dtype=np.uint64)).astype(np.uint8)
    removed = kernels.remove_lines(column, hashes, offsets, kernels.DuplicateSet(keys, flags))
    expected = [oracles.remove_lines(text, duplicates, spared) for text in documents]
    assert removed.text.to_pylist() == [text for text, _ in expected]
    assert removed.line_ids.to_pylist() == [survivors for _, survivors in expected]
    assert removed.nlines.tolist() == [len(survivors) for _, survivors in expected]
    assert removed.length.tolist() == [len(text) for text, _ in expected]
    assert removed.line_ids.type == pa.list_(pa.int32())
    removed.text.validate(full=True)
    removed.line_ids.validate(full=True)


@given(payloads)
def test_removal_keeps_ill_formed_bytes(value: bytes) -> None:
    column = raw_strings([value])
    nothing = kernels.DuplicateSet(np.array([], dtype=np.uint64))
    removed = kernels.remove_lines(column, *kernels.line_hashes(column), nothing)
    parts = value.split(b"\n")
    assert raw_bytes(removed.text) == [b"\n".join(parts[number] for number in removed.line_ids.to_pylist()[0])]


def test_a_surviving_blank_line_is_not_a_vanished_document() -> None:
    column = strings(["", "a"])
    duplicates = kernels.DuplicateSet(np.array([oracles.line_hash("a")], dtype=np.uint64))
    removed = kernels.remove_lines(column, *kernels.line_hashes(column), duplicates)
    assert removed.text.to_pylist() == ["", ""]
    assert removed.nlines.tolist() == [1, 0]


def test_small_documents_after_a_large_one() -> None:
    documents = ["\n".join(map(str, range(5000))), "x\nx\ny", *["z\nz"] * 100]
    column = strings([text.translate(str.maketrans("123456789", "abcdefghi")) for text in documents])
    nothing = kernels.DuplicateSet(np.array([], dtype=np.uint64))
    removed = kernels.remove_lines(column, *kernels.line_hashes(column), nothing)
    assert removed.nlines.tolist() == [5000, 2, *[1] * 100]


@pytest.mark.parametrize("offsets", [[0, 1], [0, 2], [0, 4], [1, 3], [0, 0, 3], [0, 2, 3], [0, 5, 3], [0, 3, 3, 3], []])
def test_hashes_that_do_not_fit_the_text_are_refused(offsets: list[int]) -> None:
    column = strings(["a", "b\nc"])
    hashes, right = kernels.line_hashes(column)
    assert right.tolist() == [0, 1, 3]
    nothing = kernels.DuplicateSet(np.array([], dtype=np.uint64))
    with pytest.raises(ValueError, match="offsets"):
        kernels.remove_lines(column, hashes, np.array(offsets, dtype=np.int64), nothing)
    with pytest.raises(TypeError):
        kernels.remove_lines(column, hashes.astype(np.int64), right, nothing)
