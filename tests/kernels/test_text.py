import unicodedata

import kernel_definitions as oracles
import pyarrow as pa
import pytest
from arrow_columns import raw_bytes, raw_strings, sliced, strings
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import is_known, payloads, texts

import kernels

DOCUMENTS = st.lists(texts, max_size=5)
# Planes 4 to 13 are empty, 15 and 16 are for private use; their edges stand for them.
CODE_POINTS = [*range(0xD800), *range(0xE000, 0x32400), 0xDFFFF, *range(0xE0000, 0xE0200), 0xF0000, 0x10FFFF]
SIZE = 1 << 20
CHARACTERS = [character for character in map(chr, CODE_POINTS) if is_known(character)]


@given(DOCUMENTS)
def test_normal_forms_equal_their_definitions(documents: list[str]) -> None:
    column = sliced(documents)
    assert kernels.normalize_lines(column).to_pylist() == [oracles.normalize_line(text) for text in documents]
    assert kernels.normalize_lm(column).to_pylist() == [oracles.normalize_lm(text) for text in documents]
    assert kernels.normalize_lm_lines(column).to_pylist() == [oracles.normalize_lm_lines(text) for text in documents]


@given(st.lists(payloads, max_size=4))
def test_ill_formed_text_is_normalised_as_if_replaced(values: list[bytes]) -> None:
    decoded = [value.decode("utf-8", "replace") for value in values]
    column = raw_strings(values)
    for kernel, oracle in (
        (kernels.normalize_lines, oracles.normalize_line),
        (kernels.normalize_lm, oracles.normalize_lm),
        (kernels.normalize_lm_lines, oracles.normalize_lm_lines),
    ):
        assert raw_bytes(kernel(column)) == [oracle(text).encode() for text in decoded]


@pytest.mark.parametrize("before", ["", "x", "Σ", "\u0301", "\U0001d165"])
def test_every_code_point(before: str) -> None:
    """Alone between two ASCII letters, after a cased letter, a sigma, a dropped and a kept combining character."""
    texts = [f"a{before}{character}b" for character in CHARACTERS]
    column = strings(texts)
    assert kernels.normalize_lines(column).to_pylist() == [oracles.normalize_line(text) for text in texts]
    assert kernels.normalize_lm(column).to_pylist() == [oracles.normalize_lm(text) for text in texts]


def test_every_code_point_at_the_edges_and_around_sigma() -> None:
    for pattern in ("{0} a {0}", "A{0}Σ", "{0}Σ", "AΣ{0}", "AΣ{0}B"):
        texts = [pattern.format(character) for character in CHARACTERS]
        assert kernels.normalize_lines(strings(texts)).to_pylist() == [oracles.normalize_line(text) for text in texts]


def test_lower_case_may_lengthen_or_take_two_code_points() -> None:
    assert kernels.normalize_lines(strings(["ȺİKΣΑΣ"])).to_pylist() == ["ⱥi\u0307kσας"]


def test_lm_form_of_accents_hangul_and_punctuation() -> None:
    lines = ["Héllo, World! 2019 – “x” ①２", "각", "a…b—c．d", "Bar\nBaz"]
    expected = ['hello, world! 0000 - "x" ①0', unicodedata.normalize("NFD", "각"), "a...b - c. d", "barbaz"]
    assert kernels.normalize_lm(strings(lines)).to_pylist() == expected
    assert kernels.normalize_lm_lines(strings(["Bar\n Baz \n\n"])).to_pylist() == ["bar\nbaz\n\n"]


@given(st.lists(st.one_of(st.none(), texts), max_size=6))
def test_counts(documents: list[str | None]) -> None:
    present = [text or "" for text in documents]
    column = sliced(documents)
    assert kernels.count_lines(column).tolist() == [text.count("\n") + 1 if text else 0 for text in present]
    assert kernels.count_characters(column).tolist() == [len(text) for text in present]


def test_counts_of_long_texts() -> None:
    """Beyond the 127 blocks after which the lane counters are emptied."""
    documents = ["\n" * 70_001, "é" * 70_001, "a\nß" * 30_000]
    assert kernels.count_lines(strings(documents)).tolist() == [70_002, 1, 30_001]
    assert kernels.count_characters(strings(documents)).tolist() == [70_001, 70_001, 90_000]


@pytest.mark.parametrize(
    ("unit", "dedup", "lm"),
    [
        ("A", "a", "a"),
        (" ", "", ""),
        ("\u0301", "\u0301", ""),
        ("각", "각", "\u1100\u1161\u11a8"),
        ("—", "", " - "),
        ("\x00", "", ""),
    ],
)
def test_megabytes_of_one_character(unit: str, dedup: str, lm: str) -> None:
    column = strings([unit * SIZE])
    assert kernels.normalize_lines(column).to_pylist() == [dedup * SIZE]
    assert kernels.normalize_lm(column).to_pylist() == [lm * SIZE]


def test_megabytes_that_need_context() -> None:
    sigmas = "σ'" * (SIZE - 1) + "ς'"
    assert kernels.normalize_lines(strings(["Σ'" * SIZE])).to_pylist() == [sigmas]
    marks = strings(["\u302e\U0001d165" * SIZE])
    assert kernels.normalize_lm(marks).to_pylist() == ["\U0001d165" * SIZE + "\u302e" * SIZE]


def test_no_documents() -> None:
    for column in (strings([]), strings(["x"]).slice(1), pa.array([], pa.large_string()).slice(0, 0)):
        assert kernels.normalize_lm(column).to_pylist() == []
        assert kernels.count_lines(column).tolist() == []


def test_nothing_but_nulls() -> None:
    column = pa.nulls(2, pa.large_string())
    assert kernels.normalize_lm_lines(column).to_pylist() == ["", ""]
    assert kernels.count_characters(column).tolist() == [0, 0]
    assert kernels.wet_text(pa.nulls(1, pa.large_binary())).title.to_pylist() == [""]


def test_a_column_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="LargeStringArray"):
        kernels.count_lines(pa.array(["x"]))
    with pytest.raises(TypeError, match="LargeBinaryArray"):
        kernels.wet_text(strings(["x"]))
