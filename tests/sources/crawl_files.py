"""Small crawl files made in memory, whole and damaged."""

import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path

from corpus.faults import Fault
from corpus.sources.warc import Record, read_records


def warc_record(
    payload: bytes,
    kind: str = "conversion",
    *,
    version: str = "1.0",
    newline: bytes = b"\r\n",
    length: str | None = "",
    fields: Iterable[str] = (),
) -> bytes:
    """A record; length: Content-Length to state instead of the true one, None for no such field."""
    lines = [f"WARC/{version}", f"WARC-Type: {kind}", *fields]
    if length is not None:
        lines.append(f"Content-Length: {length or len(payload)}")
    return newline.join([line.encode() for line in lines]) + 2 * newline + payload + 2 * newline


def member(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def members(records: Iterable[bytes]) -> bytes:
    return b"".join(map(member, records))


def written(directory: Path, data: bytes, name: str = "crawl.warc.wet.gz") -> str:
    path = directory / name
    path.write_bytes(data)
    return str(path)


def read_all(path: str, max_record_bytes: int = 1 << 20) -> tuple[list[Record], list[Fault]]:
    faults: list[Fault] = []
    return list(read_records(path, faults.append, max_record_bytes=max_record_bytes)), faults


def payloads(records: Sequence[Record]) -> list[bytes]:
    return [bytes(record.payload) for record in records]


def kinds(faults: Sequence[Fault]) -> list[str]:
    return [fault.kind.value for fault in faults]


PAGES = [
    b"software: test\r\n",
    b"First page\nWith two lines\n",
    b"Second page, \xc3\xa9\n\nWARC/1.0 is mentioned\n",
    b"",
    b"Last page without a newline",
]
RECORDS = [warc_record(page, "warcinfo" if i == 0 else "conversion") for i, page in enumerate(PAGES)]
