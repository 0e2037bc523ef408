import time
from collections import Counter

import pyarrow as pa
import pytest
import quality_oracles as oracles
from arrow_columns import raw_strings, sliced, strings
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.tokenize.punkt import PunktParameters
from text_strategies import payloads, texts

import kernels

BITS = {"saw": 2 | 16, "he": 2 | 16 | 32, "bach": 4, "the": 2 | 32, "x": 8, "apples": 64}
ABBREVIATIONS, STARTERS = ["mr", "e.g", "co", "u.s"], ["he", "in"]
COLLOCATIONS = [("j", "bach"), ("##number##", "may")]
SENTENCE_PIECES = (
    "He", "he", "saw", "Mr", "mr", "e.g", "Co-co", "J", "Bach", "bach", "May", "5", "3.14", "-2", "Apples", "the",
    "The", "in", "In", "É", "é", "_", "²", "中", ".", ".", ".", "!", "?", "...", "..", ". . .", "--", "-", ",", ";",
    ":", '"', "'", ")", "(", "]", "}", "”", "’", "»", "“", "``", "*", "@", "&",
)  # fmt: skip
SPACES = ("", "", " ", " ", "  ", "\n", "\t", "\u3000", "\x1d", "\x85")
sentences = st.lists(st.tuples(st.sampled_from(SENTENCE_PIECES), st.sampled_from(SPACES)), max_size=24).map(
    lambda parts: "".join(piece + space for piece, space in parts)
)

LINE_PIECES = (
    "word", "Word.", "The end.", "a b c d e.", "[1]", "[]", "[٣]", "[edit]", "[citation needed]", "[ed", "[12", "]",
    "...", "?", "!", '"', "lorem ipsum", "Lorem Ipsum", "JavaScript", "{", "Terms of use", "cooKie policy",
    "use cooKies", "use of", "cookies", "x" * 12, "é" * 11, "ſ", "İ",
)  # fmt: skip
page_lines = st.lists(st.sampled_from(LINE_PIECES), max_size=12).map(" ".join)
BREAKS = ("\n", "\r\n", "\r", "\v", "\x1c", "\u2028", "\x85", "\n\n", " \n ")
pages = st.lists(st.tuples(page_lines, st.sampled_from(BREAKS)), max_size=10).map(
    lambda parts: "".join(line + end for line, end in parts)
)


def trained() -> PunktParameters:
    parameters = PunktParameters()
    parameters.abbrev_types.update(ABBREVIATIONS)
    parameters.collocations.update(COLLOCATIONS)
    parameters.sent_starters.update(STARTERS)
    parameters.ortho_context.update(BITS)
    return parameters


@given(st.lists(st.one_of(sentences, texts), max_size=4), st.booleans())
@settings(max_examples=500)
def test_sentences_are_those_of_nltk(documents: list[str], quotes: bool) -> None:
    column = sliced(documents)
    expected = [oracles.count_sentences(text, quotes=quotes) for text in documents]
    assert kernels.Punkt(quotes=quotes).count(column).tolist() == expected
    punkt = kernels.Punkt(ABBREVIATIONS, COLLOCATIONS, STARTERS, BITS.items(), quotes)
    assert punkt.count(column).tolist() == [oracles.count_sentences(text, trained(), quotes) for text in documents]


@given(st.lists(st.one_of(sentences, texts), max_size=4))
def test_lines_are_split_into_the_sentences_of_nltk(documents: list[str]) -> None:
    split, starts = kernels.Punkt(quotes=False).split(sliced(documents))
    lines = [[oracles.split_sentences(line) for line in text.split("\n")] for text in documents]
    assert split.to_pylist() == ["\n".join(sentence for line in text for sentence in line) for text in lines]
    assert starts.tolist() == [at == 0 for text in lines for line in text for at, _ in enumerate(line)]


def test_curly_quotes_were_not_always_punctuation() -> None:
    column = strings(["He said “Go.” Then he went."])
    assert kernels.Punkt().count(column).tolist() == [2]
    assert kernels.Punkt(quotes=False).count(column).tolist() == [1]


@given(
    st.lists(st.one_of(pages, sentences, texts), max_size=4),
    st.integers(0, 6),
    st.integers(0, 4),
    st.integers(0, 12),
    st.booleans(),
)
@settings(max_examples=300)
def test_cleaning_equals_its_definition(
    documents: list[str], min_words: int, min_sentences: int, max_word: int, end_marks: bool
) -> None:
    cleaned = kernels.Punkt().clean_pages(
        sliced(documents), min_words=min_words, min_sentences=min_sentences, max_word=max_word, end_marks=end_marks
    )
    expected = [oracles.clean_page(text, min_words, min_sentences, max_word, end_marks) for text in documents]
    assert cleaned.kept.tolist() == [text is not None for text, _ in expected]
    assert cleaned.text.to_pylist() == [text or "" for text, _ in expected]
    got = [
        Counter({name: int(values[row]) for name, values in cleaned.counts.items()}) for row in range(len(documents))
    ]
    assert got == [counts for _, counts in expected]
    cleaned.text.validate(full=True)


GOOD = "This line has five words and ends well."


@pytest.mark.parametrize(
    ("line", "count"),
    [
        (GOOD, "passed"),
        ("x" * 1000 + " has four words more.", "passed"),
        ("x" * 1001 + " has four words more.", "too_long_word"),
        ("One two three four five.", "passed"),
        ("One two three four.", "too_short"),
        ("One two three four five", "no_endmark"),
        ("One two three four five...", "no_endmark"),
        ("One two three four five. [1]", "no_endmark"),
        ("One two three four five[1].", "passed"),
        ("You must enable JavaScript to see this.", "javascript"),
        ("Please do read our Privacy Policy.", "policy"),
        ("This site uses cooKies for you.", "policy"),
        ("This text is Lorem Ipsum really.", "lorem_ipsum"),
        ("This text has a { in it.", "curly_bracket"),
        ("{ in a line without end mark here", "no_endmark"),
    ],
)
def test_each_rule_for_a_line(line: str, count: str) -> None:
    cleaned = kernels.Punkt().clean_pages(strings([line]), min_sentences=0)
    assert cleaned.counts[count].tolist() == [1]
    assert cleaned.kept[0] == (count not in ("lorem_ipsum", "curly_bracket"))


@pytest.mark.parametrize(("lines", "kept"), [(2, False), (3, True)])
def test_a_page_needs_three_sentences(lines: int, kept: bool) -> None:
    cleaned = kernels.Punkt().clean_pages(strings(["\n".join([GOOD] * lines)]))
    assert cleaned.kept.tolist() == [kept]


@given(payloads)
def test_ill_formed_pages_are_cleaned(value: bytes) -> None:
    cleaned = kernels.Punkt().clean_pages(raw_strings([value]), min_words=0, min_sentences=0)
    assert len(cleaned.text.cast(pa.large_binary())[0].as_py()) <= len(value)
    kernels.Punkt().count(raw_strings([value]))


@pytest.mark.parametrize(
    "piece", ["a", ".", ". ", ".\n", "! ", "a.", '."', ". . ", "-", "[", "[1", " ", "\n", "é. ", "?)"]
)
def test_a_long_page_takes_linear_time(piece: str) -> None:
    column = strings([piece * (1 << 19), piece * (1 << 19) + "end."])
    start = time.process_time()
    kernels.Punkt().count(column)
    kernels.Punkt().clean_pages(column, min_words=0, max_word=1 << 30)
    assert time.process_time() - start < 10
