"""A file, gzip-compressed in any number of members or not at all, as pieces of decoded bytes that know where they come from.

Damaged members do not stop the stream: it goes on at the next member. Memory stays bounded whatever a member expands to.
"""

from collections.abc import Iterator
from typing import NamedTuple

from isal import isal_zlib

from corpus.faults import Fault, FaultKind, OnFault
from corpus.sources.input_stream import InputStream

MAGIC = b"\x1f\x8b\x08"
PIECE_BYTES = 1 << 20
"""Decoded bytes in one piece, at most."""

_READ_BYTES = 1 << 20
_SLICE_BYTES = 64 << 10
_REWIND_BYTES = 256 << 10
_GZIP_WBITS = 31


class Damage(NamedTuple):
    """Why a member ends early: the file is over (TRUNCATED), or its data does not decode (CORRUPT)."""

    kind: FaultKind
    detail: str


class Piece(NamedTuple):
    """Decoded bytes. offset: of the gzip member they come from, or of `data` itself in an uncompressed file.

    first: `data` begins a member (or the uncompressed file). damage: nothing more of this member follows `data`, and why.
    """

    data: bytes
    offset: int
    first: bool
    compressed: bool
    damage: Damage | None = None


class Window:
    """The part of a file being looked at: `buffer` from `position` on, filled from the file as needed."""

    def __init__(self, stream: InputStream) -> None:
        self._stream = stream
        self.buffer = b""
        self.position = 0
        self.mark: int | None = None
        self._base = 0
        self._ended = False

    @property
    def offset(self) -> int:
        """File offset of `position`."""
        return self._base + self.position

    def fill(self, wanted: int) -> int:
        """Reads until `wanted` bytes lie ahead or the file is over; returns how many do."""
        while len(self.buffer) - self.position < wanted and not self._ended:
            block = self._stream.read(_READ_BYTES)
            self._ended = not block
            kept = self.position
            if self.mark is not None and self.offset - self.mark <= _REWIND_BYTES:
                kept = self.mark - self._base
            self.buffer = self.buffer[kept:] + block
            self.position -= kept
            self._base += kept
        return len(self.buffer) - self.position

    def next_slice(self) -> memoryview:
        """Bytes ahead up to what may be the next member, so that little is handed to the decoder in vain."""
        self.fill(_SLICE_BYTES)
        limit = self.position + _SLICE_BYTES
        end = self.buffer.find(MAGIC, self.position + 1, limit)
        if end >= 0 and self.mark is None:
            self.mark = self._base + end
        return memoryview(self.buffer)[self.position : limit if end < 0 else end]

    def rewind(self) -> None:
        """Back to the first possible member start passed since `mark` was cleared, if still held."""
        if self.mark is not None and self._base <= self.mark < self.offset:
            self.position = self.mark - self._base

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


def gzip_pieces(window: Window, path: str, on_fault: OnFault) -> Iterator[Piece]:
    """The decoded bytes of a gzip file, member by member. Zero bytes around members are padding.

    Other bytes between members are reported as GARBAGE. A damaged member ends with a piece that says so, and the stream
    goes on at the next member that decodes; what lies between counts as part of the damage. Of a corrupt member,
    what came before the 64 KiB of compressed data in which the damage showed has been given.
    """
    damaged = False
    while window.fill(1):
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
    """One member from `window` on; the last piece has its damage, if any. Leaves the window where the next one may be."""
    start = window.offset
    window.mark = None
    inflate = isal_zlib.decompressobj(wbits=_GZIP_WBITS)
    first = True
    while True:
        ahead = window.next_slice()
        try:
            data = inflate.decompress(ahead, PIECE_BYTES)
        except isal_zlib.error as error:
            yield Piece(b"", start, first, True, Damage(FaultKind.CORRUPT, f"gzip member at byte {start}: {error}"))
            if window.offset == start:
                window.position += 1
            window.rewind()
            return
        window.position += len(ahead) - len(inflate.unconsumed_tail) - len(inflate.unused_data)
        if inflate.eof:
            yield Piece(data, start, first, True)
            return
        if data:
            yield Piece(data, start, first, True)
            first = False
        elif not ahead:
            detail = f"the file ends at byte {window.offset}, inside the gzip member at byte {start}"
            yield Piece(b"", start, first, True, Damage(FaultKind.TRUNCATED, detail))
            return
