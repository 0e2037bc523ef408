"""Decoded bytes of a WARC file cut into runs: stretches that records may span, with known breaks between them."""

import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from corpus.sources.gzip_stream import Block, Damage, Piece

VERSION = re.compile(rb"WARC/\d{1,2}\.\d{1,2}[ \t]{0,8}\r?\n")
"""The first line of a record."""

MAX_VERSION_BYTES = 32
BOUNDARY = re.compile(rb"\n(?=WARC/\d{1,2}\.\d{1,2}[ \t]{0,8}\r?\n[!-9;-~]{1,64}[ \t]{0,8}:)")
"""The end of a line before what is surely a record: its version line and a header field's name."""

_MAX_BOUNDARY_BYTES = 128
_NEWLINES = re.compile(rb"[\r\n]+")


class Skipped(NamedTuple):
    """Bytes passed, whether all were zero, and whether a record was reached (else the run is over)."""

    size: int
    zeros: bool
    at_record: bool


class _Origin(NamedTuple):
    """Where the decoded bytes from `start` of the run on come from; what is compressed all has its member's offset."""

    start: int
    offset: int
    compressed: bool


class Runs:
    """The bytes ahead: `buffer` from `position` on, within one run.

    A run ends at damage, at the end of the file, or before a gzip member that begins with a record: a record that would
    go on there has a wrong length. `damage` is that of the run's own last member, once met.
    """

    def __init__(self, pieces: Iterator[Piece | Block]) -> None:
        self._pieces = pieces
        self._next: Piece | Block | None = next(pieces, None)
        self._origins: deque[_Origin] = deque()
        self._base = 0
        self._taken = 0
        self._ended = True
        self.start = self._next.data[:16] if isinstance(self._next, Piece) else b""
        self.buffer = b""
        self.position = 0
        self.damage: Damage | None = None

    @property
    def is_last(self) -> bool:
        """Whether no run follows the present one; to be asked once its end has been met."""
        return self._next is None

    @property
    def breaking_damage(self) -> Damage | None:
        """The damage that ends the present run; to be asked once its end has been met."""
        if self.damage is None and isinstance(self._next, Piece) and not self._next.data:
            return self._next.damage
        return self.damage

    def offset_at(self, position: int) -> int:
        """File offset from which the byte at `position` can be read: of its gzip member, or its own if uncompressed."""
        at = self._base + position
        origin = next(origin for origin in reversed(self._origins) if origin.start <= at)
        return origin.offset if origin.compressed else origin.offset + at - origin.start

    def blocks(self) -> Iterator[Block]:
        """The blocks before the next run."""
        while isinstance(self._next, Block):
            yield self._next
            self._next = next(self._pieces, None)

    def next_run(self) -> bool:
        """Goes to the next run; False when the file is over, or when a block comes first."""
        if not isinstance(self._next, Piece):
            return False
        self.position = self._base = self._taken = 0
        self._origins.clear()
        self.buffer = self._take_piece(self._next)
        return True

    def hold(self, wanted: int) -> bool:
        """Holds `wanted` bytes from `position` on; False when the run ends before. Moves positions in `buffer`."""
        missing = wanted - (len(self.buffer) - self.position)
        parts: list[bytes] = []
        while missing > 0 and (piece := self._next_of_run()) is not None:
            parts.append(self._take_piece(piece))
            missing -= len(parts[-1])
        if parts:
            self._base += self.position
            self.buffer = b"".join([memoryview(self.buffer)[self.position :], *parts])
            self.position = 0
            while len(self._origins) > 1 and self._origins[1].start <= self._base:
                self._origins.popleft()
        return missing <= 0

    def at_data(self) -> bool:
        """Passes newlines; whether anything else is ahead in this run."""
        while True:
            newlines = _NEWLINES.match(self.buffer, self.position)
            self.position = newlines.end() if newlines else self.position
            if self.position < len(self.buffer):
                return True
            if not self.hold(1):
                return False

    def skip_to_record(self) -> Skipped:
        """Moves past the present position to the next BOUNDARY, or to the end of the run."""
        size, zeros = 0, True
        while True:
            found = BOUNDARY.search(self.buffer, self.position)
            unsure = min(_MAX_BOUNDARY_BYTES, len(self.buffer) - self.position)
            end = found.end() if found else len(self.buffer) - unsure
            size += end - self.position
            zeros = zeros and self.buffer.count(0, self.position, end) == end - self.position
            self.position = end
            if found:
                return Skipped(size, zeros, at_record=True)
            if not self.hold(unsure + 1):
                zeros = zeros and self.buffer.count(0, end) == unsure
                self.position = len(self.buffer)
                return Skipped(size + unsure, zeros, at_record=False)

    def _next_of_run(self) -> Piece | None:
        """The next piece, unless the run ends before it."""
        piece = self._next
        if self._ended or not isinstance(piece, Piece):
            return None
        if piece.first and (VERSION.match(piece.data) or (piece.damage and not piece.data)):
            self._ended = True
            return None
        return piece

    def _take_piece(self, piece: Piece) -> bytes:
        self._origins.append(_Origin(self._taken, piece.offset, piece.compressed))
        self._taken += len(piece.data)
        self.damage = piece.damage
        self._ended = piece.damage is not None
        self._next = next(self._pieces, None)
        return piece.data
