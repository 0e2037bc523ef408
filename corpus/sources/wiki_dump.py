"""Wikipedia dumps as batches of documents: pages-articles XML, or the JSON lines of CirrusSearch."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from corpus.cleaning.wiki_site import redirect_words
from corpus.document import ORIGIN, document_schema
from corpus.errors import UnreadableInputError
from corpus.faults import Fault, FaultKind
from corpus.identity import InputFile
from corpus.pipeline.reading import ReadLog
from corpus.sources import cirrus, gzip_stream
from corpus.sources.input_stream import InputStream, describe_content
from corpus.sources.mediawiki import (
    SITEINFO_BYTES,
    MalformedPageError,
    Page,
    RawPage,
    SiteInfo,
    parse_page,
    parse_siteinfo,
    raw_pages,
)
from corpus.sources.warc_header import parse_date
from corpus.sources.wiki_pieces import Piece, read_pieces

VERSION = 1
"""Of what this reader makes of an input; to be raised when that changes."""

SOURCE = "wikipedia"
NAMESPACES = b"namespaces"
"""Key of the batch schema's metadata under which the wiki's own names of namespaces stand, as JSON."""

SCHEMA = document_schema(
    [
        pa.field("title", pa.large_string(), nullable=False),
        pa.field("page_id", pa.int64()),
        pa.field("revision_id", pa.int64()),
        pa.field("language", pa.string(), nullable=False),
        pa.field("namespace", pa.int32(), nullable=False),
        pa.field("redirect", pa.bool_(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
    ]
)
"""text: the page as the dump has it. model: what the text is, "wikitext" for articles and "text" where templates are
expanded and markup is gone already."""

_TIMESTAMP = pa.timestamp("s", tz="UTC")
_BATCH_DOCUMENTS, _BATCH_BYTES = 1024, 16 << 20


@dataclass(frozen=True)
class DumpReader:
    """Reads a dump, or the pages of it that begin in the bytes from `start` to `end` of the file.

    cirrus_field: what is taken as the text of a CirrusSearch document.
    """

    start: int = 0
    end: int | None = None
    cirrus_field: str = "text"

    def __call__(self, path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
        """Batches of SCHEMA in file order; `log` counts every page as document or `unreadable`.

        Raises UserError when the file cannot be read, UnreadableInputError when it is no dump of a wiki.
        """
        if self.start:
            log.count("files", -1)  # the part that begins the file counts it
        head = _head(path)
        if head.lstrip().startswith(b"{"):
            yield from _batches(_from_cirrus(path, self, log), log, {})
            return
        info = parse_siteinfo(head)
        if b"<mediawiki" not in head and b"<page>" not in head:
            if self.start == 0:
                raise UnreadableInputError(
                    f"{path}: is {describe_content(head[:64])}, not a wiki dump; give a pages-articles XML or a "
                    "CirrusSearch content file"
                )
            return
        info = info or SiteInfo("", "", "", {})
        language = _language(path, info)
        yield from _batches(_from_xml(path, self, info, language, log), log, info.namespaces)


def parts(file: InputFile, size: int) -> list[tuple[int, int]]:
    """The file cut into spans of about `size` bytes that can be read apart; one, where its format allows no more."""
    with InputStream(file.path) as stream:
        start = stream.read(256)
    whole = start.startswith(gzip_stream.MAGIC) or start.lstrip().startswith(b"{") or ".json" in file.path
    count = 1 if whole or size <= 0 else max(1, file.size // size)
    bounds = [file.size * i // count for i in range(count)]
    return list(zip(bounds, [*bounds[1:], file.size], strict=True))


def _head(path: str) -> bytes:
    head = b""
    for piece in read_pieces(path, 0, lambda fault: None):
        head += piece.data
        if len(head) >= SITEINFO_BYTES or b"</siteinfo>" in head or b"<page>" in head:
            break
    return head


def _language(path: str, info: SiteInfo) -> str:
    """From the database's name ("zh_min_nanwiki"), the root's xml:lang, or the file's name."""
    for name in (info.database, PurePosixPath(path).name):
        if found := re.match(r"([a-z_]{2,20})wiki(?![a-z])", name):
            return found[1].replace("_", "-")
    if info.language:
        return info.language
    raise UnreadableInputError(
        f"{path}: the dump does not say its language; name it as Wikimedia does, such as dewiki-pages-articles.xml"
    )


def _from_xml(path: str, part: DumpReader, info: SiteInfo, language: str, log: ReadLog) -> Iterator[dict[str, Any]]:
    words = redirect_words(language)

    def on_fault(fault: Fault) -> None:
        if fault.loses_record:
            log.count("records")
            log.count("unreadable")
        log.fault(fault)

    pieces: Iterator[Piece] = read_pieces(path, part.start, on_fault)
    for raw in raw_pages(pieces, part.end, path, on_fault):
        log.count("payload_bytes", len(raw.xml))
        page = _parsed(raw, path, log)
        if page is None:
            on_fault(Fault(path, raw.offset, raw.record, FaultKind.CORRUPT, _why(raw)))
            continue
        namespace = page.namespace if page.namespace is not None else _namespace_of(page.title, info)
        yield {
            "native": page.page_id if page.page_id is not None else page.title,
            "text": page.text,
            "url": _url(page.title, language, info),
            "timestamp": parse_date(page.timestamp),
            "place": (path, raw.offset, raw.record),
            "title": page.title,
            "page_id": page.page_id,
            "revision_id": page.revision_id,
            "language": language,
            "namespace": namespace,
            "redirect": page.redirect or page.text[:100].lstrip().lower().startswith(words),
            "model": page.model,
        }


def _parsed(raw: RawPage, path: str, log: ReadLog) -> Page | None:
    """None when the page cannot be parsed. Text that is not UTF-8 is kept and reported."""
    try:
        return parse_page(raw.xml)
    except MalformedPageError:
        repaired = raw.xml.decode("utf-8", "replace").encode()
    if repaired == raw.xml:
        return None
    try:
        page = parse_page(repaired)
    except MalformedPageError:
        return None
    log.fault(Fault(path, raw.offset, raw.record, FaultKind.INVALID_UTF8, "bytes that are not UTF-8 read as U+FFFD"))
    return page


def _why(raw: RawPage) -> str:
    try:
        parse_page(raw.xml)
    except MalformedPageError as error:
        return str(error)
    return "the page cannot be parsed"


def _namespace_of(title: str, info: SiteInfo) -> int:
    prefix, colon, _ = title.partition(":")
    if colon:
        for number, names in info.namespaces.items():
            if prefix.lower() in (name.lower() for name in names):
                return number
    return 0


def _url(title: str, language: str, info: SiteInfo) -> str:
    base = info.base[: info.base.rfind("/") + 1] if "/" in info.base else f"https://{language}.wikipedia.org/wiki/"
    return base + quote(title.replace(" ", "_"), safe="/:@!$&'()*+,;=~")


def _from_cirrus(path: str, part: DumpReader, log: ReadLog) -> Iterator[dict[str, Any]]:
    pieces = read_pieces(path, part.start, log.fault)
    for document in cirrus.documents(pieces, path, log):
        text = document.fields.get(part.cirrus_field)
        title = str(document.fields.get("title", ""))
        language = document.language
        yield {
            "native": document.page_id if document.page_id is not None else title,
            "text": text if isinstance(text, str) else "",
            "url": _url(title, language, SiteInfo("", language, "", {})),
            "timestamp": parse_date(str(document.fields.get("timestamp", ""))),
            "place": (path, document.offset, document.record),
            "title": title,
            "page_id": document.page_id,
            "revision_id": document.revision_id,
            "language": language,
            "namespace": document.namespace,
            "redirect": False,
            "model": "text",
        }


def _batches(rows: Iterator[dict[str, Any]], log: ReadLog, namespaces: Any) -> Iterator[pa.RecordBatch]:
    schema = SCHEMA.with_metadata({NAMESPACES: json.dumps(namespaces, ensure_ascii=False).encode()})
    pending: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        if len(pending) >= _BATCH_DOCUMENTS or size >= _BATCH_BYTES:
            yield _batch(pending, schema, log)
            pending, size = [], 0
        pending.append(row)
        size += len(row["text"])
    if pending:
        yield _batch(pending, schema, log)


def _batch(rows: list[dict[str, Any]], schema: pa.Schema, log: ReadLog) -> pa.RecordBatch:
    log.count("records", len(rows))
    log.count("documents", len(rows))
    paths, offsets, records = zip(*(row["place"] for row in rows), strict=True)
    origin = [pa.array(paths, pa.string()), pa.array(offsets, pa.int64()), pa.array(records, pa.int64())]
    columns: dict[str, pa.Array] = {
        "id": pa.array([f"{SOURCE}:{row['language']}:{row['native']}" for row in rows], pa.string()),
        "source": pa.repeat(SOURCE, len(rows)),
        "timestamp": pa.array([row["timestamp"] for row in rows], pa.int64()).cast(_TIMESTAMP),
        "origin": pa.StructArray.from_arrays(origin, fields=list(ORIGIN)),
    }
    return pa.RecordBatch.from_arrays(
        [
            columns[field.name] if field.name in columns else pa.array([row[field.name] for row in rows], field.type)
            for field in schema
        ],
        schema=schema,
    )
