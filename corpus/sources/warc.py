"""WARC records (ISO 28500; versions 0.x, 1.0, 1.1) of a file, uncompressed or gzip in any arrangement of members."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from corpus.errors import UnreadableInputError
from corpus.faults import Fault, FaultKind, OnFault
from corpus.sources.gzip_stream import MAGIC, Block, Damage, Piece, ReadBlock, Window, gzip_pieces, plain_pieces
from corpus.sources.input_stream import InputStream, describe_content
from corpus.sources.warc_header import Headers, parse_headers
from corpus.sources.warc_runs import BOUNDARY, MAX_VERSION_BYTES, VERSION, Runs

MAX_RECORD_BYTES = 64 << 20
"""Default limit of one record's payload; CommonCrawl itself cuts pages at 1 MiB (5 MiB from 2025)."""

_MAX_HEADER_BYTES = 64 << 10
_MAX_LENGTH_DIGITS = 18
_START_BYTES = 1 << 20
_HEADER_END = re.compile(rb"\n\r?\n")
_RECORD_END = re.compile(rb"\r\n\r\n|[\r\n\0]*(?:WARC/|\Z)")
_RECORD_END_BYTES = 64


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record.

    offset: byte in the file from which it can be read: of the gzip member it begins in, or of the record itself in an
    uncompressed file. index: number of the record in the file, from 0, unreadable ones included. type: WARC-Type in
    lower case, "" without one. payload: exactly Content-Length bytes.
    """

    offset: int
    index: int
    type: str
    headers: Headers
    payload: memoryview


class NumberedBlock(NamedTuple):
    """Records of gzip members that hold one each. first: number in the file of the first one."""

    first: int
    rows: pa.RecordBatch


def read_records(path: str, on_fault: OnFault, *, max_record_bytes: int = MAX_RECORD_BYTES) -> Iterator[Record]:
    """The whole records of `path` (local, or any fsspec URL) in file order.

    What is damaged is told to `on_fault` and reading goes on at the next record: the next gzip member, or the next line
    `WARC/n.n` followed by a header field. A record is given only with all its bytes, from gzip data that was intact as
    far as it was read, and with an end that proves its Content-Length. Little more than `max_record_bytes` is held in
    memory.

    Raises UserError when the file cannot be read, UnreadableInputError when it has no WARC record at all.
    """
    for record in read_in_blocks(path, on_fault, None, max_record_bytes=max_record_bytes):
        if isinstance(record, Record):
            yield record


def read_in_blocks(
    path: str, on_fault: OnFault, read_block: ReadBlock | None, *, max_record_bytes: int = MAX_RECORD_BYTES
) -> Iterator[Record | NumberedBlock]:
    """The same records as `read_records` gives, those that `read_block` can read in blocks."""
    with InputStream(path) as stream:
        window = Window(stream)
        pieces: Iterator[Piece | Block]
        pieces = gzip_pieces(window, path, on_fault, read_block) if _is_gzip(window, path) else plain_pieces(window)
        yield from _Reader(path, Runs(pieces), on_fault, max_record_bytes).records()


def _is_gzip(window: Window, path: str) -> bool:
    """Whether the file is gzip rather than uncompressed WARC, by what comes first in its first MiB."""
    window.fill(_START_BYTES)
    start = window.buffer
    if not start:
        raise UnreadableInputError(f"{path}: empty (0 bytes); fetch it again")
    if start.startswith(MAGIC) or MAGIC.startswith(start):
        return True
    if start.lstrip().startswith(b"WARC/"):
        return False
    magic, boundary = start.find(MAGIC), BOUNDARY.search(start)
    if magic < 0 and boundary is None:
        raise UnreadableInputError(
            f"{path}: not gzip and not WARC (starts with {describe_content(start)}); give WARC or WET files of a crawl"
        )
    return boundary is None or 0 <= magic < boundary.start()


class _Reader:
    """Finds the records in runs of decoded bytes, and numbers them."""

    def __init__(self, path: str, runs: Runs, on_fault: OnFault, max_record_bytes: int) -> None:
        self._path = path
        self._runs = runs
        self._on_fault = on_fault
        self._max_record_bytes = max_record_bytes
        self._index = 0
        self._found = False
        self._damage: Damage | None = None
        self._damage_told = False

    def records(self) -> Iterator[Record | NumberedBlock]:
        while True:
            for block in self._runs.blocks():
                self._found = True
                yield NumberedBlock(self._index, block.rows)
                self._index += block.rows.num_rows
            if not self._runs.next_run():
                break
            before = self._index
            while self._runs.at_data():
                record = self._record()
                if record is not None:
                    yield record
            damage = self._runs.damage
            if damage is not None:
                self._damage = self._damage or damage
                if not self._damage_told:
                    self._report(damage.offset, damage.kind, damage.detail, loses_record=self._index == before)
            self._damage_told = False
        if not self._found:
            raise UnreadableInputError(f"{self._path}: {self._no_record()}")

    def _record(self) -> Record | None:
        """The record at the present position; None, the position moved to where the next may be, if it is not whole."""
        runs = self._runs
        offset = runs.offset_at(runs.position)
        runs.hold(MAX_VERSION_BYTES)
        version = VERSION.match(runs.buffer, runs.position)
        if version is None:
            self._skip_garbage(offset)
            return None
        self._found = True
        version_size = version.end() - runs.position
        header_size = self._header_size(offset, version_size)
        if header_size is None:
            return None
        headers = parse_headers(runs.buffer[runs.position + version_size : runs.position + header_size])
        length = self._length(offset, headers)
        if length is None:
            return None
        runs.hold(header_size + length + _RECORD_END_BYTES)
        body = runs.position + header_size
        end = body + length
        if not self._is_whole(offset, end):
            return None
        runs.position = end
        payload = memoryview(runs.buffer)[body:end]
        record = Record(offset, self._index, headers.get("warc-type", "").lower(), headers, payload)
        self._index += 1
        return record

    def _header_size(self, offset: int, version_size: int) -> int | None:
        """Bytes from the version line to the empty line, both included; None, the record given up, without one."""
        runs = self._runs
        held = version_size
        while True:
            start = runs.position
            end = _HEADER_END.search(runs.buffer, start + version_size - 1, start + _MAX_HEADER_BYTES)
            if end is not None:
                break
            held = len(runs.buffer) - start
            if held >= _MAX_HEADER_BYTES:
                self._give_up(offset, FaultKind.BAD_HEADER, f"no empty line in {_MAX_HEADER_BYTES} bytes of header")
                return None
            if not runs.hold(held + 1):
                self._give_up_cut(offset, FaultKind.BAD_HEADER, "the header has no end")
                return None
        if runs.buffer.find(b"\nWARC/", start, end.end()) >= 0:
            self._give_up(offset, FaultKind.BAD_HEADER, "another record begins inside the header")
            return None
        return end.end() - start

    def _length(self, offset: int, headers: Headers) -> int | None:
        """Content-Length; None, the record given up, when it is no number or over the limit."""
        stated = headers.get("content-length", "")
        if not (stated.isascii() and stated.isdigit()):
            detail = f"Content-Length {stated[:32]!r} is no number" if stated else "no Content-Length"
            self._give_up(offset, FaultKind.BAD_LENGTH, detail)
            return None
        if len(stated) > _MAX_LENGTH_DIGITS or int(stated) > self._max_record_bytes:
            detail = f"Content-Length {stated[:32]} is over the limit of {self._max_record_bytes} bytes"
            self._give_up(offset, FaultKind.TOO_LARGE, detail)
            return None
        return int(stated)

    def _is_whole(self, offset: int, end: int) -> bool:
        """Whether the present record is all there, intact, and ends at `end` of the buffer; it is given up if not."""
        runs = self._runs
        damage = runs.damage
        if end > len(runs.buffer):
            missing = end - len(runs.buffer)
            self._give_up_cut(offset, FaultKind.BAD_LENGTH, f"{missing} bytes fewer than its Content-Length")
        elif damage and damage.kind is FaultKind.CORRUPT and runs.offset_at(end - 1) == damage.offset:
            self._give_up_cut(offset, damage.kind, damage.detail)
        elif not _RECORD_END.match(runs.buffer, end, end + _RECORD_END_BYTES):
            self._give_up(offset, FaultKind.BAD_LENGTH, "no record ends where its Content-Length says")
        else:
            return True
        return False

    def _skip_garbage(self, offset: int) -> None:
        runs = self._runs
        rest = runs.buffer[runs.position : runs.position + MAX_VERSION_BYTES]
        if len(rest) < MAX_VERSION_BYTES and b"WARC/".startswith(rest[:5]):
            self._give_up_cut(offset, FaultKind.BAD_HEADER, "its first line is cut")
            return
        skipped = runs.skip_to_record()
        ends_in_damage = not skipped.at_record and runs.damage is not None
        if not skipped.zeros and not ends_in_damage:
            detail = f"{skipped.size} bytes that are no record skipped"
            self._report(offset, FaultKind.GARBAGE, detail, loses_record=False)

    def _give_up_cut(self, offset: int, kind: FaultKind, detail: str) -> None:
        """Gives up a record that the end of its run cuts; the fault is `kind` unless damage or the file's end cut."""
        runs = self._runs
        if not runs.skip_to_record().at_record:
            damage = runs.breaking_damage
            if damage is not None:
                kind, detail = damage.kind, damage.detail
                self._damage_told = runs.damage is not None
            elif runs.is_last:
                kind, detail = FaultKind.TRUNCATED, f"the input ends: {detail}"
        self._report(offset, kind, detail, loses_record=True)

    def _give_up(self, offset: int, kind: FaultKind, detail: str) -> None:
        self._runs.skip_to_record()
        self._report(offset, kind, detail, loses_record=True)

    def _report(self, offset: int, kind: FaultKind, detail: str, *, loses_record: bool) -> None:
        self._on_fault(Fault(self._path, offset, self._index if loses_record else None, kind, detail))
        self._index += loses_record

    def _no_record(self) -> str:
        if self._damage is not None:
            return f"no WARC record can be read ({self._damage.detail}); fetch it again"
        content = describe_content(self._runs.start)
        return f"no WARC record in it (its content starts with {content}); give WARC or WET files of a crawl"
