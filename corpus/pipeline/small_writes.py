"""Files written in small pieces."""

from pathlib import Path
from typing import Any

_PIECE_BYTES = 16 << 10
"""More at once would take large folios of the page cache, which on a virtual machine the host has to find first: 0.4 s
for 200 MB, where small ones, which the machine has at hand, take 0.06 s."""


class SmallWrites:
    """A new file, as Arrow writes to one (`pa.PythonFile`). size: bytes written.

    Raises OSError.
    """

    closed = False

    def __init__(self, path: Path) -> None:
        self._file = open(path, "wb", buffering=0)  # noqa: SIM115 (closed by who opens it)
        self.size = 0

    def write(self, data: Any) -> int:
        """data: any buffer. Writes all of it."""
        view = memoryview(data).cast("B")
        written = 0
        while written < len(view):
            written += self._file.write(view[written : written + _PIECE_BYTES])
        self.size += written
        return written

    def tell(self) -> int:
        return self.size

    def flush(self) -> None: ...

    def close(self) -> None:
        self._file.close()
