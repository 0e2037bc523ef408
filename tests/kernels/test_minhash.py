import hashlib

import datasketch
import kernel_definitions as oracles
import numpy as np
import pytest
from arrow_columns import raw_strings, sliced, strings
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import payloads, texts

import kernels

WORDS = st.lists(st.sampled_from(["alpha", "Béta", "c3", "漢字かな", "don't", "—", "ไทย", "ё"]), max_size=30).map(
    " ".join
)
DOCUMENTS = st.lists(st.one_of(texts, WORDS), max_size=5)


def signature(text: str, words: int, count: int) -> list[int]:
    sketch = datasketch.MinHash(num_perm=count)
    sketch.update_batch([shingle.encode() for shingle in oracles.shingles(text, words)])
    return sketch.hashvalues.tolist()


@given(DOCUMENTS, st.integers(1, 6), st.sampled_from([1, 14, 128]))
def test_signatures_are_datasketchs_bit_for_bit(documents: list[str], words: int, count: int) -> None:
    signatures, shingles = kernels.minhash(sliced(documents), words, *kernels.permutations(count))
    assert signatures.dtype == np.uint32
    assert signatures.shape == (len(documents), count)
    assert signatures.tolist() == [signature(text, words, count) for text in documents]
    assert shingles.tolist() == [len(oracles.shingles(text, words)) for text in documents]


def test_permutations_are_datasketchs() -> None:
    for count, seed in ((112, 1), (128, 1), (128, 7), (256, 1)):
        expected = datasketch.MinHash(num_perm=count, seed=seed).permutations
        assert np.array_equal(np.array(kernels.permutations(count, seed)), expected)


@given(DOCUMENTS, st.integers(1, 6))
def test_sets_equal_their_definition(documents: list[str], words: int) -> None:
    hashes, offsets = kernels.shingle_sets(sliced(documents), words)
    got = [part.tolist() for part in np.split(hashes, offsets[1:-1])] if documents else []
    assert got == [sorted(oracles.shingle_keys(text, words)) for text in documents]


@given(DOCUMENTS, st.integers(1, 6), st.sampled_from([0, 1 << 62, 1 << 63, (1 << 64) - 1]))
def test_samples_are_the_lowest_hashes(documents: list[str], words: int, highest: int) -> None:
    hashes, offsets, shingles = kernels.shingle_samples(sliced(documents), words, highest)
    got = [part.tolist() for part in np.split(hashes, offsets[1:-1])] if documents else []
    assert got == [sorted(oracles.sample_keys(text, words, highest)) for text in documents]
    assert shingles.tolist() == [len(oracles.shingles(text, words)) for text in documents]


@given(st.lists(payloads, max_size=4))
def test_ill_formed_texts_are_taken_as_if_replaced(values: list[bytes]) -> None:
    decoded = strings([value.decode("utf-8", "replace") for value in values])
    for got, expected in zip(
        kernels.shingle_sets(raw_strings(values), 2), kernels.shingle_sets(decoded, 2), strict=True
    ):
        assert got.tolist() == expected.tolist()


@pytest.mark.parametrize("separator", [" ", "\n", "，"])
def test_texts_longer_than_a_piece(separator: str) -> None:
    """A piece is a mebibyte and ends at ASCII white space; without any the text is one piece."""
    generator = np.random.default_rng(5)
    words = [f"{'Größe'[:n]}{separator}" for n in generator.integers(1, 6, 260_000).tolist()]
    text = "".join(words)
    assert len(text.encode()) > 1 << 20
    hashes, offsets = kernels.shingle_sets(strings(["a b", text]), 5)
    assert hashes[offsets[1] :].tolist() == sorted(oracles.shingle_keys(text, 5))
    assert kernels.minhash(strings([text]), 5, *kernels.permutations(8))[1].tolist() == [259_996]


@pytest.mark.parametrize("length", [53, 54, 55, 56, 57, 63, 64, 65, 118, 119, 120, 4000])
def test_shingles_of_any_length(length: int) -> None:
    """Around the ends of SHA-1's blocks."""
    text = "x" * (length - 2) + " y"
    assert kernels.shingle_sets(strings([text]), 2)[0].tolist() == list(oracles.shingle_keys(text, 2))


def test_what_words_are() -> None:
    for text, words in [
        ("Don't STOP, café 3.14!", ["don", "t", "stop", "cafe", "0", "00"]),
        ("soft\u00adhyphen a\u200bb", ["softhyphen", "ab"]),
        ("東京へ行く now", ["東", "京", "へ", "行", "く", "now"]),
        ("snake_case $5 «x»…", ["snake", "case", "0", "x"]),
        ("", []),
        (" \n—!", []),
    ]:
        assert oracles.words(text) == words
        assert set(kernels.shingle_sets(strings([text]), 1)[0].tolist()) == oracles.shingle_keys(text, 1)


def test_texts_without_words_have_no_shingles() -> None:
    signatures, shingles = kernels.minhash(strings(["", None, "!?"]), 3, *kernels.permutations(4))
    assert shingles.tolist() == [0, 0, 0]
    assert (signatures == (1 << 32) - 1).all()
    assert kernels.shingle_sets(strings(["", None]), 3)[1].tolist() == [0, 0, 0]


@given(st.lists(st.sets(st.integers(0, 30)), min_size=1, max_size=6), st.data())
def test_common_elements(sets: list[set[int]], data: st.DataObject) -> None:
    hashes = np.array([element for one in sets for element in sorted(one)], dtype=np.uint64)
    offsets = np.cumsum([0, *map(len, sets)], dtype=np.int64)
    pairs = data.draw(st.lists(st.tuples(st.integers(0, len(sets) - 1), st.integers(0, len(sets) - 1)), max_size=9))
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    assert kernels.count_common(hashes, offsets, left, right).tolist() == [len(sets[a] & sets[b]) for a, b in pairs]


def test_what_does_not_fit_together_is_refused() -> None:
    numbers = lambda *values: np.array(values, dtype=np.int64)  # noqa: E731
    hashes = np.arange(3, dtype=np.uint64)
    for offsets, left, right in [
        (numbers(), numbers(), numbers()),
        (numbers(0, 4), numbers(), numbers()),
        (numbers(0, 3), numbers(0), numbers()),
        (numbers(0, 3), numbers(1), numbers(0)),
        (numbers(0, 3), numbers(0), numbers(-1)),
    ]:
        with pytest.raises(ValueError):  # noqa: PT011 (each has its own message)
            kernels.count_common(hashes, offsets, left, right)
    with pytest.raises(ValueError, match="at least one word"):
        kernels.shingle_sets(strings(["a"]), 0)
    with pytest.raises(ValueError, match="differ in length"):
        kernels.minhash(strings(["a"]), 1, np.zeros(2, np.uint32), np.zeros(1, np.uint32))
    with pytest.raises(ValueError, match="not there"):
        kernels.choose_survivors(np.array([8], np.uint64), np.array([0], np.uint64), np.zeros(1, np.uint8))


@given(st.sets(st.tuples(st.integers(0, 20), st.integers(0, 20)).filter(lambda pair: pair[0] < pair[1]), max_size=40))
def test_a_document_is_dropped_if_an_earlier_one_like_it_stays(pairs: set[tuple[int, int]]) -> None:
    ordered = sorted((later, earlier) for earlier, later in pairs)
    later, earlier = (np.array([pair[side] for pair in ordered], dtype=np.uint64) for side in (0, 1))
    bits = np.zeros(3, dtype=np.uint8)
    decisive = kernels.choose_survivors(later, earlier, bits)
    gone: set[int] = set()
    for document in range(21):
        if any(low not in gone for low, high in pairs if high == document):
            gone.add(document)
    assert set(np.flatnonzero(np.unpackbits(bits, bitorder="little")).tolist()) == gone
    assert decisive.tolist() == [low not in gone for _, low in ordered]


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_text_hashes_are_sha1(values: list[bytes]) -> None:
    first, second = kernels.text_hashes(raw_strings(values))
    digests = [hashlib.sha1(value).digest() for value in values]
    assert first.tolist() == [int.from_bytes(digest[:8], "little") for digest in digests]
    assert second.tolist() == [int.from_bytes(digest[8:16], "little") for digest in digests]
