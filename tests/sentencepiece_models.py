"""sentencepiece models: trained with many settings, and files written field by field."""

import io
import random
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)

SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "identity": {"normalization_rule_name": "identity"},
    "case_folding": {"normalization_rule_name": "nmt_nfkc_cf", "character_coverage": 0.98},
    "byte_fallback": {"byte_fallback": True, "vocab_size": 500, "character_coverage": 0.98},
    "user_defined": {"user_defined_symbols": ["<sep>", "ab", "▁x", "日本", "a\u0301", "é"]},
    "whitespace_last": {"treat_whitespace_as_suffix": True},
    "whitespace_kept": {"allow_whitespace_only_pieces": True, "remove_extra_whitespaces": False},
    "across_spaces": {"split_by_whitespace": False, "max_sentencepiece_length": 24},
    "no_prefix": {"add_dummy_prefix": False, "remove_extra_whitespaces": False},
}
"""name -> settings of sentencepiece's trainer."""

_WORD_LIST = """
    the of and to in that was his he it with is for as had you not be her the on at by which have or from this him but
    all she they were my are me one their so an said them we who would been will no when there if more out up into do
    état français être où naïve Größe straße über москва россия который человек время 日本語 東京都 中国人民 한국어
    서울특별시 العربية مدينة कहानी हिन्दी ไทย ภาษา ελληνικά λόγος 000 00 0,000 ab abc abcd ... — “quoted” (x) e-mail
"""
WORDS = _WORD_LIST.split()


def trained_model(settings: dict[str, Any]) -> bytes:
    """A unigram model of some hundred pieces, the same at every call."""
    import sentencepiece

    rng = random.Random(1)
    lines = [" ".join(rng.choices(WORDS, k=rng.randint(1, 20))) for _ in range(2000)]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        **{"vocab_size": 300, "hard_vocab_limit": False, "minloglevel": 2, "num_threads": 1, **settings},
    )
    return model.getvalue()


@dataclass(frozen=True)
class Piece:
    text: str
    score: float
    type: int = NORMAL


def model_file(
    pieces: Iterable[Piece],
    *,
    model_type: int = 1,
    byte_fallback: bool = False,
    whitespace_as_suffix: bool = False,
    charsmap: bytes = b"",
    add_dummy_prefix: bool = True,
    remove_extra_whitespaces: bool = True,
    escape_whitespaces: bool = True,
) -> bytes:
    """A `.model` file, numbered as in sentencepiece_model.proto."""
    trainer = _number(3, model_type) + _number(24, whitespace_as_suffix) + _number(35, byte_fallback)
    normalizer = _bytes(1, b"custom") + _bytes(2, charsmap) + _number(3, add_dummy_prefix)
    normalizer += _number(4, remove_extra_whitespaces) + _number(5, escape_whitespaces)
    body = b"".join(_bytes(1, _piece(piece)) for piece in pieces)
    return body + _bytes(2, trainer) + _bytes(3, normalizer)


def byte_pieces() -> list[Piece]:
    return [Piece(f"<0x{byte:02X}>", 0.0, BYTE) for byte in range(256)]


def _piece(piece: Piece) -> bytes:
    return _bytes(1, piece.text.encode()) + b"\x15" + struct.pack("<f", piece.score) + _number(3, piece.type)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
