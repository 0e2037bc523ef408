import hashlib
import re

import langdetect
import numpy as np
import pyarrow as pa
import pytest
from arrow_columns import raw_strings, sliced, strings
from hypothesis import given, settings
from hypothesis import strategies as st
from text_strategies import SAME_UNICODE, payloads, texts

import kernels
from corpus.quality.langdetect import load_detector

langdetect.DetectorFactory.seed = 0

few_lines = st.lists(st.sampled_from(["", "a", " A", "b ", "B", "Σας", "σας", "c"]), max_size=9).map("\n".join)
words = st.sampled_from(
    ["The cat sat", "le chat dort", "der Hund", "Привет мир", "http://a.b/c?d", "me@there.org", "a@b", "ABC DEF",
     "x" * 70, "Vie\u0323\u0302t", "a\u0300", "日本語の", "中文字", "한국어", "  ", "\n", "12", "é", "www.x.y", "https://",
     "@"]
)  # fmt: skip
passages = st.lists(st.tuples(words, st.sampled_from(["", " ", "  ", "\n"])), max_size=20).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)


def line_key(line: str) -> int:
    return int.from_bytes(hashlib.sha1(line.strip().lower().encode()).digest()[:8], "little")


@given(st.lists(st.one_of(few_lines, texts), max_size=4))
def test_lines_hash_stripped_and_in_lower_case(documents: list[str]) -> None:
    hashes, offsets = kernels.lower_line_hashes(sliced(documents))
    assert hashes.tolist() == [line_key(line) for text in documents for line in text.split("\n")]
    assert np.diff(offsets).tolist() == [text.count("\n") + 1 for text in documents]


@given(st.lists(st.one_of(few_lines, texts), max_size=4), st.randoms())
def test_selection_keeps_the_first_of_the_lines_chosen(documents: list[str], random: "np.random.Generator") -> None:
    column = sliced(documents)
    hashes, offsets = kernels.lower_line_hashes(column)
    keep = np.array([random.random() < 0.6 for _ in hashes], dtype=bool)
    selected = kernels.select_lines(column, hashes, offsets, keep)
    for number, text in enumerate(documents):
        chosen = keep[offsets[number] : offsets[number + 1]]
        left = [line for line, stays in zip(text.split("\n"), chosen, strict=True) if stays]
        kept = list({line_key(line): line for line in reversed(left)}.values())[::-1]
        firsts = [line for at, line in enumerate(left) if line_key(line) not in map(line_key, left[:at])]
        assert len(kept) == len(firsts)
        assert selected.text[number].as_py() == "\n".join(firsts)
        assert selected.unselected[number] == np.count_nonzero(~chosen)
        assert selected.repeated[number] == len(left) - len(firsts)


def test_hashes_that_do_not_fit_are_refused() -> None:
    column = strings(["a\nb"])
    hashes, offsets = kernels.lower_line_hashes(column)
    with pytest.raises(ValueError, match="keep"):
        kernels.select_lines(column, hashes, offsets, np.ones(1, dtype=bool))
    with pytest.raises(ValueError, match="offsets"):
        kernels.select_lines(column, hashes[:1], np.array([0, 1]), np.ones(1, dtype=bool))


WORDS = ["bad", "very bad", "é", "s&m", "\U0001f595", "ß"]


@given(st.lists(st.one_of(texts, st.text("bad very.BÉéSs&m\n_1 \U0001f595ßﬆ", max_size=30)), max_size=4), st.booleans())
def test_words_are_found_as_by_c4s_expression(documents: list[str], flanked: bool) -> None:
    joined = "|".join(map(re.escape, WORDS))
    pattern = re.compile(rf"(?:\W|^)({joined})(?:\W|$)" if flanked else joined)
    expected = [pattern.search(text.lower()) is not None for text in documents]
    assert kernels.WordList(WORDS, flanked).occurs_in(sliced(documents)).tolist() == expected


def test_an_empty_word_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        kernels.WordList(["a", ""], True)


def detected(text: str) -> tuple[str | None, float]:
    """langdetect's own likeliest language and its probability."""
    try:
        found = langdetect.detect_langs(text)
    except langdetect.LangDetectException:
        return None, 0.0
    return found[0].lang, found[0].prob


@pytest.mark.skipif(not SAME_UNICODE, reason="upper case is that of another Unicode version")
@given(st.lists(st.one_of(passages, texts), min_size=1, max_size=3))
@settings(max_examples=150)
def test_languages_are_those_of_langdetect(documents: list[str]) -> None:
    detector = load_detector()
    numbers, probabilities = detector.detect(sliced(documents))
    for text, number, probability in zip(documents, numbers.tolist(), probabilities.tolist(), strict=True):
        language, theirs = detected(text)
        if number < 0:
            assert language is None
        else:
            # Sums of a few dozen numbers of which the package's order is that of a directory listing.
            assert (detector.languages[number], probability) == (language, pytest.approx(theirs, abs=1e-9))


def test_only_the_first_ten_thousand_characters_count() -> None:
    text = "This is an English sentence. " * 400 + "Das ist ein deutscher Satz. " * 4000
    number, probability = load_detector().detect(strings([text]))
    assert load_detector().languages[number[0]] == "en"
    assert detected(text) == ("en", pytest.approx(probability[0]))


@given(st.lists(payloads, max_size=3))
def test_ill_formed_bytes_are_taken(values: list[bytes]) -> None:
    column = raw_strings(values)
    load_detector().detect(column)
    kernels.WordList(WORDS, True).occurs_in(column)
    hashes, offsets = kernels.lower_line_hashes(column)
    kept = kernels.select_lines(column, hashes, offsets, np.ones(len(hashes), dtype=bool)).text.cast(pa.large_binary())
    assert all(len(text) <= len(value) for text, value in zip(kept.to_pylist(), values, strict=True))
