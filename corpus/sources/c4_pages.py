"""Pages for C4: the JSON lines of the released data set, or CommonCrawl's files, whose text it takes in its own way."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from corpus.cleaning.html import Html
from corpus.document import ORIGIN, document_schema
from corpus.pipeline.reading import ReadLog
from corpus.sources import crawl
from corpus.sources.crawl import CrawlReader
from corpus.sources.json_lines import JsonRows, read_json_lines

VERSION = {"json": 1, **crawl.VERSION}
"""Of what these readers make of an input; to be raised when that changes."""

SOURCE = "c4"
SCHEMA = document_schema([])
JSON_SUFFIXES = (".json.gz", ".jsonl.gz", ".json", ".jsonl")
CRAWL_SUFFIXES = (*crawl.WET_SUFFIXES, *crawl.WARC_SUFFIXES)

_FIELDS = pa.schema([("text", pa.large_string()), ("timestamp", pa.string()), ("url", pa.string())])
_BATCH_ROWS = 4096
_EMPTY, _NEWLINE = pa.scalar("", pa.large_string()), pa.scalar("\n", pa.large_string())
_SECONDS = pa.timestamp("s", tz="UTC")
# Blank lines, and lines that C4 takes for those of a record's header.
_NO_TEXT = r"(?m)^(?:(?:WARC|CONTENT-|Content-)[^\n]*)?\n"


@dataclass(frozen=True)
class PageReader:
    """Reads a file, told apart by its name, as batches of SCHEMA. html: how pages of WARC files become text."""

    html: Html

    def __call__(self, path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
        return read_crawl(path, log, self.html) if path.lower().endswith(CRAWL_SUFFIXES) else read_released(path, log)


def read_released(path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
    """The pages of a file of the released data set, whose lines hold text, timestamp and url; text is left as it is."""
    for rows in read_json_lines(path, log, _FIELDS):
        for start in range(0, rows.table.num_rows, _BATCH_ROWS):
            table = rows.table.slice(start, _BATCH_ROWS)
            yield _batch(path, JsonRows(table, rows.lines[start : start + _BATCH_ROWS], rows.offset))


def _batch(path: str, rows: JsonRows) -> pa.RecordBatch:
    table = rows.table.combine_chunks()
    text, stamps, urls = (_one_chunk(table[name]) for name in _FIELDS.names)
    count = table.num_rows
    native = zip(urls.to_pylist(), stamps.to_pylist(), strict=True)
    origin = [pa.repeat(path, count), pa.repeat(pa.scalar(rows.offset, pa.int64()), count), pa.array(rows.lines)]
    return pa.record_batch(
        {
            "id": pa.array([_identity(url, stamp, text, row) for row, (url, stamp) in enumerate(native)], pa.string()),
            "text": text,
            "source": pa.repeat(SOURCE, count),
            "url": urls,
            "timestamp": pc.strptime(stamps, "%Y-%m-%dT%H:%M:%SZ", "s", error_is_null=True).cast(_SECONDS),
            "origin": pa.StructArray.from_arrays(origin, fields=list(ORIGIN)),
        },
        schema=SCHEMA,
    )


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _identity(url: str | None, stamp: str | None, text: pa.Array, row: int) -> str:
    """Source, and a hash of URL and time, which name a capture; without a URL, of the text."""
    native = f"{url}\n{stamp}" if url else text[row].as_py()
    return f"{SOURCE}/{hashlib.sha1(native.encode()).hexdigest()}"


def read_crawl(path: str, log: ReadLog, html: Html) -> Iterator[pa.RecordBatch]:
    """The pages of a WET or WARC file with all their lines, the first (or the title) included, stripped.

    Blank lines, and lines that look like those of a header (starting with WARC, CONTENT- or Content-), are left out
    wherever they are.
    """
    for batch in CrawlReader(html)(path, log):
        whole = pc.binary_join_element_wise(batch["title"], batch["text"], _EMPTY, _NEWLINE)
        text = pc.ascii_rtrim(pc.replace_substring_regex(whole, _NO_TEXT, ""), "\n")
        columns = {name: batch[name] for name in ("url", "timestamp", "origin")}
        ids = pc.binary_join_element_wise(SOURCE, pc.replace_substring_regex(batch["id"], "^[^/]*/", ""), "/")
        source = pa.repeat(SOURCE, batch.num_rows)
        yield pa.record_batch({"id": ids, "text": text, "source": source, **columns}, schema=SCHEMA)
