"""Reading `.model` files without protobuf: the same as protobuf reads, and nothing else taken for one."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UserError
from tokenizer.model_file import ModelFile, PieceType, read_model, with_num_threads


def test_reads_what_protobuf_reads(llama_model: Path) -> None:
    model_pb2 = pytest.importorskip("sentencepiece.sentencepiece_model_pb2")
    expected = model_pb2.ModelProto.FromString(llama_model.read_bytes())
    model = ModelFile.parse(llama_model.read_bytes())
    found = [(piece.text, piece.score, piece.type) for piece in model.pieces]
    assert found == [(piece.piece, piece.score, piece.type) for piece in expected.pieces]
    for values, specification in (
        (model.trainer, expected.trainer_spec),
        (model.normalizer, expected.normalizer_spec),
    ):
        assert values == {name: getattr(specification, name) for name in values}


def test_pieces_come_in_llamas_order(llama_model: Path) -> None:
    pieces = ModelFile.parse(llama_model.read_bytes()).pieces
    assert [piece.text for piece in pieces[:3]] == ["<unk>", "<s>", "</s>"]
    assert [piece.type for piece in pieces[:3]] == [PieceType.UNKNOWN, PieceType.CONTROL, PieceType.CONTROL]
    assert [piece.text for piece in pieces[3:259]] == [f"<0x{byte:02X}>" for byte in range(256)]
    assert {piece.type for piece in pieces[3:259]} == {PieceType.BYTE}
    assert {piece.type for piece in pieces[259:]} == {PieceType.NORMAL}


@pytest.mark.parametrize("threads", [1, 80, 300])
def test_setting_the_threads_changes_nothing_else(llama_model: Path, threads: int) -> None:
    model_pb2 = pytest.importorskip("sentencepiece.sentencepiece_model_pb2")
    model = model_pb2.ModelProto.FromString(llama_model.read_bytes())
    model.trainer_spec.num_threads = threads
    assert with_num_threads(llama_model.read_bytes(), threads) == model.SerializeToString(deterministic=True)


@settings(deadline=None)
@given(st.binary())
def test_other_bytes_are_refused_or_read(data: bytes) -> None:
    try:
        model = ModelFile.parse(data)
    except (ValueError, struct.error):
        return
    assert model.pieces


@settings(deadline=None)
@given(st.data())
def test_truncated_models_are_refused_or_shorter(llama_model: Path, data: st.DataObject) -> None:
    whole = llama_model.read_bytes()
    length = data.draw(st.integers(0, len(whole) - 1))
    try:
        model = ModelFile.parse(whole[:length])
    except (ValueError, struct.error):
        return
    assert len(model.pieces) <= 3000


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none: cannot be read \(No such file or directory\)"):
        read_model(tmp_path / "none")
