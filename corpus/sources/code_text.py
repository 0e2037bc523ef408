"""The bytes of a source file as text, or that they are none."""

import codecs
import re
from dataclasses import dataclass

import numpy as np

from corpus.cleaning.html_charset import codec_of_label, detect_codec

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ANY_MARK = tuple(mark for mark, _ in _MARKS)
_DECLARED = re.compile(rb"^[^\n]*?coding[=:][ \t]*([-\w.]+)", re.MULTILINE)
_CONTROLS = np.array([*set(range(0x20)) - {*b"\t\n\v\f\r\x1a\x1b"}, 0x7F])
"""Control characters that text has no use for: all but tab, line and page ends, DOS's end of file and escape."""

MOST_CONTROLS = 0.01
"""Of the bytes of a file that is not UTF-8; with more it is binary. A text has none, save for a stray one."""

_RUN = re.compile(rb"[\x80-\xff]{2,}")
_ESCAPED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """text: well-formed UTF-8, line ends as they were. encoding: what it was decoded from, by Python's name."""

    text: bytes
    encoding: str


class BinaryFileError(Exception):
    """The bytes are no text."""


class UndecodableError(Exception):
    """The bytes may be text, but in no encoding that can be told."""


def decode_code(content: bytes) -> Decoded:
    """Decodes by the first of these that holds:

    1. A byte order mark of UTF-8 or UTF-16 names the encoding, and is taken off.
    2. A NUL byte makes it binary (git's rule, which looks at the first 8,000 bytes only).
    3. It is well-formed UTF-8.
    4. More than MOST_CONTROLS control characters make it binary.
    5. The first two lines declare an encoding (PEP 263; Emacs and Vim write it alike) in which it is well-formed.
    6. It has at least as many well-formed UTF-8 characters as other bytes beyond ASCII: those others are windows-1252.
    7. Most bytes beyond ASCII have another one beside them, as in Cyrillic or East Asian text, and the encoding that
       chardet finds fits. Where they stand alone, as accented letters do, guesses are worse than the next rule.
    8. It is windows-1252, of which ISO-8859-1 is a part, unless that leaves one of its bytes undefined.

    Raises BinaryFileError, or UndecodableError where no rule holds.
    """
    if content.startswith(_ANY_MARK):
        for mark, encoding in _MARKS:
            if content.startswith(mark):
                return _marked(content[len(mark) :], encoding)
    if b"\0" in content:
        raise BinaryFileError
    if content.isascii() or _decoded(content, "utf-8") is not None:
        return Decoded(content, "utf-8")
    counts = np.bincount(np.frombuffer(content, np.uint8), minlength=256)
    if counts[_CONTROLS].sum() > MOST_CONTROLS * len(content):
        raise BinaryFileError
    return _declared(content) or _mixed(content) or _guessed(content)


def _marked(content: bytes, encoding: str) -> Decoded:
    text = _decoded(content, encoding)
    if text is None or "\0" in text:
        raise BinaryFileError
    return Decoded(text.encode(), encoding)


def _declared(content: bytes) -> Decoded | None:
    found = _DECLARED.search(b"".join(content[:1000].splitlines(keepends=True)[:2]))
    if not found:
        return None
    encoding = _codec(found[1].decode("ascii").removesuffix("-unix").removesuffix("-dos"))
    text = _decoded(content, encoding) if encoding else None
    return None if encoding is None or text is None else Decoded(text.encode(), encoding)


def _codec(name: str) -> str | None:
    """None for what is no encoding of text whose first lines could be read as ASCII."""
    try:
        codec = codec_of_label(name) or codec_of_label(codecs.lookup(name).name)
    except LookupError:
        return None
    return None if codec in ("utf_16_le", "utf_16_be") else codec


def _mixed(content: bytes) -> Decoded | None:
    text = content.decode("utf-8", "surrogateescape")
    others = len(_ESCAPED.findall(text))
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    if 2 * others > beyond:
        return None
    try:
        whole = _ESCAPED.sub(lambda byte: bytes([ord(byte[0]) - 0xDC00]).decode("cp1252"), text)
    except UnicodeDecodeError:
        return None
    return Decoded(whole.encode(), "utf-8+cp1252")


def _guessed(content: bytes) -> Decoded:
    beyond = len(content) - len(content.translate(None, bytes(range(128, 256))))
    encoding = "cp1252"
    if 2 * sum(map(len, _RUN.findall(content))) > beyond:
        encoding = detect_codec(content)
    text = _decoded(content, encoding)
    if text is None:
        encoding, text = "cp1252", _decoded(content, "cp1252")
    if text is None:
        raise UndecodableError
    return Decoded(text.encode(), encoding)


def _decoded(content: bytes, encoding: str) -> str | None:
    """None where the content is ill-formed in the encoding, or that is not one of text."""
    try:
        text = content.decode(encoding)
        text.encode()
    except (UnicodeError, LookupError, ValueError):
        return None
    return text
