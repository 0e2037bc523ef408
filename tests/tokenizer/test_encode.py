"""Encoder: whatever the text and the model, the ids are sentencepiece's."""

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st
from real_documents import real_texts
from tokenizer_texts import STRANGE, code, english, strange

from corpus.errors import UserError
from tokenizer import encode
from tokenizer.encode import Encoder, encoder_for, with_control_tokens

texts = st.one_of(
    st.text(),
    st.lists(st.sampled_from([*STRANGE, *" \t\n\u2581"]), max_size=60).map("".join),
    st.lists(st.one_of(st.text(max_size=3), st.sampled_from(STRANGE)), max_size=40).map("".join),
)


def expected(model: Path, documents: Sequence[str]) -> list[list[int]]:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
    return [processor.encode(text) for text in documents]


def encoded(encoder: Encoder, documents: Sequence[str]) -> list[list[int]]:
    ids, offsets = encoder.encode(pa.array(documents, pa.large_string()))
    assert ids.dtype == encoder.dtype
    assert offsets.dtype == np.int64
    return [ids[start:stop].tolist() for start, stop in pairwise(offsets)]


@pytest.fixture(scope="module")
def encoder(llama_model: Path) -> Encoder:
    return Encoder(llama_model)


def test_describes_the_model(encoder: Encoder) -> None:
    assert (encoder.vocab_size, encoder.bos_id, encoder.eos_id) == (3000, 1, 2)
    assert encoder.dtype == np.uint16
    assert encoder.why_not_gigatoken is None


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "  ", " a", "a ", "\n", "\t", "\r\n", "\0", "\u2581", "a\u2581b", "\ufeff", "\ufffd", "\U0010ffff"),
        *("<s>", "</s>", "a<s>b</s>c<unk>", "<0x0A>", "<0x41>", "<s>" * 500, " \u2047 ", "\x7f\x80\x9f"),
        *("x" * 5000, " " * 5000, "\u2581" * 5000, "\n" * 5000, "中" * 5000),
    ],
)
def test_hand_picked(encoder: Encoder, llama_model: Path, text: str) -> None:
    assert encoded(encoder, [text]) == expected(llama_model, [text])


def test_control_pieces_stay_text(encoder: Encoder) -> None:
    ids, _ = encoder.encode(pa.array(["<s>quoted</s> <unk>"], pa.large_string()))
    assert not set(ids.tolist()) & {0, 1, 2}


@settings(deadline=None)
@given(st.lists(texts, max_size=8))
def test_any_text(encoder: Encoder, llama_model: Path, documents: list[str]) -> None:
    assert encoded(encoder, documents) == expected(llama_model, documents)


@pytest.mark.parametrize(
    "changes",
    [
        {"split_by_unicode_script": False, "split_by_number": False, "split_digits": False},
        {"split_by_whitespace": False, "split_by_unicode_script": False},
        {"add_dummy_prefix": False},
    ],
    ids=["pieces across scripts", "pieces across words", "no prefix"],
)
def test_other_bpe_settings(
    make_model: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, changes: dict[str, bool]
) -> None:
    # Here "<s" and "s>" do become pieces, so that merging could arrive at "<s>".
    model = make_model(strange(2, 6000) + ["<s x", "s> y"] * 200, 1500, **changes)
    documents = [*strange(3, 400), "<s>", "a<s>", "<0x0A>", "x </s>"]
    encoder = Encoder(model)
    assert encoder.why_not_gigatoken is None
    assert encoded(encoder, documents) == expected(model, documents)
    # Pieces that hold a space inside must keep long documents whole.
    monkeypatch.setattr(encode, "CALL_BYTES", 16)
    assert encoded(encoder, documents[:100]) == expected(model, documents[:100])


@pytest.mark.parametrize("alphabet", ["ab", "a ", "=- ", "aé\u2581"])
def test_runs_of_few_characters(make_model: Callable[..., Path], alphabet: str) -> None:
    """Many pieces share their splits here, so that the leftmost of equal merges must be taken."""
    chosen = random.Random(alphabet)

    def line() -> str:
        unit = "".join(chosen.choices(alphabet, k=chosen.randint(1, 4)))
        return "".join(chosen.choices(alphabet, k=chosen.randint(1, 60))) + unit * chosen.randint(1, 30)

    model = make_model([line() for _ in range(2000)], 400, hard_vocab_limit=False)
    documents = [line() for _ in range(1000)]
    assert encoded(Encoder(model), documents) == expected(model, documents)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model_type": "unigram"}, "not a BPE model"),
        ({"byte_fallback": False}, "no byte pieces"),
        ({"user_defined_symbols": ["<sep>"]}, "user-defined"),
        ({"normalization_rule_name": "nmt_nfkc"}, "normalizes"),
        ({"remove_extra_whitespaces": True}, "extra whitespace"),
        ({"treat_whitespace_as_suffix": True}, "end of words"),
    ],
)
def test_models_left_to_sentencepiece(make_model: Callable[..., Path], changes: dict[str, object], reason: str) -> None:
    model = make_model(english()[:20] + strange(4, 1500), 1000, hard_vocab_limit=False, **changes)
    encoder = Encoder(model)
    assert reason in (encoder.why_not_gigatoken or "")
    documents = ["", *strange(5, 50), *english()[:3], "a<sep>b", "ﬁne  text "]
    assert encoded(encoder, documents) == expected(model, documents)


def test_models_with_equal_scores_are_left_to_sentencepiece(llama_model: Path, tmp_path: Path) -> None:
    model_pb2 = pytest.importorskip("sentencepiece.sentencepiece_model_pb2")
    model = model_pb2.ModelProto.FromString(llama_model.read_bytes())
    model.pieces[300].score = model.pieces[301].score
    (tmp_path / "tied.model").write_bytes(model.SerializeToString())
    encoder = Encoder(tmp_path / "tied.model")
    assert encoder.why_not_gigatoken == "two pieces have one score"
    assert encoded(encoder, english()[:2]) == expected(tmp_path / "tied.model", english()[:2])


def test_large_vocabulary_has_32_bit_ids(llama_model: Path, tmp_path: Path) -> None:
    model_pb2 = pytest.importorskip("sentencepiece.sentencepiece_model_pb2")
    model = model_pb2.ModelProto.FromString(llama_model.read_bytes())
    for number in range(70_000 - len(model.pieces)):
        model.pieces.add(piece=f"\u2581piece{number}", score=-float(10_000 + number))
    (tmp_path / "large.model").write_bytes(model.SerializeToString())
    encoder = Encoder(tmp_path / "large.model")
    assert encoder.dtype == np.uint32
    documents = ["piece1 piece66999", *english()[:2]]
    assert encoded(encoder, documents) == expected(tmp_path / "large.model", documents)


@pytest.mark.parametrize("limit", [16, 50, 1000])
def test_huge_documents_are_cut_without_a_trace(
    encoder: Encoder, llama_model: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(encode, "CALL_BYTES", limit)
    long = [text[: 20 * limit] for text in (*english()[:5], *code()[:1], "x" * 3000, " " * 3000)]
    documents = ["", "short", *strange(6, 100), *long, ""]
    assert encoded(encoder, documents) == expected(llama_model, documents)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", " ", "  ", "\u2581", "é", "\n", "ab", "中", "<s>"]), max_size=80).map("".join))
def test_cutting_anywhere(encoder: Encoder, llama_model: Path, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encode, "CALL_BYTES", 7)
        assert encoded(encoder, ["x", text]) == expected(llama_model, ["x", text])


def test_slices_and_string_type(encoder: Encoder, llama_model: Path) -> None:
    documents = strange(7, 20)
    for type_ in (pa.string(), pa.large_string()):
        part = pa.array(documents, type_).slice(5, 9)
        ids, offsets = encoder.encode(part)
        found = [ids[start:stop].tolist() for start, stop in pairwise(offsets)]
        assert found == expected(llama_model, documents[5:14])


def test_no_documents(encoder: Encoder) -> None:
    ids, offsets = encoder.encode(pa.array([], pa.large_string()))
    assert (len(ids), offsets.tolist()) == (0, [0])


def test_refuses_what_is_not_text(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="null"):
        encoder.encode(pa.array(["a", None], pa.large_string()))


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=12))
def test_refuses_bytes_that_are_not_utf8(encoder: Encoder, data: bytes) -> None:
    array = pa.array([b"fine", data], pa.large_binary()).view(pa.large_string())
    try:
        data.decode()
    except UnicodeDecodeError:
        with pytest.raises(ValueError, match="UTF-8"):
            encoder.encode(array)
    else:
        encoder.encode(array)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(3, 99), max_size=5), max_size=8), st.booleans(), st.booleans())
def test_control_tokens_around_documents(documents: list[list[int]], bos: bool, eos: bool) -> None:
    offsets = np.cumsum([0] + [len(document) for document in documents])
    flat = np.array([token for document in documents for token in document], np.uint16)
    ids, bounds = with_control_tokens(flat, offsets, 1 if bos else None, 2 if eos else None)
    assert ids.dtype == np.uint16
    found = [ids[start:stop].tolist() for start, stop in pairwise(bounds)]
    assert found == [[1] * bos + document + [2] * eos for document in documents]
    assert bounds[-1] == len(ids)


@pytest.mark.parametrize("content", [b"", b"not a model", bytes(range(256)), b"PAR1" * 10])
def test_refuses_other_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.model"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"x\.model: not a sentencepiece model"):
        Encoder(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.model: cannot be read"):
        Encoder(tmp_path / "none.model")


def test_refuses_a_model_that_changed(llama_model: Path) -> None:
    with pytest.raises(UserError, match="changed while it was in use"):
        encoder_for(llama_model, "0" * 64)


@pytest.mark.slow
def test_real_documents(shared_data: Path, tmp_path: Path, make_model: Callable[..., Path]) -> None:
    documents = real_texts(shared_data / "data")
    model = make_model(random.Random(0).sample(documents, 1500), 16_000)
    encoder = Encoder(model)
    for first in range(0, len(documents), 500):
        some = documents[first : first + 500]
        assert encoded(encoder, some) == expected(model, some)
