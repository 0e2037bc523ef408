"""The bytes of a dump, or of a part of it: bzip2 in any number of streams, gzip in any number of members, or plain.

Wikimedia's multistream dumps are bzip2 streams of a hundred pages one behind the other, so that any stream can be read
without those before it: a part of such a file is the streams that begin in a range of its bytes.
"""

import bz2
import re
from collections.abc import Iterator
from typing import NamedTuple

from corpus.faults import Fault, FaultKind, OnFault
from corpus.sources import gzip_stream
from corpus.sources.gzip_stream import Window, gzip_pieces
from corpus.sources.input_stream import InputStream

PIECE_BYTES = 1 << 20
_READ_BYTES = 256 << 10
_SCAN_BYTES = 4 << 20
_STREAM = re.compile(rb"BZh[1-9]1AY&SY")
"""How a bzip2 stream with content begins: its header and the magic number of its first block."""
_STREAM_BYTES = 10


class Piece(NamedTuple):
    """Decoded bytes. offset: in the file, of the stream or member they come from, or of `data` itself in a plain file.

    plain: the offset is that of the first byte of `data`.
    """

    data: bytes
    offset: int
    plain: bool = False


def is_bzip2(start: bytes) -> bool:
    """Whether a file that begins with `start` is bzip2."""
    return start.startswith(b"BZh")


def read_pieces(path: str, start: int, on_fault: OnFault) -> Iterator[Piece]:
    """The pieces from the first stream that begins at or after the byte `start` of the file; `start` is 0 for gzip.

    Damage is reported, and reading goes on at the next stream or member. Raises UserError when the file cannot be read.
    """
    with InputStream(path) as stream:
        magic = stream.read(_STREAM_BYTES)
        stream.seek(start)
        if is_bzip2(magic):
            yield from _bzip2_pieces(stream, path, on_fault)
        elif magic.startswith(gzip_stream.MAGIC):
            for piece in gzip_pieces(Window(stream), path, on_fault):
                if piece.data:
                    yield Piece(piece.data, piece.offset)
                if piece.damage is not None:
                    on_fault(Fault(path, piece.damage.offset, None, piece.damage.kind, piece.damage.detail))
        else:
            while data := stream.read(PIECE_BYTES):
                yield Piece(data, stream.offset - len(data), plain=True)


def _bzip2_pieces(stream: InputStream, path: str, on_fault: OnFault) -> Iterator[Piece]:
    offset = _next_stream(stream, stream.offset)
    while offset is not None:
        decoder = bz2.BZ2Decompressor()
        try:
            while not decoder.eof:
                ahead = stream.read(_READ_BYTES) if decoder.needs_input else b""
                if decoder.needs_input and not ahead:
                    detail = "the file ends inside a bzip2 stream"
                    on_fault(Fault(path, offset, None, FaultKind.TRUNCATED, detail))
                    return
                if data := decoder.decompress(ahead, PIECE_BYTES):
                    yield Piece(data, offset)
        except OSError as error:
            on_fault(Fault(path, offset, None, FaultKind.CORRUPT, f"bzip2 data: {error}"))
            offset = _next_stream(stream, offset + _STREAM_BYTES)
        else:
            offset = _next_stream(stream, stream.offset - len(decoder.unused_data))


def _next_stream(stream: InputStream, offset: int) -> int | None:
    """The offset of the first bzip2 stream at or after `offset`, with the file at its beginning; None without one."""
    stream.seek(offset)
    tail = b""
    while block := stream.read(_SCAN_BYTES):
        window = tail + block
        if found := _STREAM.search(window):
            position = stream.offset - len(window) + found.start()
            stream.seek(position)
            return position
        tail = window[1 - _STREAM_BYTES :]
    return None
