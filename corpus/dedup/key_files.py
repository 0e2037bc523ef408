"""Keys at rest: sorted 64-bit hashes with columns beside them, read one range of keys at a time.

Keys are hashes, so ranges that divide all 64-bit numbers evenly divide any set of them about evenly. A set of keys too
large for memory is therefore compared range by range: a range is 1 / `parts` of all numbers, `parts` a power of two.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Columns = Mapping[str, np.dtype]
INDEX_BITS = 10
STARTS = "starts.npy"
MOST_PARTS = 4096
PART_BYTES = 256 << 20


@dataclass(frozen=True)
class KeyRange:
    """The `part`-th of `parts` even ranges of 64-bit numbers."""

    part: int = 0
    parts: int = 1

    def __post_init__(self) -> None:
        if self.parts & (self.parts - 1) or not 0 <= self.part < self.parts:
            raise ValueError(f"part {self.part} of {self.parts}: parts must be a power of two")

    def divided(self, count: int) -> Iterator["KeyRange"]:
        """`count` smaller ranges, in order."""
        return (KeyRange(self.part * count + part, self.parts * count) for part in range(count))

    def bounds(self, keys: np.ndarray) -> tuple[int, int]:
        """Where the range begins and ends in sorted keys."""
        width = (1 << 64) // self.parts
        begin = int(np.searchsorted(keys, np.uint64(self.part * width)))
        if self.part + 1 == self.parts:
            return begin, len(keys)
        return begin, int(np.searchsorted(keys, np.uint64((self.part + 1) * width)))


def power_of_two(wanted: float) -> int:
    """The least power of two that is not less."""
    return 1 << max(0, int(np.ceil(np.log2(max(wanted, 1)))))


def parts_for(size: int) -> int:
    """Into how many ranges to divide the keys of inputs of so many bytes altogether, each for a task of its own."""
    return min(power_of_two(size / PART_BYTES), MOST_PARTS)


class KeyFiles:
    """Writes sorted keys and their columns, one after another range, and an index of their leading bits."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._counts = np.zeros(1 << INDEX_BITS, dtype=np.int64)

    def append(self, keys: np.ndarray, columns: Mapping[str, np.ndarray]) -> None:
        """Keys uint64, sorted and not less than those before; columns of the same length, of any fixed type."""
        for name, values in {"keys": keys, **columns}.items():
            with open(self.directory / f"{name}.bin", "ab") as file:
                file.write(np.ascontiguousarray(values).data)
        edges = np.searchsorted(keys, np.arange(1, len(self._counts), dtype=np.uint64) << np.uint64(64 - INDEX_BITS))
        self._counts += np.diff(edges, prepend=0, append=len(keys))

    def finish(self) -> None:
        np.save(self.directory / STARTS, np.concatenate([[0], np.cumsum(self._counts)]))


def key_count(directory: Path) -> int:
    return (directory / "keys.bin").stat().st_size // 8


def read_range(directory: Path, wanted: KeyRange, columns: Columns) -> dict[str, np.ndarray]:
    """The keys of a range and the columns named, writable, under their names and `keys`."""
    starts = np.load(directory / STARTS)
    slots = len(starts) - 1
    first = wanted.part * slots // wanted.parts
    last = max(-(-(wanted.part + 1) * slots // wanted.parts), first + 1)
    begin, end = int(starts[first]), int(starts[last])
    if begin == end:
        return {"keys": np.empty(0, np.uint64), **{name: np.empty(0, dtype) for name, dtype in columns.items()}}
    keys = _read(directory, "keys", np.dtype(np.uint64), begin, end)
    inner = slice(*wanted.bounds(keys)) if wanted.parts > slots else slice(None)
    return {"keys": keys[inner], **{name: _read(directory, name, t, begin, end)[inner] for name, t in columns.items()}}


def _read(directory: Path, name: str, dtype: np.dtype, begin: int, end: int) -> np.ndarray:
    return np.fromfile(directory / f"{name}.bin", dtype, count=end - begin, offset=begin * dtype.itemsize)


class ShareFiles:
    """Writes, for each of several owners, rows of named columns; comes in rounds that each name all the owners.

    name: of the index; columns of another ShareFiles in the same directory must have other names.
    """

    def __init__(self, directory: Path, owners: int, name: str = "offsets") -> None:
        self.directory = directory
        self.name = name
        self._nothing = np.zeros((0, owners + 1), dtype=np.int64)
        self._rounds: list[np.ndarray] = []
        self._rows = 0

    def append(self, counts: np.ndarray, columns: Mapping[str, Iterable[np.ndarray]]) -> None:
        """counts: int64[owners], rows of each; columns: arrays that hold the rows of all owners, in their order."""
        for name, values in columns.items():
            with open(self.directory / f"{name}.bin", "ab") as file:
                for array in values:
                    file.write(np.ascontiguousarray(array).data)
        self._rounds.append(self._rows + np.concatenate([[0], np.cumsum(counts)]))
        self._rows = int(self._rounds[-1][-1])

    def finish(self) -> int:
        """Returns the number of rows written."""
        np.save(self.directory / f"{self.name}.npy", np.vstack([self._nothing, *self._rounds]))
        return self._rows


def read_share(
    directories: Sequence[Path], number: int, columns: Columns, name: str = "offsets"
) -> dict[str, np.ndarray]:
    """The rows of owner `number` in what ShareFiles wrote into the directories, one round after another."""
    rounds = list(share_rounds(directories, number, columns, name))
    return {column: np.concatenate([np.empty(0, t), *(r[column] for r in rounds)]) for column, t in columns.items()}


def share_rounds(
    directories: Sequence[Path], number: int, columns: Columns, name: str = "offsets"
) -> Iterator[dict[str, np.ndarray]]:
    """As `read_share`, one round at a time."""
    for directory in directories:
        offsets = np.load(directory / f"{name}.npy", mmap_mode="r")
        for begin, end in zip(offsets[:, number].tolist(), offsets[:, number + 1].tolist(), strict=True):
            if begin < end:
                yield {column: _read(directory, column, t, begin, end) for column, t in columns.items()}
