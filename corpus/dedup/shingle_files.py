"""Shingle sets at rest: of some documents of each input, read when pairs of them are compared."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np
import pyarrow as pa

import kernels
from corpus.dedup.numbering import Numbering, runs
from corpus.errors import UserError
from corpus.pipeline.clock import Clock


class ShingleFiles:
    """Writes the shingle sets, as sorted hashes, of the documents of one input with the given rows, ascending."""

    def __init__(self, directory: Path, rows: np.ndarray, words: int, clock: Clock) -> None:
        self._directory = directory
        self._rows = rows
        self._words = words
        self._clock = clock
        self._file = open(directory / "hashes.bin", "wb")  # noqa: SIM115 (closed at the end of the block)
        self._sizes = [np.zeros(1, np.int64)]

    def add(self, batch: pa.RecordBatch, position: int) -> None:
        """position: row of the first document of the batch."""
        begin, end = np.searchsorted(self._rows, [position, position + batch.num_rows])
        text = batch.column("text").take(pa.array(self._rows[begin:end] - position))
        hashes, offsets = self._clock.measure("shingles", kernels.shingle_sets, text, self._words)
        self._file.write(np.ascontiguousarray(hashes).data)
        self._sizes.append(np.diff(offsets))

    def __enter__(self) -> "ShingleFiles":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        np.save(self._directory / "rows.npy", self._rows)
        np.save(self._directory / "offsets.npy", np.cumsum(np.concatenate(self._sizes)))


class ShingleSets:
    """The sets that the tasks of all inputs wrote, by the numbers of the documents. stage: whose comparison it is."""

    def __init__(self, directories: Sequence[Path], numbering: Numbering, stage: str) -> None:
        self._stage = stage
        self._directories = directories
        self._numbering = numbering

    def places(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of sorted numbers: input, and first and last position in its file; int64 each."""
        owners = self._numbering.owners(numbers)
        rows = self._numbering.rows(numbers, owners)
        begins, ends = np.empty(len(numbers), np.int64), np.empty(len(numbers), np.int64)
        for owner, here in runs(owners):
            at = np.searchsorted(np.load(self._directories[owner] / "rows.npy"), rows[here])
            offsets = np.load(self._directories[owner] / "offsets.npy")
            begins[here], ends[here] = offsets[at], offsets[at + 1]
        return owners, begins, ends

    def read(self, owners: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The sets at these places: hashes uint64 and offsets int64. Places are in the order of the files."""
        offsets = np.concatenate([[0], np.cumsum(ends - begins)])
        hashes = np.empty(offsets[-1], dtype=np.uint64)
        for owner, here in runs(owners):
            with open(self._directories[owner] / "hashes.bin", "rb") as file:
                for place in range(here.start, here.stop):
                    file.seek(int(begins[place]) * 8)
                    count = int(ends[place] - begins[place])
                    hashes[offsets[place] : offsets[place + 1]] = np.fromfile(file, np.uint64, count)
        return hashes, offsets

    def fitting(self, first: np.ndarray, second: np.ndarray, room: int) -> Iterator[slice]:
        """Consecutive pairs of documents, uint64 numbers, whose sets fit into `room` bytes, one pair at least.

        Raises UserError for a pair that takes far more.
        """
        documents = np.unique(np.concatenate([first, second]))
        _, begins, ends = self.places(documents)
        sizes = 8 * (ends - begins)
        both = sum(sizes[np.searchsorted(documents, numbers)] for numbers in (first, second))
        total, begin = np.cumsum(both), 0
        while begin < len(first):
            before = int(total[begin - 1]) if begin else 0
            end = max(begin + 1, int(np.searchsorted(total, before + room, side="right")))
            if int(both[begin]) > 4 * room:
                raise UserError(f"{self._stage}: two documents are too long to be compared; give more --memory")
            yield slice(begin, end)
            begin = end

    def shared(self, first: np.ndarray, second: np.ndarray) -> "Shared":
        """Compares the documents of each pair."""
        documents = np.unique(np.concatenate([first, second]))
        hashes, offsets = self.read(*self.places(documents))
        left, right = (np.searchsorted(documents, numbers) for numbers in (first, second))
        sizes = np.diff(offsets)
        return Shared(kernels.count_common(hashes, offsets, left, right), sizes[left], sizes[right])


class Shared(NamedTuple):
    """Of pairs, int64 each: shingles that both have, and the sizes of the sets."""

    common: np.ndarray
    first: np.ndarray
    second: np.ndarray
