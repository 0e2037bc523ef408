"""CirrusSearch content dumps: JSON lines with the text of a page as the search index has it, templates expanded."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from corpus.faults import Fault, FaultKind
from corpus.pipeline.reading import ReadLog
from corpus.sources.wiki_pieces import Piece

MAX_LINE_BYTES = 64 << 20
"""Of one document, at most."""


class CirrusDocument(NamedTuple):
    """One indexed page; `offset` and `record`: its container in the file, and its number there."""

    fields: Mapping[str, Any]
    page_id: int | None
    revision_id: int | None
    namespace: int
    language: str
    offset: int
    record: int


def documents(pieces: Iterator[Piece], path: str, log: ReadLog) -> Iterator[CirrusDocument]:
    """The documents, with the page's number from its own line or from the "index" line before it.

    Lines that are no JSON object are reported as lost.
    """
    identity: Mapping[str, Any] = {}
    for line, offset, record in _lines(pieces, path, log):
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            _lose(Fault(path, offset, record, FaultKind.CORRUPT, "a line that is no JSON object"), log)
            continue
        if isinstance(index := fields.get("index"), dict):
            identity = index
            continue
        log.count("payload_bytes", len(line))
        page = _number(fields.get("page_id", identity.get("_id")))
        namespace = _number(fields.get("namespace"))
        yield CirrusDocument(
            fields,
            page,
            _number(fields.get("version")),
            0 if namespace is None else namespace,
            _language(fields),
            offset,
            record,
        )
        identity = {}


def _lose(fault: Fault, log: ReadLog) -> None:
    log.count("records")
    log.count("unreadable")
    log.fault(fault)


def _language(fields: Mapping[str, Any]) -> str:
    wiki = fields.get("wiki")
    if isinstance(wiki, str) and wiki.endswith("wiki"):
        return wiki.removesuffix("wiki").replace("_", "-")
    language = fields.get("language")
    return language if isinstance(language, str) else "und"


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 62 else None


def _lines(pieces: Iterator[Piece], path: str, log: ReadLog) -> Iterator[tuple[bytes, int, int]]:
    """Lines that are not empty; one above the limit is reported, and never held as a whole."""
    pending: list[bytes] = []
    size, begin, offset, record, skipping = 0, 0, -1, 0, False
    for piece in pieces:
        parts = piece.data.split(b"\n")
        position = piece.offset
        for i, part in enumerate(parts):
            if not pending:
                begin = position
            position += (len(part) + 1) if piece.plain else 0
            size += len(part)
            if size > MAX_LINE_BYTES and not skipping:
                skipping = True
                detail = f"a line of more than {MAX_LINE_BYTES} bytes"
                _lose(Fault(path, begin, record, FaultKind.TOO_LARGE, detail), log)
            pending = [b""] if skipping else [*pending, part]
            if i + 1 == len(parts):
                break
            record = record + 1 if begin == offset else 0
            offset = begin
            line = b"".join(pending)
            if line.strip() and not skipping:
                yield line, offset, record
            pending, size, skipping = [], 0, False
    if (line := b"".join(pending)).strip() and not skipping:
        yield line, begin, record + 1 if begin == offset else 0
