"""Books in plain text, HTML or EPUB as documents, one each."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

import kernels
from corpus.cleaning.edit import large_strings
from corpus.cleaning.gutenberg import read_header
from corpus.cleaning.html_charset import decode_page
from corpus.document import ORIGIN, document_schema
from corpus.faults import Fault, FaultKind
from corpus.pipeline.reading import Reader, ReadLog
from corpus.sources.book_archive import RawBook, Unreadable, open_books
from corpus.sources.book_text import Decoded, decode_book
from corpus.sources.input_stream import describe_content

VERSION = 2
"""Of what this reader makes of a file; to be raised when that changes."""

SOURCE = "books"
SUFFIXES = (".txt", ".txt.gz", ".htm", ".html", ".htm.gz", ".html.gz", ".epub", ".zip")
SCHEMA = document_schema(
    [
        pa.field("title", pa.string()),
        pa.field("author", pa.string()),
        pa.field("language", pa.string()),
        pa.field("gutenberg_number", pa.int32()),
        pa.field("member", pa.string()),
        pa.field("encoding", pa.string(), nullable=False),
    ]
)
"""title, author, language, gutenberg_number: as a Project Gutenberg header has them, else as an EPUB states the first
three of itself. member: path inside a zip
archive. encoding: what the bytes were decoded as."""

_COMMENT = rb"<!--(?:(?!-->).)*-->"
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|" + _COMMENT + rb"\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HEAD_BYTES = 4 << 10
_BREAK = re.compile(rb"<br\b[^<>]{0,256}>", re.IGNORECASE)
_BREAK_MARK = "\ue000"
"""Stands for a line break while a page becomes lines: verses are lines of one paragraph."""
_BREAKS = re.compile(f" *{_BREAK_MARK} *")
_LAST_BREAKS = re.compile(f"[ {_BREAK_MARK}]+$", re.MULTILINE)


def book_reader(max_bytes: int) -> Reader:
    """Reads books of at most `max_bytes`, decompressed."""
    return partial(read_books, max_bytes=max_bytes)


def read_books(path: str, log: ReadLog, *, max_bytes: int = 64 << 20) -> Iterator[pa.RecordBatch]:
    """The books of a file as batches of SCHEMA, one book each.

    Those too large, damaged or of another format are reported and left out. Raises UserError when the file cannot be
    read, UnreadableInputError when it is empty.
    """
    for number, raw in enumerate(open_books(path, max_bytes)):
        log.count("records")
        book = _read(raw) if isinstance(raw, RawBook) else raw
        if isinstance(book, Unreadable):
            log.count("unreadable")
            log.fault(Fault(path, None, number, book.kind, book.detail))
            continue
        log.count("documents")
        log.count("payload_bytes", sum(map(len, book.raw.parts)))
        if book.decoded.replaced:
            detail = f"{book.decoded.replaced} sequences that are not {book.decoded.encoding} read as U+FFFD"
            log.fault(Fault(path, None, number, FaultKind.INVALID_UTF8, detail))
        yield _batch(path, number, book)


@dataclass(frozen=True)
class _Book:
    raw: RawBook
    decoded: Decoded


def _read(raw: RawBook) -> _Book | Unreadable:
    decoded = []
    for part in raw.parts:
        if _HTML.match(part[:_HEAD_BYTES].removeprefix(_MARKS[0])):
            decoded.append(_decode_html(part))
        elif b"\0" in part[:_HEAD_BYTES] and not part.startswith(_MARKS):
            return Unreadable(FaultKind.UNREADABLE, f"looks like {describe_content(part)}, not a book's text")
        else:
            decoded.append(decode_book(part))
    encodings = sorted({part.encoding for part in decoded})
    text = "\n\n".join(part.text for part in decoded)
    return _Book(raw, Decoded(text, " ".join(encodings), sum(part.replaced for part in decoded)))


def _decode_html(page: bytes) -> Decoded:
    decoded = decode_page(page)
    page = _BREAK.sub(_BREAK_MARK.encode(), decoded.text)
    html = kernels.html_text(pa.array([page], pa.large_binary()), main_content=False)
    text = _LAST_BREAKS.sub("", html.text[0].as_py().replace("\n", "\n\n"))
    return Decoded(_BREAKS.sub("\n", text), decoded.codec, decoded.replaced)


def _batch(path: str, number: int, book: _Book) -> pa.RecordBatch:
    raw, decoded = book.raw, book.decoded
    header = read_header(decoded.text)
    digest = hashlib.sha1(b"\0".join(raw.parts)).hexdigest()
    return pa.record_batch(
        {
            "id": pa.array([f"{SOURCE}/{digest}"], pa.string()),
            "text": large_strings([decoded.text.encode("utf-8", "replace")]),
            "source": pa.array([SOURCE]),
            "url": pa.nulls(1, pa.string()),
            "timestamp": pa.nulls(1, pa.timestamp("s", tz="UTC")),
            "origin": pa.array([{"path": path, "offset": 0, "record": number}], ORIGIN),
            "title": pa.array([header.title or raw.about.get("title")], pa.string()),
            "author": pa.array([header.author or raw.about.get("creator")], pa.string()),
            "language": pa.array([header.language or raw.about.get("language")], pa.string()),
            "gutenberg_number": pa.array([header.number], pa.int32()),
            "member": pa.array([raw.member], pa.string()),
            "encoding": pa.array([decoded.encoding], pa.string()),
        },
        schema=SCHEMA,
    )
