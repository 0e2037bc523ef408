"""Batches kept on disk by one step of a run for a later one, to spare it the work of making them again.

What is kept is never needed: where it is absent, damaged, or was not written for want of room, the work is done again
and gives the same. So it decides nothing, and is no part of what a task commits.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
from isal import isal_zlib

from corpus.pipeline.small_writes import SmallWrites

MOST_BYTES = 64 << 30
"""Kept when nobody says how much may be."""

_BATCHES, _NOTE, _BESIDE = "batches.arrow", "note.json", b"beside"
_LOOK_BYTES = 256 << 20
_BLOCK_BYTES = 1 << 20


class Scratch:
    """A directory of kept batches, each of its subdirectories under the key of everything that decides them.

    limit: bytes that all of them together may take, about; None for 64 GiB, but never more than is left free beside
    them, so that they take at most half of what the disk has to give. Workers share the directory, and may be killed.
    """

    def __init__(self, directory: Path, limit: int | None = None) -> None:
        self.directory = directory
        self.limit = limit

    def keep(self, key: str) -> "Keeping":
        return Keeping(self, key)

    def find(self, key: str) -> "Kept | None":
        """What was kept under the key, whole; what is damaged is removed."""
        path = self.directory / key
        try:
            return Kept(path)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            shutil.rmtree(path, ignore_errors=True)
            return None

    def has_room(self) -> bool:
        used = self.size()
        if self.limit is not None:
            return used < self.limit
        return used < min(MOST_BYTES, shutil.disk_usage(self.directory).free)

    def size(self) -> int:
        """Bytes taken now, of what is being written too."""
        return sum(map(_size, self.directory.glob("*/*")))

    def discard(self, keys: Iterable[str]) -> None:
        for key in keys:
            shutil.rmtree(self.directory / key, ignore_errors=True)

    def discard_except(self, keys: Collection[str]) -> None:
        self.discard([path.name for path in self.directory.glob("*") if path.name not in keys])

    def clear(self) -> bool:
        """Removes everything; whether there was anything."""
        taken = self.size() > 0
        shutil.rmtree(self.directory, ignore_errors=True)
        return taken


class Keeping:
    """Writes batches of one schema while there is room; a context that leaves nothing behind unless `finish` is called.

    No failure to write is one of the caller's: it only means that nothing is kept.
    """

    def __init__(self, scratch: Scratch, key: str) -> None:
        self._scratch = scratch
        self._target = scratch.directory / key
        self._directory = self._target.with_name(f"{key}.partial-{os.getpid()}")
        self._file: _Checked | None = None
        self._stream: pa.ipc.RecordBatchStreamWriter | None = None
        self._looked = 0

    def __enter__(self) -> "Keeping":
        try:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory.mkdir(parents=True)
            if self._scratch.has_room():
                self._file = _Checked(self._directory / _BATCHES)
        except OSError:
            self._give_up()
        return self

    def write(self, batch: pa.RecordBatch, beside: bytes = b"") -> None:
        """beside: what else to keep with the batch."""
        if self._file is None:
            return
        try:
            if self._stream is None:
                self._stream = pa.ipc.new_stream(pa.PythonFile(self._file, "w"), batch.schema)
            self._stream.write_batch(batch, custom_metadata={_BESIDE: beside} if beside else None)
            if self._file.size - self._looked > _LOOK_BYTES:
                self._looked = self._file.size
                if not self._scratch.has_room():
                    self._give_up()
        except OSError:
            self._give_up()

    def finish(self, note: Mapping[str, Any]) -> None:
        """Makes what was written one to be found, with a note of plain JSON."""
        if self._file is None:
            return
        try:
            if self._stream is not None:
                self._stream.close()
            self._file.close()
            about = {"bytes": self._file.size, "crc32": _note_checksum(self._file.checksum, note), "note": note}
            (self._directory / _NOTE).write_text(json.dumps(about))
            os.rename(self._directory, self._target)
        except OSError:
            self._give_up()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_up()

    def _give_up(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._stream = None
        shutil.rmtree(self._directory, ignore_errors=True)


class Kept:
    """Batches found whole, and the note beside them. Goes on to hold them when another worker removes them.

    Raises OSError, or one of the errors of JSON that is not as it was written.
    """

    def __init__(self, directory: Path) -> None:
        about = json.loads((directory / _NOTE).read_text())
        self.note: dict[str, Any] = about["note"]
        self._size: int = about["bytes"]
        self._file = pa.OSFile(str(directory / _BATCHES))
        if self._file.size() != self._size or _note_checksum(self._sum(), self.note) != about["crc32"]:
            raise ValueError(f"{directory}: not as it was written")

    def batches(self) -> Iterator[tuple[pa.RecordBatch, bytes]]:
        """Batches, and what was kept beside them.

        Columns are in memory of their own, but the largest: who holds on to one does not hold all that was read with
        it.
        """
        if self._size == 0:
            return
        self._file.seek(0)
        with pa.ipc.open_stream(self._file) as stream:
            for batch, beside in stream.iter_batches_with_custom_metadata():
                largest = max(column.nbytes for column in batch.columns)
                columns = [c if c.nbytes == largest else pa.concat_arrays([c]) for c in batch.columns]
                yield pa.RecordBatch.from_arrays(columns, schema=batch.schema), (beside or {}).get(_BESIDE, b"")

    def _sum(self) -> int:
        block, checksum = memoryview(bytearray(_BLOCK_BYTES)), 0
        while count := self._file.readinto(block):
            checksum = isal_zlib.crc32(block[:count], checksum)
        return checksum


class _Checked(SmallWrites):
    """A file being written, with its CRC-32."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.checksum = 0

    def write(self, data: Any) -> int:
        self.checksum = isal_zlib.crc32(data, self.checksum)
        return super().write(data)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # another worker is done with it
        return 0


def _note_checksum(checksum: int, note: Mapping[str, Any]) -> int:
    return isal_zlib.crc32(json.dumps(note, sort_keys=True).encode(), checksum)
