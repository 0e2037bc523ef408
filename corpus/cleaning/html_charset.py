"""From the bytes of an HTML page to its text in UTF-8, as browsers decode it."""

import codecs
import re
from dataclasses import dataclass

from corpus.cleaning.encoding_labels import CODEC_OF_LABEL, SINGLE_BYTE

_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf_8"), (b"\xfe\xff", "utf_16_be"), (b"\xff\xfe", "utf_16_le"))
_PRESCAN_BYTES = 16 << 10
"""Browsers look at 1 KiB first, and decode again when a later part of the head names another encoding."""

_DETECTION_BYTES = 64 << 10
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_META = re.compile(rb"<meta[\s/]([^>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rb"""([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""",
    re.IGNORECASE,
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """text: UTF-8. codec: Python's name of the encoding. replaced: characters U+FFFD in it, which stand for sequences
    that are ill-formed in the encoding (or for themselves)."""

    text: bytes
    codec: str
    replaced: int


def decode_page(page: bytes, content_type: str = "") -> Decoded:
    """Decodes a page as browsers do, by the first of: a byte order mark; the charset in its HTTP Content-Type; the
    <meta> element or XML declaration in its beginning; what its bytes look like.

    Unknown labels do not count. A page without any is UTF-8 when it is well-formed UTF-8; else it is what chardet finds
    in its beginning, and windows-1252 when that finds nothing. ISO-8859-1 means windows-1252, and so on (WHATWG).
    """
    codec = _codec_of_mark(page) or codec_of_content_type(content_type) or declared_codec(page)
    if codec is None:
        codec = detect_codec(page)
    return _decode(page, codec)


def codec_of_label(label: str) -> str | None:
    """Python's codec for a label of the standard, in any case; None for what is no label."""
    return CODEC_OF_LABEL.get(label.strip(" \t\n\f\r").lower())


def codec_of_content_type(content_type: str) -> str | None:
    """The codec of the charset in `text/html; charset=...`; None without one, or with one that is not known."""
    found = _CHARSET.search(content_type)
    return codec_of_label(found[1]) if found else None


def declared_codec(page: bytes) -> str | None:
    """The codec that the beginning of a page declares. Read as ASCII it cannot be UTF-16, whatever it says."""
    start = page[:_PRESCAN_BYTES]
    if start.startswith((b"<\0", b"\0<")):
        return "utf_16_le" if start.startswith(b"<\0") else "utf_16_be"
    codec = _declared_in_meta(_COMMENT.sub(b"", start))
    if codec is None and (declaration := _XML_DECLARATION.match(start)) is not None:
        codec = codec_of_label(declaration[1].decode("latin-1"))
    return "utf_8" if codec in ("utf_16_be", "utf_16_le") else codec


def _declared_in_meta(start: bytes) -> str | None:
    for meta in _META.finditer(start):
        attributes: dict[str, str] = {}
        for name, *values in _ATTRIBUTE.findall(meta[1]):
            value = next((value for value in values if value), b"")
            attributes.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
        if "charset" in attributes:
            codec = codec_of_label(attributes["charset"])
        elif attributes.get("http-equiv", "").strip().lower() == "content-type":
            codec = codec_of_content_type(attributes.get("content", ""))
        else:
            continue
        if codec is not None:
            return codec
    return None


def detect_codec(page: bytes) -> str:
    """The codec that the bytes of an undeclared page look like."""
    # ISO-2022 and UTF-16 can look like UTF-8: the one by its escapes, the other by its zeros.
    if b"\x1b" not in page and b"\0" not in page[:_PRESCAN_BYTES]:
        try:
            page.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.end == len(page) and error.reason == "unexpected end of data" and error.start > 0:
                return "utf_8"
        else:
            return "utf_8"
    import chardet

    found = chardet.detect(_telling(page))["encoding"]
    if found is None:
        return "cp1252"
    try:
        return codec_of_label(found) or codecs.lookup(found).name
    except LookupError:
        return "cp1252"


def _telling(page: bytes) -> bytes:
    """The part of a page to judge its encoding by: from a little before its first byte that is not ASCII."""
    if len(page) <= _DETECTION_BYTES:
        return page
    first = re.search(rb"[\x80-\xff\x1b]", page)
    start = max(first.start() - 1024, 0) if first else 0
    return page[start : start + _DETECTION_BYTES]


def _codec_of_mark(page: bytes) -> str | None:
    return next((codec for mark, codec in _BYTE_ORDER_MARKS if page.startswith(mark)), None)


def _decode(page: bytes, codec: str) -> Decoded:
    text = page.decode(codec, "c1" if codec in SINGLE_BYTE else "replace")
    text = text.removeprefix("\ufeff")
    # Surrogates are what UTF-16 and UTF-7 may hide; UTF-8 cannot say them.
    encoded = text.encode("utf-8", "replace")
    return Decoded(encoded, codec, text.count("\ufffd"))


def _replace_undefined(error: UnicodeError) -> tuple[str, int]:
    """Bytes 0x80 to 0x9F that an encoding leaves undefined are control characters to browsers, others U+FFFD."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start]
    return chr(byte) if 0x80 <= byte <= 0x9F else "\ufffd", error.start + 1


codecs.register_error("c1", _replace_undefined)
