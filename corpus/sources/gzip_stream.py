"""A file, gzip in any number of members or not compressed, as pieces of decoded bytes that know where they come from.

Damaged members do not stop the stream: it goes on at the next one. Memory stays bounded whatever a member expands to.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, cast, overload

import pyarrow as pa
from isal import isal_zlib

from corpus.faults import Fault, FaultKind, OnFault
from corpus.sources.input_stream import InputStream

MAGIC = b"\x1f\x8b\x08"
PIECE_BYTES = 1 << 20
"""Decoded bytes in one piece, at most."""

_READ_BYTES = 256 << 10
_BLOCK_BYTES = 256 << 10
_SLICE_BYTES = 16 << 10
_REWIND_BYTES = 256 << 10
_GZIP_WBITS = 31
_DECODE_ERROR = cast(type[Exception], isal_zlib.IsalError)


class Damage(NamedTuple):
    """Why the member at `offset` ends early: the file is over (TRUNCATED), or its data does not decode (CORRUPT)."""

    kind: FaultKind
    offset: int
    detail: str


class Piece(NamedTuple):
    """Decoded bytes. offset: of the gzip member they come from, or of `data` itself in an uncompressed file.

    first: `data` begins a member, or the uncompressed file. damage: why nothing more of this member follows `data`.
    """

    data: bytes
    offset: int
    first: bool
    compressed: bool
    damage: Damage | None = None


class Block(NamedTuple):
    """Whole gzip members, each of which begins with a record and holds nothing else: those records, one in each row."""

    rows: pa.RecordBatch


ReadBlock = Callable[[bytes, int, int], tuple[int, Block | None]]
"""Reads such members from bytes, the position of the first, and its offset in the file: their size, 0 for none."""


class Window:
    """The part of a file being looked at: `buffer` from `position` on, filled from the file as needed."""

    def __init__(self, stream: InputStream) -> None:
        self._stream = stream
        self.buffer = b""
        self.position = 0
        self._base = 0
        self._ended = False

    @property
    def offset(self) -> int:
        """File offset of `position`."""
        return self._base + self.position

    def fill(self, wanted: int, keep_from: int | None = None) -> int:
        """Reads until `wanted` bytes lie ahead or the file is over; returns how many do.

        keep_from: file offset of the first byte to hold on to for `go_back`, as long as it is at most 256 KiB behind.
        """
        while len(self.buffer) - self.position < wanted and not self._ended:
            block = self._stream.read(_READ_BYTES)
            self._ended = not block
            kept = self.position
            if keep_from is not None and self.offset - keep_from <= _REWIND_BYTES:
                kept = max(keep_from - self._base, 0)
            self.buffer = self.buffer[kept:] + block
            self.position -= kept
            self._base += kept
        return len(self.buffer) - self.position

    def go_back(self, offset: int) -> None:
        """Moves to the file offset `offset` if it is still held."""
        if self._base <= offset:
            self.position = offset - self._base

    def skip_to_magic(self) -> tuple[int, bool]:
        """Moves to the next gzip magic or the end of the file: bytes passed, and whether all of them are zero."""
        start, zeros = self.offset, True
        while self.fill(len(MAGIC)) >= len(MAGIC):
            found = self.buffer.find(MAGIC, self.position)
            end = found if found >= 0 else len(self.buffer) - len(MAGIC) + 1
            zeros &= self.buffer.count(0, self.position, end) == end - self.position
            self.position = end
            if found >= 0:
                return self.offset - start, zeros
        zeros &= self.buffer.count(0, self.position) == len(self.buffer) - self.position
        self.position = len(self.buffer)
        return self.offset - start, zeros


def plain_pieces(window: Window) -> Iterator[Piece]:
    """The bytes of an uncompressed file."""
    first = True
    while window.fill(1):
        data, offset = window.buffer[window.position :], window.offset
        window.position = len(window.buffer)
        yield Piece(data, offset, first, compressed=False)
        first = False


@overload
def gzip_pieces(window: Window, path: str, on_fault: OnFault) -> Iterator[Piece]: ...
@overload
def gzip_pieces(
    window: Window, path: str, on_fault: OnFault, read_block: ReadBlock | None
) -> Iterator[Piece | Block]: ...
def gzip_pieces(
    window: Window, path: str, on_fault: OnFault, read_block: ReadBlock | None = None
) -> Iterator[Piece | Block]:
    """The decoded bytes of a gzip file, member by member. Zero bytes around members are padding.

    Other bytes between members are reported as GARBAGE. A damaged member ends with a piece that says so, and the stream
    goes on at the next member that decodes; what lies between counts as part of the damage. Of a corrupt member,
    what came before the 16 KiB of compressed data in which the damage showed has been given. What `read_block` can read
    comes as blocks.
    """
    damaged = False
    while window.fill(1 if read_block is None else _BLOCK_BYTES):
        if read_block is not None:
            size, block = read_block(window.buffer, window.position, window.offset)
            if block is not None:
                window.position += size
                damaged = False
                yield block
                continue
        if not window.buffer.startswith(MAGIC, window.position) and not _is_cut_magic(window):
            offset = window.offset
            skipped, zeros = window.skip_to_magic()
            if not zeros and not damaged:
                detail = f"{skipped} bytes that are no gzip member skipped"
                on_fault(Fault(path, offset, None, FaultKind.GARBAGE, detail))
            continue
        decoded = False
        for piece in _member(window):
            if piece.damage is None:
                decoded = True
                yield piece
            elif decoded or not damaged:
                yield piece
        damaged = piece.damage is not None


def _is_cut_magic(window: Window) -> bool:
    return window.fill(len(MAGIC)) < len(MAGIC) and MAGIC.startswith(window.buffer[window.position :])


def _member(window: Window) -> Iterator[Piece]:
    """One member from `window` on; its last piece tells its damage. Leaves `window` where the next one may be."""
    start = window.offset
    inflate = isal_zlib.decompressobj(wbits=_GZIP_WBITS)
    first = True
    while True:
        window.fill(_SLICE_BYTES, keep_from=start)
        ahead = memoryview(window.buffer)[window.position : window.position + _SLICE_BYTES]
        try:
            data = inflate.decompress(ahead, PIECE_BYTES)
        except _DECODE_ERROR as error:
            yield Piece(b"", start, first, True, Damage(FaultKind.CORRUPT, start, f"gzip data: {error}"))
            _find_member_passed(window, start)
            return
        window.position += len(ahead) - len(inflate.unconsumed_tail) - len(inflate.unused_data)
        if inflate.eof:
            yield Piece(data, start, first, True)
            return
        if data:
            yield Piece(data, start, first, True)
            first = False
        elif not ahead:
            if _find_member_passed(window, start):
                damage = Damage(FaultKind.CORRUPT, start, "gzip data has no end before the next member")
            else:
                damage = Damage(FaultKind.TRUNCATED, start, "the file ends inside a gzip member")
            yield Piece(b"", start, first, True, damage)
            return


def _find_member_passed(window: Window, start: int) -> bool:
    """Goes back to the first member that the damaged one at `start` may have run into, if that is still held.

    A member cut short runs into the next one, often beyond its start, before the damage shows.
    """
    window.go_back(start + 1)
    window.skip_to_magic()
    return window.fill(1) > 0
