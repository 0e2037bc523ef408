"""WET files, CommonCrawl's plain text of web pages, as batches of documents."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

import kernels
from corpus.errors import UnreadableInputError
from corpus.faults import Fault, FaultKind
from corpus.pipeline.filtering import ReadLog
from corpus.sources.crawl_columns import binaries, crawl_batch
from corpus.sources.warc import Record, read_records

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
    pending: list[Record] = []
    size = 0
    for record in _conversions(path, log):
        if len(pending) >= batch_documents or size >= batch_bytes:
            yield _batch(path, pending, log)
            pending, size = [], 0
        pending.append(record)
        size += len(record.payload)
    if pending:
        yield _batch(path, pending, log, ends_file=True)


def _conversions(path: str, log: ReadLog) -> Iterator[Record]:
    def on_fault(fault: Fault) -> None:
        if fault.loses_record:
            log.count("records")
            log.count("unreadable")
        log.fault(fault)

    found = False
    others: Counter[str] = Counter()
    for record in read_records(path, on_fault):
        if record.type == "conversion":
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


def _batch(path: str, records: Sequence[Record], log: ReadLog, ends_file: bool = False) -> pa.RecordBatch:
    payloads: list[bytes | memoryview] = [record.payload for record in records]
    log.count("records", len(records))
    log.count("documents", len(records))
    log.count("payload_bytes", sum(map(len, payloads)))
    if ends_file and bytes(payloads[-1][-1:]) not in (b"\n", b"\r"):
        # Between a payload without a final line end and the next record cc_net sees an empty line; its outputs have
        # none after the last payload of a file. With a line end of its own, that payload gets none here either.
        payloads[-1] = b"".join((payloads[-1], b"\n"))
    parsed = kernels.wet_text(binaries(payloads))
    replaced = np.asarray(parsed.replaced)
    for row in np.flatnonzero(replaced).tolist():
        detail = f"{replaced[row]} ill-formed sequences read as U+FFFD"
        log.fault(Fault(path, records[row].offset, records[row].index, FaultKind.INVALID_UTF8, detail))
    return crawl_batch(
        path,
        records,
        text=parsed.text,
        title=parsed.title,
        digest=[record.headers.get("warc-block-digest") for record in records],
        original_length=[len(record.payload) for record in records],
        nlines=parsed.nlines,
        length=parsed.length,
    )
