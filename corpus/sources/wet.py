"""WET files, CommonCrawl's plain text of web pages, as batches of documents."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import kernels
from corpus.errors import UnreadableInputError
from corpus.faults import Fault, FaultKind
from corpus.pipeline.reading import ReadLog
from corpus.sources.crawl_columns import SOURCE, binaries, crawl_documents, record_columns
from corpus.sources.gzip_stream import Block
from corpus.sources.warc import NumberedBlock, Record, read_in_blocks
from kernels.wet import RECORDS

VERSION = 1
"""Of what this reader makes of an input; to be raised when that changes."""

_TYPES = frozenset(("warcinfo", "response", "resource", "request", "metadata", "revisit", "continuation"))


def read_wet(
    path: str, log: ReadLog, *, batch_documents: int = 1024, batch_bytes: int = 16 << 20
) -> Iterator[pa.RecordBatch]:
    """The documents of a WET file (local, or any fsspec URL) as batches of crawl_columns.SCHEMA, in file order.

    Only records of type `conversion` are documents; `log` counts every record as document, `skipped.TYPE` or
    `unreadable`, and `payload_bytes` of those that could be read. Lines are cc_net's: stripped, empty ones at the end
    cut, the first one the title. Text that is not UTF-8 is kept and reported. A batch ends with the document that fills
    `batch_documents` or `batch_bytes` (of payload).

    Raises UserError when the file cannot be read, UnreadableInputError when it has no WARC record, or none of text but
    some of other types.
    """
    pending: list[Record | NumberedBlock] = []
    documents = size = 0
    for record in _conversions(path, log):
        rest: Record | NumberedBlock | None = record
        while rest is not None:
            if documents >= batch_documents or size >= batch_bytes:
                yield _batch(path, pending, log)
                pending, documents, size = [], 0, 0
            head, rest = _split(rest, batch_documents - documents, batch_bytes - size)
            pending.append(head)
            documents += 1 if isinstance(head, Record) else head.rows.num_rows
            size += _payload_bytes(head)
    if pending:
        yield _batch(path, pending, log, ends_file=True)


def _split(
    records: Record | NumberedBlock, documents: int, payload_bytes: int
) -> tuple[Record | NumberedBlock, NumberedBlock | None]:
    """The first of them, up to the one that makes `documents` or `payload_bytes` full, and what is left."""
    if isinstance(records, Record):
        return records, None
    ends = np.frombuffer(records.rows.column("payload").buffers()[1], np.int64)[records.rows.column("payload").offset :]
    full = int(np.searchsorted(ends[1 : records.rows.num_rows + 1], ends[0] + payload_bytes)) + 1
    count = min(documents, full)
    if count >= records.rows.num_rows:
        return records, None
    head = NumberedBlock(records.first, records.rows.slice(0, count))
    return head, NumberedBlock(records.first + count, records.rows.slice(count))


def _payload_bytes(records: Record | NumberedBlock) -> int:
    if isinstance(records, Record):
        return len(records.payload)
    payload = records.rows.column("payload")
    ends = np.frombuffer(payload.buffers()[1], np.int64)[payload.offset : payload.offset + len(payload) + 1]
    return int(ends[-1] - ends[0])


def _conversions(path: str, log: ReadLog) -> Iterator[Record | NumberedBlock]:
    reader = kernels.WetReader()

    def read_block(data: bytes, begin: int, offset: int) -> tuple[int, Block | None]:
        size, rows = reader.read(data, begin, offset, f"{SOURCE}/")
        return size, Block(rows) if rows.num_rows else None

    def on_fault(fault: Fault) -> None:
        if fault.loses_record:
            log.count("records")
            log.count("unreadable")
        log.fault(fault)

    found = False
    others: Counter[str] = Counter()
    for record in read_in_blocks(path, on_fault, read_block):
        if isinstance(record, NumberedBlock) or record.type == "conversion":
            found = True
            yield record
        else:
            log.count("records")
            log.count("payload_bytes", len(record.payload))
            kind = record.type if record.type in _TYPES else "other"
            others[kind] += 1
            log.count(f"skipped.{kind}")
    if not found and others.keys() - {"warcinfo"}:
        held = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
        raise UnreadableInputError(
            f"{path}: WARC records but no text among them ({held}); give the crawl's .warc.wet.gz or .warc.gz files"
        )


def _batch(
    path: str, pending: Sequence[Record | NumberedBlock], log: ReadLog, ends_file: bool = False
) -> pa.RecordBatch:
    rows = _rows(pending)
    original = pa.concat_arrays([pc.binary_length(chunk) for chunk in rows["payload"].chunks])
    log.count("records", len(original))
    log.count("documents", len(original))
    log.count("payload_bytes", pc.sum(original).as_py())
    parsed = kernels.wet_text(_with_line_end(rows["payload"]) if ends_file else rows["payload"])
    replaced = np.asarray(parsed.replaced)
    for row in np.flatnonzero(replaced).tolist():
        detail = f"{replaced[row]} ill-formed sequences read as U+FFFD"
        log.fault(Fault(path, rows["offset"][row].as_py(), rows["index"][row].as_py(), FaultKind.INVALID_UTF8, detail))
    return crawl_documents(
        path,
        rows,
        text=parsed.text,
        title=parsed.title,
        original_length=original,
        nlines=parsed.nlines,
        length=parsed.length,
    )


def _rows(pending: Sequence[Record | NumberedBlock]) -> dict[str, pa.Array | pa.ChunkedArray]:
    """Columns of kernels.wet.RECORDS, and `index`, the number of each record in its file. Only `payload`, which is
    large, stays in the chunks it was read in."""
    parts: list[dict[str, pa.Array]] = []
    for kind, group in groupby(pending, type):
        if kind is Record:
            records = cast(list[Record], list(group))
            digest = pa.array([record.headers.get("warc-block-digest") for record in records], pa.string())
            payload = binaries([record.payload for record in records])
            parts.append({"payload": payload, "digest": digest, **record_columns(records)})
        else:
            for block in cast(Iterator[NumberedBlock], group):
                index = pa.array(np.arange(block.first, block.first + block.rows.num_rows))
                parts.append({**dict(zip(RECORDS.names, block.rows.columns, strict=True)), "index": index})
    payload = pa.chunked_array([part.pop("payload") for part in parts])
    return {"payload": payload, **{name: pa.concat_arrays([part[name] for part in parts]) for name in parts[0]}}


def _with_line_end(payloads: pa.ChunkedArray) -> pa.ChunkedArray:
    """With a line end behind the last one, unless it has one: between a payload without and the next record cc_net sees
    an empty line; its outputs have none after the last payload of a file."""
    last = payloads[-1].as_py()
    if last.endswith((b"\n", b"\r")):
        return payloads
    return pa.chunked_array([*payloads[:-1].chunks, binaries([last + b"\n"])])
