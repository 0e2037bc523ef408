"""Batches of web documents: what a record's header says of them beside their text."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from corpus.document import ORIGIN, document_schema
from corpus.sources.warc import Record
from corpus.sources.warc_header import bare_uri, parse_date

SOURCE = "commoncrawl"

SCHEMA = document_schema(
    [
        pa.field("title", pa.large_string(), nullable=False),
        pa.field("digest", pa.string()),
        pa.field("original_length", pa.int64(), nullable=False),
        pa.field("nlines", pa.int32(), nullable=False),
        pa.field("length", pa.int64(), nullable=False),
    ]
)
"""title: of the page, not in text. digest: as in the record's header. original_length: bytes of what the text was made
from: the WET record, or the page. nlines, length: lines and characters of text."""

_TIMESTAMP = pa.timestamp("s", tz="UTC")


def crawl_batch(
    path: str,
    records: Sequence[Record],
    *,
    text: pa.LargeStringArray,
    title: pa.LargeStringArray,
    digest: Sequence[str | None],
    original_length: Sequence[int],
    nlines: np.ndarray,
    length: np.ndarray,
) -> pa.RecordBatch:
    """Documents of SCHEMA, one for each record of the file `path`."""
    columns = {**record_columns(records), "digest": pa.array(digest, pa.string())}
    lengths = pa.array(original_length, pa.int64())
    return crawl_documents(path, columns, text=text, title=title, original_length=lengths, nlines=nlines, length=length)


def crawl_documents(
    path: str,
    columns: Mapping[str, pa.Array],
    *,
    text: pa.LargeStringArray,
    title: pa.LargeStringArray,
    original_length: pa.Int64Array,
    nlines: np.ndarray,
    length: np.ndarray,
) -> pa.RecordBatch:
    """The same from `columns` as `record_columns` makes them, and `digest`."""
    origin = [pa.repeat(path, len(text)), columns["offset"], columns["index"]]
    return pa.record_batch(
        {
            "id": columns["id"],
            "text": text,
            "source": pa.repeat(SOURCE, len(text)),
            "url": columns["url"],
            "timestamp": columns["seconds"].cast(_TIMESTAMP),
            "origin": pa.StructArray.from_arrays(origin, fields=list(ORIGIN)),
            "title": title,
            "digest": columns["digest"],
            "original_length": original_length,
            "nlines": pa.array(nlines, pa.int32()),
            "length": pa.array(length, pa.int64()),
        },
        schema=SCHEMA,
    )


def record_columns(records: Sequence[Record]) -> dict[str, pa.Array]:
    """id: string, url: string or null, seconds since 1970: int64 or null, offset: int64, index: int64."""
    return {
        "id": pa.array([_identity(record) for record in records], pa.string()),
        "url": pa.array([_url(record) for record in records], pa.string()),
        "seconds": pa.array([parse_date(record.headers.get("warc-date", "")) for record in records], pa.int64()),
        "offset": pa.array([record.offset for record in records], pa.int64()),
        "index": pa.array([record.index for record in records], pa.int64()),
    }


def binaries(values: Sequence[bytes | memoryview]) -> pa.LargeBinaryArray:
    """The values one behind the other in a new array."""
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum([len(value) for value in values], out=offsets[1:])
    data = pa.py_buffer(b"".join(values))
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(values), [None, pa.py_buffer(offsets), data])


def _identity(record: Record) -> str:
    """Source and record id, which CommonCrawl makes unique; without one, a hash of URL and content."""
    native = bare_uri(record.headers.get("warc-record-id", "")).removeprefix("urn:uuid:")
    if not native:
        content = record.headers.get("warc-block-digest") or hashlib.sha1(record.payload).hexdigest()
        native = hashlib.sha1(f"{_url(record) or ''}\n{content}".encode()).hexdigest()
    return f"{SOURCE}/{native}"


def _url(record: Record) -> str | None:
    return bare_uri(record.headers.get("warc-target-uri", "")) or None
