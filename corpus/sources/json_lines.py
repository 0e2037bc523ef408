"""Files of JSON objects, one a line, gzip or not: read in blocks of whole lines, with every bad line named."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.json as pajson

from corpus.errors import UnreadableInputError
from corpus.faults import Fault, FaultKind, OnFault
from corpus.pipeline.reading import ReadLog
from corpus.sources.gzip_stream import MAGIC, Damage, Piece, Window, gzip_pieces, plain_pieces
from corpus.sources.input_stream import InputStream, describe_content

MAX_LINE_BYTES = 64 << 20
BLOCK_BYTES = 8 << 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class JsonRows:
    """Objects of consecutive lines.

    lines: int64, the number of each line, from 0. offset: byte in the file of the gzip member the block they come from
    begins in, or, in a file that is not compressed, of that block.
    """

    table: pa.Table
    lines: np.ndarray
    offset: int


def read_json_lines(
    path: str, log: ReadLog, schema: pa.Schema, *, max_line_bytes: int = MAX_LINE_BYTES, block_bytes: int = BLOCK_BYTES
) -> Iterator[JsonRows]:
    """The objects of a file in its order, with the fields of `schema`; others are ignored, missing ones null.

    The first field must be there in every object. `log` counts every line as record, and as document, `unreadable` or
    `skipped.blank`; lines over `max_line_bytes`, lines that are no such objects, and what is lost to damage are faults.
    Bytes that are not UTF-8 are read as U+FFFD. Memory is bounded by `max_line_bytes` and `block_bytes`.

    Raises UserError when the file cannot be read, UnreadableInputError when it holds no such object.
    """
    with InputStream(path) as stream:
        window = Window(stream)
        window.fill(1 << 10)
        start = window.buffer

        def on_fault(fault: Fault) -> None:
            if fault.loses_record:
                log.count("records")
                log.count("unreadable")
            log.fault(fault)

        compressed = start.startswith(MAGIC)
        pieces = gzip_pieces(window, path, on_fault) if compressed else plain_pieces(window)
        reader = _Reader(path, log, schema, on_fault, max_line_bytes)
        for block in _Blocks(path, on_fault, max_line_bytes, block_bytes).of(pieces):
            yield from reader.rows(block)
        if not reader.found:
            fault = "holds no JSON object" if start else "is empty"
            looks = "" if compressed or not start else f"; it looks like {describe_content(start)}"
            raise UnreadableInputError(f"{path}: {fault} with a field {schema.names[0]!r} on a line{looks}")


@dataclass(frozen=True)
class _Block:
    """Whole lines, each with its newline; the number of the first, and where it is (see JsonRows.offset)."""

    data: bytes
    line: int
    offset: int


class _Blocks:
    """Cuts pieces into blocks of whole lines."""

    def __init__(self, path: str, on_fault: OnFault, max_line: int, block: int) -> None:
        self.path, self.on_fault, self.max_line, self.block = path, on_fault, max_line, block
        self.buffer = bytearray()
        self.whole = 0  # bytes of whole lines in the buffer; a line under way follows them
        self.line = 0
        self.offset = 0
        self.compressed = False
        self.skipping = False

    def of(self, pieces: Iterator[Piece]) -> Iterator[_Block]:
        for piece in pieces:
            self.compressed = piece.compressed
            if piece.compressed and piece.first and self.whole == len(self.buffer):
                yield from self._take()
            self._add(piece)
            if len(self.buffer) - self.whole > self.max_line:
                yield from self._take()
                self._fault(FaultKind.TOO_LARGE, self.offset, self.line, f"the line is over {self.max_line:,} bytes")
                self.buffer.clear()
                self.skipping = True
            if piece.damage is not None:
                yield from self._take()
                self._lose(piece.damage)
            elif self.whole >= self.block:
                yield from self._take()
        if self.buffer and self.whole < len(self.buffer):
            self.buffer += b"\n"
            self.whole = len(self.buffer)
        yield from self._take()

    def _add(self, piece: Piece) -> None:
        start = 0
        if self.skipping:
            start = piece.data.find(b"\n") + 1
            if not start:
                return
            self.skipping = False
            self.line += 1
        if not self.buffer:
            self.offset = piece.offset if piece.compressed else piece.offset + start
        newline = piece.data.rfind(b"\n", start)
        if newline >= 0:
            self.whole = len(self.buffer) + newline + 1 - start
        self.buffer += memoryview(piece.data)[start:]

    def _take(self) -> Iterator[_Block]:
        if not self.whole:
            return
        data = bytes(memoryview(self.buffer)[: self.whole])
        yield _Block(data, self.line, self.offset)
        self.line += data.count(b"\n")
        if not self.compressed:
            self.offset += self.whole
        del self.buffer[: self.whole]
        self.whole = 0

    def _lose(self, damage: Damage) -> None:
        """The line under way is lost with what is damaged."""
        record = self.line if self.buffer and not self.skipping else None
        self._fault(damage.kind, damage.offset, record, damage.detail)
        self.line += record is not None or self.skipping
        self.buffer.clear()
        self.skipping = False

    def _fault(self, kind: FaultKind, offset: int, record: int | None, detail: str) -> None:
        self.on_fault(Fault(self.path, offset, record, kind, detail))


class _Reader:
    """Parses blocks; where one does not parse, its halves, down to the bad lines."""

    def __init__(self, path: str, log: ReadLog, schema: pa.Schema, on_fault: OnFault, max_line: int) -> None:
        self.path, self.log, self.on_fault, self.max_line = path, log, on_fault, max_line
        self.options = pajson.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
        self.required = schema.names[0]
        self.found = False

    def rows(self, block: _Block) -> Iterator[JsonRows]:
        data = block.data.removeprefix(_BOM) if block.line == 0 else block.data
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
        starts = np.concatenate([[0], ends[:-1]])
        for table, first in self._tables(_Lines(data, starts, ends, block), 0, len(ends)):
            self.log.count("records", table.num_rows)
            self.log.count("documents", table.num_rows)
            self.found = True
            lines = np.arange(block.line + first, block.line + first + table.num_rows)
            yield JsonRows(table, lines, block.offset)

    def _tables(self, lines: "_Lines", first: int, last: int) -> Iterator[tuple[pa.Table, int]]:
        """Tables of the good lines in [first, last), and the number in the block of the first line of each."""
        table = self._parse(lines, first, last)
        if table is not None:
            yield table, first
        elif last - first > 1:
            middle = (first + last) // 2
            yield from self._tables(lines, first, middle)
            yield from self._tables(lines, middle, last)
        else:
            yield from self._odd_line(lines, first)

    def _parse(self, lines: "_Lines", first: int, last: int) -> pa.Table | None:
        data = lines.data[lines.starts[first] : lines.ends[last - 1]]
        if int((lines.ends[first:last] - lines.starts[first:last]).max()) - 1 > self.max_line:
            return None
        reading = pajson.ReadOptions(use_threads=False, block_size=len(data) + 1)
        try:
            table = pajson.read_json(pa.BufferReader(data), reading, self.options)
            table.validate(full=True)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None
        return table if table.num_rows == last - first and table[self.required].null_count == 0 else None

    def _odd_line(self, lines: "_Lines", number: int) -> Iterator[tuple[pa.Table, int]]:
        record, line = lines.block.line + number, lines.data[lines.starts[number] : lines.ends[number] - 1]
        if not line.strip():
            self.log.count("records")
            self.log.count("skipped.blank")
            return
        decoded = line.decode("utf-8", "replace").encode()
        if decoded != line and len(line) <= self.max_line:
            table = self._parse(_Lines(decoded + b"\n", np.array([0]), np.array([len(decoded) + 1]), lines.block), 0, 1)
            if table is not None:
                self._fault(lines, record, FaultKind.INVALID_UTF8, "bytes that are not UTF-8 read as U+FFFD")
                yield table, number
                return
        if len(line) > self.max_line:
            self._fault(lines, record, FaultKind.TOO_LARGE, f"the line is over {self.max_line:,} bytes")
        else:
            shown = line[:40].decode("utf-8", "replace")
            detail = f"line {record + 1} is no JSON object with a string {self.required!r}: {shown!r}"
            self._fault(lines, record, FaultKind.BAD_LINE, detail)

    def _fault(self, lines: "_Lines", record: int, kind: FaultKind, detail: str) -> None:
        self.on_fault(Fault(self.path, lines.block.offset, record, kind, detail))


@dataclass(frozen=True)
class _Lines:
    """The bytes of a block, and where each line starts and ends, its newline included."""

    data: bytes
    starts: np.ndarray
    ends: np.ndarray
    block: _Block
