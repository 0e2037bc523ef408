"""Members of 7-Zip archives as streams: decoded in a thread, a few pieces ahead of the reader, nothing on the disk."""

import lzma
import threading
import zlib
from collections.abc import Iterator
from queue import Queue
from typing import Any

import fsspec

from corpus.errors import UnreadableInputError
from corpus.faults import Fault, FaultKind, OnFault

MAGIC = b"7z\xbc\xaf\x27\x1c"
PIECE_BYTES = 1 << 20
PIECES_AHEAD = 8


class _AbandonedError(Exception):
    """The reader wants no more."""


class _Sink:
    """What the library writes a member to: hands its bytes on, waits while the reader is behind."""

    def __init__(self, pieces: "Queue[bytes | BaseException | None]", stopped: threading.Event) -> None:
        self._pieces = pieces
        self._stopped = stopped

    def write(self, data: bytes | bytearray) -> int:
        for start in range(0, len(data), PIECE_BYTES):
            if self._stopped.is_set():
                raise _AbandonedError
            self._pieces.put(bytes(data[start : start + PIECE_BYTES]))
        return len(data)

    def read(self, size: int | None = None) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def size(self) -> int:
        return 0

    def create(self, filename: str) -> "_Sink":
        return self


def member_pieces(path: str, name: str, on_fault: OnFault) -> Iterator[bytes]:
    """The bytes of the first member whose file name is `name` in any case, at most PIECE_BYTES at a time.

    Damage is reported once, after what could be decoded. Raises UnreadableInputError when the file is no archive, has
    no such member, or nothing of it decodes.
    """
    import py7zr
    from py7zr.exceptions import ArchiveError, PasswordRequired

    damage = (ArchiveError, PasswordRequired, lzma.LZMAError, zlib.error, OSError, EOFError, ValueError)
    with fsspec.open(path, "rb") as file:
        try:
            archive = py7zr.SevenZipFile(file)
        except Exception as error:
            # The header decides sizes and coders; what is wrong in it shows as errors of many kinds.
            raise UnreadableInputError(
                f"{path}: is no whole 7z archive ({_reason(error)}); download the file again"
            ) from error
        members = [member for member in archive.getnames() if member.rsplit("/", 1)[-1].lower() == name.lower()]
        if not members:
            raise UnreadableInputError(f"{path}: holds no {name}; give the archive of the posts")
        pieces: Queue[bytes | BaseException | None] = Queue(PIECES_AHEAD)
        stopped = threading.Event()
        worker = threading.Thread(target=_extract, args=(archive, members[0], pieces, stopped), daemon=True)
        worker.start()
        begun = False
        try:
            while (piece := pieces.get()) is not None:
                if isinstance(piece, bytes):
                    begun = True
                    yield piece
                elif isinstance(piece, damage) and not begun:
                    raise UnreadableInputError(f"{path}: its {name} does not decode ({_reason(piece)})") from piece
                elif isinstance(piece, damage):
                    on_fault(Fault(path, None, None, FaultKind.CORRUPT, f"7z data: {_reason(piece)}"))
                else:
                    raise piece
        finally:
            stopped.set()
            while worker.is_alive():
                _drain(pieces)
                worker.join(0.01)


def _extract(archive: Any, member: str, pieces: "Queue[bytes | BaseException | None]", stop: threading.Event) -> None:
    try:
        archive.extract(targets=[member], factory=_Sink(pieces, stop))
    except _AbandonedError:
        return
    except BaseException as error:
        pieces.put(error)
    pieces.put(None)


def _drain(pieces: "Queue[bytes | BaseException | None]") -> None:
    while not pieces.empty():
        pieces.get_nowait()


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
