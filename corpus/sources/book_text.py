"""The bytes of a plain-text book as text, whatever its encoding and line ends."""

import codecs
import re
from dataclasses import dataclass

import numpy as np

from corpus.cleaning.html_charset import detect_codec

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(rb"^Character set encoding:[ \t]*([\w. -]+?)[ \t]*(?:\(|\r|\n)", re.MULTILINE | re.IGNORECASE)
_HEAD_BYTES = 1 << 14
_LINE_END = re.compile(r"\r\r?\n|\r")
_ASCII = bytes(range(0x80))
_RUN = re.compile(rb"[\x80-\xff]{2,}")
_FEWEST_TO_GUESS = 100
"""Bytes beyond ASCII; of fewer chardet tells too little."""
_MOST_LETTERS = 0.75
"""Of the characters beyond ASCII that a guess makes; the rest is East Asian punctuation."""
_IN_DOS = [*range(0x80, 0x85), *range(0x86, 0x91), *range(0x98, 0x9B), *range(0xA0, 0xA6)]
_IN_WINDOWS = [0x85, *range(0x91, 0x98), *range(0xC0, 0x100)]
"""Letters of western European languages in code page 437; those, quotes, dashes and the ellipsis in windows-1252."""


@dataclass(frozen=True)
class Decoded:
    """text: lines end in "\\n". encoding: what it was decoded as. replaced: ill-formed sequences read as U+FFFD."""

    text: str
    encoding: str
    replaced: int


def decode_book(data: bytes) -> Decoded:
    """Decodes by, in this order: a byte order mark; UTF-8, if that is what it is; the encoding that a Project Gutenberg
    header names; what chardet finds where most bytes beyond ASCII have another one beside them, as in Cyrillic, Greek
    or East Asian text, and give letters; code page 437 where letters lie there rather than in windows-1252;
    windows-1252.

    ISO-8859-1 is read as windows-1252, which has it in it. Line ends of every kind become "\\n", also the doubled
    carriage returns that some archives' transfers left.
    """
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    if marked in ("utf-16-le", "utf-16-be"):
        return _decode(data[2:], marked)
    if _is_dos(data):
        data = data.translate(None, b"\r")  # what _cleaned does, many times faster
    if marked:
        return _decode(data.removeprefix(codecs.BOM_UTF8), marked)
    try:
        return _cleaned(data.decode("utf-8"), "utf-8", 0)
    except UnicodeDecodeError:
        return _decode(data, _declared(data) or _guessed(data))


def _is_dos(data: bytes) -> bool:
    """Whether there are carriage returns, all of them before newlines."""
    if b"\r" not in data or data.endswith(b"\r"):
        return False
    codes = np.frombuffer(data, np.uint8)
    returns = codes[:-1] == ord("\r")
    return np.count_nonzero(returns) == np.count_nonzero(returns & (codes[1:] == ord("\n")))


def _declared(data: bytes) -> str | None:
    found = _DECLARED.search(data[:_HEAD_BYTES])
    if not found:
        return None
    try:
        name = codecs.lookup(found[1].decode("ascii").strip().replace(" ", "-")).name
    except LookupError:
        return None
    return "cp1252" if name in ("iso8859-1", "ascii") else name


def _guessed(data: bytes) -> str:
    if encoding := _not_western(data):
        return encoding
    counts = np.bincount(np.frombuffer(data.translate(None, _ASCII), np.uint8), minlength=256)
    dos, windows = (int(counts[part].sum()) for part in (_IN_DOS, _IN_WINDOWS))
    return "cp437" if dos > windows else "cp1252"


def _not_western(data: bytes) -> str | None:
    beyond = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    if beyond < _FEWEST_TO_GUESS or 2 * sum(map(len, _RUN.findall(data))) <= beyond:
        return None
    encoding = detect_codec(data)
    try:
        others = data.decode(encoding).encode("utf-8").translate(None, _ASCII).decode("utf-8")
    except (UnicodeError, LookupError):
        return None
    return encoding if sum(map(str.isalpha, others)) >= _MOST_LETTERS * len(others) else None


def _decode(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    return _cleaned(text, encoding, text.count("\ufffd"))


def _cleaned(text: str, encoding: str, replaced: int) -> Decoded:
    return Decoded(_LINE_END.sub("\n", text) if "\r" in text else text, encoding, replaced)
