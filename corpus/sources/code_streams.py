"""Files in gzip, bzip2, xz or no compression, read from front to back in pieces of the size asked for."""

import bz2
import lzma
from collections.abc import Callable, Iterator
from typing import Protocol

from corpus.faults import Fault, FaultKind
from corpus.sources.gzip_stream import MAGIC, Window, gzip_pieces, plain_pieces
from corpus.sources.input_stream import InputStream

Read = Callable[[int], bytes]
"""Gives its next n bytes, fewer only at its end."""

BZIP2, XZ = b"BZh", b"\xfd7zXZ\0"
_PIECE_BYTES = 1 << 20
_XZ_MEMORY = 256 << 20
"""Of a dictionary, at most: what `xz -9` takes is a quarter of it."""


class StreamDamageError(Exception):
    """The file is damaged, cut short, or unpacks to more than is allowed; what was read before is good."""

    def __init__(self, kind: FaultKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


def unpacked(stream: InputStream, max_bytes: int) -> "Unpacked":
    """What a file unpacks to. Its `read` raises StreamDamageError where it is damaged, and behind `max_bytes`."""
    window = Window(stream)
    window.fill(1 << 10)
    start = window.buffer
    if start.startswith(MAGIC):
        pieces = _gunzipped(window, stream.path)
    elif start.startswith(BZIP2):
        pieces = _decompressed(window, bz2.BZ2Decompressor, "bzip2")
    elif start.startswith(XZ):
        pieces = _decompressed(window, lambda: lzma.LZMADecompressor(memlimit=_XZ_MEMORY), "xz")
    else:
        pieces = (piece.data for piece in plain_pieces(window))
    return Unpacked(pieces, max_bytes)


def _gunzipped(window: Window, path: str) -> Iterator[bytes]:
    faults: list[Fault] = []
    for piece in gzip_pieces(window, path, faults.append):
        if piece.damage is not None:
            raise StreamDamageError(piece.damage.kind, piece.damage.detail)
        if faults:
            raise StreamDamageError(faults[0].kind, faults[0].detail)
        yield piece.data


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def _decompressed(window: Window, make: Callable[[], _Decompressor], name: str) -> Iterator[bytes]:
    """One stream behind the other; zero bytes behind the last are padding."""
    state, ahead = make(), b""
    while True:
        if not ahead and state.needs_input:
            if not window.fill(1):
                raise StreamDamageError(FaultKind.TRUNCATED, f"the file ends inside {name} data")
            ahead, window.position = window.buffer[window.position :], len(window.buffer)
        try:
            data = state.decompress(ahead, _PIECE_BYTES)
        except (OSError, lzma.LZMAError, ValueError) as error:
            raise StreamDamageError(FaultKind.CORRUPT, f"{name} data: {error}") from None
        ahead = b""
        if data:
            yield data
        if state.eof:
            ahead = state.unused_data.lstrip(b"\0")
            while not ahead and window.fill(1):
                ahead, window.position = window.buffer[window.position :].lstrip(b"\0"), len(window.buffer)
            if not ahead:
                return
            state = make()


class Unpacked:
    """The bytes that a file unpacks to, from front to back."""

    def __init__(self, pieces: Iterator[bytes], max_bytes: int) -> None:
        self._pieces = pieces
        self._left = max_bytes
        self._max_bytes = max_bytes
        self._piece = b""
        self._position = 0

    def unread(self, data: bytes) -> None:
        """Lets `data`, which was read last, be read again."""
        self._piece, self._position = data + self._piece[self._position :], 0

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end."""
        found = self._piece[self._position : self._position + size]
        self._position += len(found)
        if len(found) == size:
            return found
        parts, missing = [found], size - len(found)
        while missing and (piece := next(self._pieces, None)) is not None:
            self._left -= len(piece)
            if self._left < 0:
                raise StreamDamageError(FaultKind.TOO_LARGE, f"unpacks to more than {self._max_bytes:,} bytes")
            self._piece, self._position = piece, min(missing, len(piece))
            parts.append(piece[: self._position])
            missing -= self._position
        return b"".join(parts)
