import time

import numpy as np
import pyarrow as pa
import pytest
import quality_oracles as oracles
import spacy.lang.char_classes as spacy_classes
from arrow_columns import raw_strings, sliced, strings
from hypothesis import given, settings
from hypothesis import strategies as st
from text_strategies import payloads, texts

import kernels

UNITS = (*spacy_classes.LIST_UNITS, *(sign.replace("\\", "") for sign in spacy_classes.LIST_CURRENCY))
MARKS = tuple(mark.replace("\\", "") for mark in spacy_classes.LIST_PUNCT + spacy_classes.LIST_QUOTES if mark.strip())
PIECES = (
    "word", "a", "B", "AB", "Ab", "é", "Ж", "中", "5", "12", ".", "..", "...", "…", "-", "--", "---", "----", "—", "——",
    "–", "~", "+", "=", "%", "§", "*", "^", "/", "°", "²", "\u0301", "\u200d", "😀", "http://", "www.", "example.com",
    ":8080", "@", "user@", "10.0.0.1", "192.168.1.1", "8.8.8.8", "255.1.2.3", "/path?x", "US$", "C$",
)  # fmt: skip
GAPS = ("", "", "", "", "", " ", "  ", "\n", " \n", "\n\n", "\t", "\u3000", "\x1f", "\xa0")
pieces = st.one_of(
    st.sampled_from(PIECES), st.sampled_from(MARKS), st.sampled_from(UNITS), st.deferred(lambda: exceptions)
)
exceptions = st.sampled_from(sorted(oracles.tokenizer().rules))
composed = st.lists(st.tuples(pieces, st.sampled_from(GAPS)), max_size=10).map(
    lambda parts: "".join(piece + gap for piece, gap in parts)
)
host_like = st.text(".-:/@#?a1bZ_~é中 ", max_size=20)
repetitive = st.lists(st.sampled_from(["a ", "b ", "ab ", "a\n", "c\n\n", "the ", "- x", "...\n", "\r\n"]), max_size=40)


@given(st.lists(st.one_of(composed, host_like, texts), max_size=4))
@settings(max_examples=400)
def test_words_are_those_of_spacy(documents: list[str]) -> None:
    assert kernels.english_words(sliced(documents)).to_pylist() == [oracles.english_words(text) for text in documents]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I can't, won't.", ["I", "ca", "n't", ",", "wo", "n't", "."]),
        ("Mr. O'Neil's e-mail", ["Mr.", "O'Neil", "'s", "e", "-", "mail"]),
        ("(see http://a.bc/d?e=f,g)", ["(", "see", "http://a.bc/d?e=f,g", ")"]),
        ("5km 10% $5 US$5 5°C.", ["5", "km", "10", "%", "$", "5", "US$", "5", "5", "°", "C", "."]),
        ("end.Start a,b 1-2 x:y", ["end", ".", "Start", "a", ",", "b", "1", "-", "2", "x", ":", "y"]),
        ("foo:) bar", ["foo", ":)", "bar"]),
        ("foo: ) bar", ["foo", ":", ")", "bar"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_words_of_a_text(text: str, words: list[str]) -> None:
    assert kernels.english_words(strings([text])).to_pylist() == [words]
    assert oracles.english_words(text) == words


@given(st.lists(payloads, max_size=3))
def test_ill_formed_bytes_split_as_if_replaced(values: list[bytes]) -> None:
    words = kernels.english_words(raw_strings(values))
    decoded = [value.decode("utf-8", "replace") for value in values]
    raw = [[word.decode("utf-8", "replace") for word in row] for row in words.cast(BINARY_LISTS).to_pylist()]
    assert raw == [oracles.english_words(text) for text in decoded]


BINARY_LISTS = pa.large_list(pa.large_binary())


@given(st.lists(st.one_of(texts, composed, repetitive.map("".join)), max_size=4), st.integers(0, 40))
@settings(max_examples=300)
def test_statistics_equal_their_definition(documents: list[str], short_line: int) -> None:
    counts = kernels.text_statistics(sliced(documents), oracles.STOP_WORDS, short_line, repetition=True)
    got = [{name: int(values[row]) for name, values in counts.items()} for row in range(len(documents))]
    assert got == [oracles.text_statistics(text, short_line) for text in documents]
    assert all(values.dtype == np.int64 for values in counts.values())


def test_short_blocks_are_told_apart() -> None:
    blocks = ["", *(chr(a) for a in range(1, 128) if a != 10), *(chr(a) + chr(b) for a in range(9) for b in range(9))]
    counts = kernels.text_statistics(strings(["\n".join(blocks)]), (), 30, repetition=True)
    assert counts["blocks"].tolist() == [len(blocks)]
    assert counts["repeated_blocks"].tolist() == [0]


def test_repetition_is_counted_on_demand() -> None:
    column = strings(["a b\n\na b\n\na b"])
    without = kernels.text_statistics(column, (), 30, repetition=False)
    full = kernels.text_statistics(column, (), 30, repetition=True)
    later = list(full)[list(full).index("paragraphs") :]
    assert {name: without[name].tolist() for name in later} == {name: [0] for name in later}
    assert all(without[name].tolist() == full[name].tolist() for name in full if name not in later)
    assert full["repeated_paragraphs"].tolist() == [2]


def test_grams_of_different_words_may_be_equal_once_joined() -> None:
    counts = kernels.text_statistics(strings(["ab c d e f x a bc d e f"]), (), 30, repetition=True)
    assert counts["repeated_5grams"].tolist() == [6]
    assert oracles.repeated_grams(["ab", "c", "d", "e", "f", "x", "a", "bc", "d", "e", "f"], 5) == 6


@pytest.mark.parametrize(
    "piece",
    ["a", ".", ",", "-", "'", "a.", "(:", ":)", "é", "…", "1-", "a@", "a.b@", "://", " ", "\n", "x-y", "'s", "\xff"],
)
def test_a_long_text_without_breaks_takes_linear_time(piece: str) -> None:
    column = raw_strings([(piece * (1 << 18)).encode("latin-1" if piece == "\xff" else "utf-8")])
    start = time.process_time()
    counts = kernels.text_statistics(column, oracles.STOP_WORDS, 30, repetition=True)
    assert time.process_time() - start < 20
    assert counts["characters"][0] > 0


def test_too_many_stop_words_are_refused() -> None:
    with pytest.raises(ValueError, match="64"):
        kernels.text_statistics(strings(["a"]), [str(n) for n in range(65)], 30, repetition=False)


def test_null_and_empty_documents() -> None:
    column = strings([None, ""])
    assert kernels.english_words(column).to_pylist() == [[], []]
    counts = kernels.text_statistics(column, (), 30, repetition=True)
    assert counts["words"].tolist() == [0, 0]
    with pytest.raises(TypeError):
        kernels.english_words(pa.array(["a"]))
