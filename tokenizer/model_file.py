"""sentencepiece `.model` files: a protocol buffer of pieces, the trainer's settings and the normalizer's.

Read here rather than with protobuf, which sentencepiece does not bring along. Field numbers are those of
sentencepiece's `sentencepiece_model.proto`.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from corpus.errors import UserError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
PIECES, TRAINER_SPEC, NORMALIZER_SPEC = 1, 2, 3
BPE_MODEL = 2

# Fields of the two specifications that are read: name -> (number, default of the proto).
TRAINER_FIELDS: dict[str, tuple[int, int]] = {
    "model_type": (3, 1),
    "treat_whitespace_as_suffix": (24, 0),
    "byte_fallback": (35, 0),
}
NORMALIZER_FIELDS: dict[str, tuple[int, int | bytes]] = {
    "precompiled_charsmap": (2, b""),
    "add_dummy_prefix": (3, 1),
    "remove_extra_whitespaces": (4, 1),
    "escape_whitespaces": (5, 1),
}
NUM_THREADS = 16
"""Number of TrainerSpec.num_threads."""


class PieceType(IntEnum):
    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True)
class Piece:
    """An entry of the vocabulary; its place is its id. BPE merges the adjacent pair that makes the highest score."""

    text: str
    score: float
    type: PieceType


@dataclass(frozen=True)
class ModelFile:
    """What a `.model` file says. trainer, normalizer: the fields named in TRAINER_FIELDS and NORMALIZER_FIELDS."""

    pieces: tuple[Piece, ...]
    trainer: dict[str, Any]
    normalizer: dict[str, Any]

    @classmethod
    def parse(cls, data: bytes) -> "ModelFile":
        """Raises ValueError or struct.error when `data` is not a model."""
        pieces: list[Piece] = []
        specifications = {TRAINER_SPEC: b"", NORMALIZER_SPEC: b""}
        for number, wire, value in _fields(data):
            if number == PIECES and wire == BYTES:
                pieces.append(_piece(value))
            elif number in specifications and wire == BYTES:
                specifications[number] += value
        if not pieces:
            raise ValueError("no pieces")
        return cls(
            tuple(pieces),
            _values(specifications[TRAINER_SPEC], TRAINER_FIELDS),
            _values(specifications[NORMALIZER_SPEC], NORMALIZER_FIELDS),
        )


def read_model(path: Path) -> bytes:
    """The content of a model file. Raises UserError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); name a tokenizer.model file") from None


def with_num_threads(model: bytes, threads: int) -> bytes:
    """The model with TrainerSpec.num_threads set to `threads` and everything else as it is, byte for byte."""
    parts = []
    for number, wire, value in _fields(model):
        if number == TRAINER_SPEC and wire == BYTES:
            fields = [field for field in _fields(value) if field[0] != NUM_THREADS]
            fields.append((NUM_THREADS, VARINT, threads))
            value = b"".join(_encoded(*field) for field in sorted(fields, key=lambda field: field[0]))
        parts.append(_encoded(number, wire, value))
    return b"".join(parts)


def _piece(data: bytes) -> Piece:
    values = {number: value for number, _, value in _fields(data)}
    text, score = values.get(1, b""), values.get(2, bytes(4))
    return Piece(text.decode("utf-8"), struct.unpack("<f", score)[0], PieceType(values.get(3, PieceType.NORMAL)))


def _values(data: bytes, wanted: Any) -> dict[str, Any]:
    found = {number: value for number, _, value in _fields(data)}
    values = {name: found.get(number, default) for name, (number, default) in wanted.items()}
    if any(type(values[name]) is not type(default) for name, (_, default) in wanted.items()):
        raise ValueError("a field of another type")
    return values


def _fields(data: bytes) -> Iterator[tuple[int, int, Any]]:
    """(number, wire type, value) of each field of a message; the value an int for varints, else bytes."""
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        number, wire = key >> 3, key & 7
        value: int | bytes
        if wire == VARINT:
            value, place = _varint(data, place)
        elif wire in (FIXED32, FIXED64, BYTES):
            size = {FIXED32: 4, FIXED64: 8}.get(wire)
            if size is None:
                size, place = _varint(data, place)
            value = data[place : place + size]
            if len(value) != size:
                raise ValueError("a field reaches past the end")
            place += size
        else:
            raise ValueError(f"wire type {wire}")
        yield number, wire, value


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            break
        value |= (data[place] & 0x7F) << shift
        place += 1
        if data[place - 1] < 0x80:
            return value, place
    raise ValueError("a number does not end")


def _encoded(number: int, wire: int, value: Any) -> bytes:
    key = _encoded_varint(number << 3 | wire)
    if wire == VARINT:
        return key + _encoded_varint(value)
    return key + (_encoded_varint(len(value)) if wire == BYTES else b"") + value


def _encoded_varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
