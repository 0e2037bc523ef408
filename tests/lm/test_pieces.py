"""The sentencepiece models of language models, and the texts they are trained on."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UserError
from corpus.quality.lm import pieces
from corpus.quality.lm.normalized import NormalizedTexts
from corpus.quality.lm.pieces import LONGEST_LINE, RESERVED, train_pieces


@pytest.fixture(scope="module")
def wikitext(shared_data: Path) -> list[str]:
    with gzip.open(shared_data / "golden" / "lm" / "train.txt.gz", "rt", encoding="utf-8") as stream:
        return stream.read().split("\n")[:-1]


@pytest.fixture
def normalized(tmp_path: Path) -> Iterator[NormalizedTexts]:
    with NormalizedTexts(tmp_path) as texts:
        yield texts


def pieces_of(model: bytes) -> list[tuple[str, float]]:
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    return [(processor.id_to_piece(i), processor.get_score(i)) for i in range(len(processor))]


def test_same_pieces_as_the_reference(shared_data: Path, wikitext: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    reference = pieces_of((shared_data / "golden" / "lm" / "en.sp.model").read_bytes())
    trained = train_pieces(wikitext, 5000, 0.9995)
    assert (trained.pieces, trained.lines) == (5000, len(wikitext))
    assert len({piece for piece, _ in pieces_of(trained.data)} ^ {piece for piece, _ in reference}) <= 20
    assert train_pieces(wikitext, 5000, 0.9995) == trained
    # The reference was made by one thread, ours adds up in another order.
    monkeypatch.setattr(pieces, "_THREADS", 1)
    assert pieces_of(train_pieces(wikitext, 5000, 0.9995).data) == reference


def test_smaller_vocabularies_for_smaller_texts(wikitext: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    most = train_pieces(wikitext, 65_536, 0.9995).pieces
    assert 5000 < most < 40_000
    # cc_net's second choice is taken when the text has pieces enough for that, whatever else it has.
    monkeypatch.setattr(pieces, "SMALLER_VOCABULARY", most - 1)
    assert train_pieces(wikitext, 65_536, 0.9995).pieces == most - 1
    assert train_pieces(wikitext, most, 0.9995).pieces == most
    monkeypatch.setattr(pieces, "SMALLER_VOCABULARY", most + 1)
    assert train_pieces(wikitext, 65_536, 0.9995).pieces == most


@pytest.mark.parametrize("texts", [["a"], ["one"], ["one two"], ["語"], [RESERVED + "a"]])
def test_tiny_texts(texts: list[str]) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_proto=train_pieces(texts, 65_536, 0.9995).data)
    text = texts[0].replace(RESERVED, " ").strip()
    assert processor.decode(processor.encode(text)) == text


@pytest.mark.parametrize("texts", [[], [""], ["  "], [RESERVED]])
def test_no_text(texts: list[str]) -> None:
    with pytest.raises(UserError, match="no text"):
        train_pieces(texts, 100, 0.9995)


def test_vocabulary_too_small_for_the_characters() -> None:
    with pytest.raises(UserError, match=r"10 pieces are too few .* use --vocab-size 30 or more"):
        train_pieces(["abcdefghijklmnopqrstuvwxyz"], 10, 1.0)
    assert train_pieces(["abcdefghijklmnopqrstuvwxyz"], 30, 1.0).pieces == 30


@given(st.text(st.sampled_from("ab é語\U0001f600 "), max_size=40), st.integers(4, 12))
def test_long_lines_are_cut_and_nothing_is_lost(text: str, longest: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "LONGEST_LINE", longest)
        parts = list(pieces._lines(text))
    assert "".join(parts) == text
    assert all(len(part.encode()) <= longest for part in parts)
    for part in parts[:-1]:
        # Cut after a space, or because there is none to cut at.
        assert part.endswith(" ") or " " not in part[1:]


def test_lines_over_the_limit_are_trained_on() -> None:
    long = "word " * LONGEST_LINE
    found = [piece for piece, _ in pieces_of(train_pieces([long, "other"], 65_536, 1.0).data)]
    assert "▁word" in found


def test_normalized_texts(normalized: NormalizedTexts) -> None:
    normalized.append(pa.array(["Ein\nÄpfel 12", "\n\t ", "", "x—y"], pa.large_string()))
    normalized.append(pa.array([], pa.large_string()))
    normalized.append(pa.array(["last"], pa.large_string()))
    normalized.close()
    expected = ["einapfel 00", "x - y", "last"]
    for _ in range(2):
        assert [text for batch in normalized.batches() for text in batch.to_pylist()] == expected
    assert (normalized.texts, normalized.empty, normalized.size) == (3, 2, sum(map(len, expected)))
    assert list(normalized.sample(10_000, 0)) == expected


def test_sample_is_even_and_repeatable(normalized: NormalizedTexts) -> None:
    # Digits would all be normalised to 0.
    letters = str.maketrans("0123456789", "abcdefghij")
    texts = [f"text {i:05d} {'x' * 89}".translate(letters) for i in range(10_000)]
    for start in range(0, 10_000, 777):
        normalized.append(pa.array(texts[start : start + 777], pa.large_string()))
    normalized.close()
    first, again, other = (list(normalized.sample(normalized.size // 10, seed)) for seed in (0, 0, 1))
    assert first == again != other
    for drawn in (first, other):
        assert 850 < len(drawn) < 1150
        assert 380 < len(set(drawn) & set(texts[:5000])) < 620
    assert len(set(first) & set(other)) < 200
