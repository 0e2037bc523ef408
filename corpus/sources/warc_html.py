"""WARC files of a crawl: HTML pages as they were fetched, as batches of documents."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from corpus.cleaning.html import Html
from corpus.cleaning.html_charset import decode_page
from corpus.errors import UnreadableInputError
from corpus.faults import Fault
from corpus.pipeline.reading import ReadLog
from corpus.sources.crawl_columns import binaries, crawl_batch
from corpus.sources.http_response import BodyTooLargeError, HttpResponse, UndecodableBodyError, parse_response
from corpus.sources.input_stream import describe_content
from corpus.sources.warc import Record, read_records

VERSION = 1
"""Of what this reader makes of an input; to be raised when that changes."""

_OK = 200
_MEDIA_TYPES = frozenset(("text/html", "application/xhtml+xml"))
_TYPES = frozenset(("warcinfo", "conversion", "resource", "request", "metadata", "revisit", "continuation"))


@dataclass
class _Pages:
    """Pages decoded but not yet parsed."""

    records: list[Record] = field(default_factory=list)
    texts: list[bytes | memoryview] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    held: int = 0

    def add(self, record: Record, text: bytes, size: int) -> None:
        self.records.append(record)
        self.texts.append(text)
        self.sizes.append(size)
        self.held += len(text)


def read_warc(
    path: str, log: ReadLog, html: Html, *, batch_documents: int = 1024, batch_bytes: int = 16 << 20
) -> Iterator[pa.RecordBatch]:
    """The HTML pages of a WARC file (local, or any fsspec URL) as batches of crawl_columns.SCHEMA, in file order.

    Pages are records of type `response` with HTTP status 200 and HTML in them. `log` counts every record as document,
    `unreadable` or `skipped.WHY`: `skipped.TYPE` of record, `skipped.status`, `skipped.media_type`, `skipped.empty`,
    `skipped.too_large` (more than html.max_bytes) or `skipped.encoding` (compressed in an unknown way). It also counts
    `payload_bytes` of records that could be read, `truncated` pages, whose end the crawler cut off, and `ill_formed`
    pages, in which U+FFFD stands for what is not in their encoding. A batch ends with the page that fills
    `batch_documents` or `batch_bytes` (of page).

    Raises UserError when the file cannot be read, UnreadableInputError when it has no WARC record, or no response but
    records of other types.
    """
    pages = _Pages()
    for record in _responses(path, log):
        page = _page(record, log, html.max_bytes)
        if isinstance(page, str):
            log.count(f"skipped.{page}")
            continue
        body, content_type = page
        decoded = decode_page(body, content_type)
        if decoded.replaced:
            log.count("ill_formed")
        pages.add(record, decoded.text, len(body))
        if len(pages.records) >= batch_documents or pages.held >= batch_bytes:
            yield _batch(path, pages, log, html)
            pages = _Pages()
    if pages.records:
        yield _batch(path, pages, log, html)


def _responses(path: str, log: ReadLog) -> Iterator[Record]:
    def on_fault(fault: Fault) -> None:
        if fault.loses_record:
            log.count("records")
            log.count("unreadable")
        log.fault(fault)

    found = False
    others: Counter[str] = Counter()
    for record in read_records(path, on_fault):
        log.count("records")
        log.count("payload_bytes", len(record.payload))
        if record.type == "response":
            found = True
            yield record
        else:
            kind = record.type if record.type in _TYPES else "other"
            others[kind] += 1
            log.count(f"skipped.{kind}")
    if not found and others.keys() - {"warcinfo"}:
        held = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
        raise UnreadableInputError(f"{path}: WARC records but no page among them ({held}); give the crawl's WARC files")


def _page(record: Record, log: ReadLog, max_bytes: int) -> tuple[bytes, str] | str:
    """The body of an HTML page and its Content-Type; why it is none, for everything else."""
    response = parse_response(record.payload)
    if response.status not in (0, _OK):
        return "status"
    if not _may_be_html(response, record):
        return "media_type"
    try:
        body = response.body(max_bytes)
    except BodyTooLargeError:
        return "too_large"
    except UndecodableBodyError:
        return "encoding"
    if not body.strip():
        return "empty"
    if response.media_type not in _MEDIA_TYPES and describe_content(body[:512]) != "an HTML page":
        return "media_type"
    if "warc-truncated" in record.headers:
        log.count("truncated")
    return body, response.headers.get("content-type", "")


def _may_be_html(response: HttpResponse, record: Record) -> bool:
    """Whether the record says it is HTML, or does not say what it is."""
    identified = record.headers.get("warc-identified-payload-type", "").lower()
    if identified and identified not in _MEDIA_TYPES:
        return False
    return response.media_type in _MEDIA_TYPES or not response.media_type


def _batch(path: str, pages: _Pages, log: ReadLog, html: Html) -> pa.RecordBatch:
    log.count("documents", len(pages.records))
    extracted = html.extract(binaries(pages.texts))
    return crawl_batch(
        path,
        pages.records,
        text=extracted.text,
        title=extracted.title,
        digest=[_digest(record) for record in pages.records],
        original_length=pages.sizes,
        nlines=extracted.nlines,
        length=extracted.length,
    )


def _digest(record: Record) -> str | None:
    return record.headers.get("warc-payload-digest") or record.headers.get("warc-block-digest")
