"""Rows of strings under hashed keys, sorted on disk within bounded memory, and looked up there without being loaded."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from corpus.dedup.key_files import KeyRange, power_of_two

KEYS = [("key", pa.uint64()), ("second", pa.uint64())]
"""The two halves of a row's hash: the first columns of every row."""

_COPIES = 4
"""Of rows, held while they are sorted: as they came, put together, their order, and in order."""


class SortedFile:
    """Rows in order of their keys, one of each: `PATH.arrow`, mapped into memory, and beside it their keys."""

    def __init__(self, path: Path) -> None:
        reader = pa.ipc.open_file(pa.memory_map(str(path)))
        self._schema = reader.schema
        self._batches = [reader.get_batch(number) for number in range(reader.num_record_batches)]
        self._starts = np.cumsum([0, *(batch.num_rows for batch in self._batches)])
        keys = path.with_suffix(".keys")
        self.keys = np.memmap(keys, np.uint64, "r") if keys.stat().st_size else np.empty(0, np.uint64)

    def find(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """int64[n]: the rows with these keys, -1 where there is none."""
        if not len(self.keys):
            return np.full(len(first), -1)
        rows = np.minimum(np.searchsorted(self.keys, first), len(self.keys) - 1)
        here = self.keys[rows] == first
        if here.any():
            seconds = self.take(rows[here]).column("second").to_numpy()
            here[here] = seconds == second[here]
        return np.where(here, rows, -1)

    def take(self, rows: np.ndarray) -> pa.Table:
        """The rows with these numbers, in this order."""
        order = np.argsort(rows, kind="stable")
        owners = np.searchsorted(self._starts, rows[order], side="right") - 1
        taken = [
            self._batches[owner].take(pa.array(rows[order][owners == owner] - self._starts[owner]))
            for owner in np.unique(owners)
        ]
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        return pa.Table.from_batches(taken).combine_chunks().take(pa.array(back))

    def range(self, wanted: KeyRange) -> pa.Table:
        """The rows whose keys are in a range."""
        begin, end = wanted.bounds(self.keys)
        return pa.Table.from_batches(self._batches, self._schema).slice(begin, end - begin)


class Sorter:
    """Takes rows in any order; writes them to `directory` as sorted runs, `run-N.arrow`.

    Of rows with the same keys the first in the order of all columns stays. room: bytes that may be taken now.
    """

    def __init__(self, directory: Path, schema: pa.Schema, room: Callable[[], int]) -> None:
        self._directory, self._schema, self._room = directory, schema, room
        self._pending: list[pa.Table] = []
        self._bytes = 0
        self.runs = 0

    def add(self, rows: pa.Table) -> None:
        self._pending.append(rows)
        self._bytes += rows.nbytes
        if self._bytes * _COPIES > self._room():
            self._write()

    def finish(self) -> int:
        """Returns the number of runs."""
        self._write()
        return self.runs

    def _write(self) -> None:
        if self._pending:
            write_sorted(run_path(self._directory, self.runs), self._schema, [_in_order(self._pending)])
            self._pending, self._bytes = [], 0
            self.runs += 1


def run_path(directory: Path, number: int) -> Path:
    return directory / f"run-{number}.arrow"


def merged(runs: Sequence[SortedFile], wanted: KeyRange, room: int) -> Iterator[pa.Table]:
    """The rows of a range of keys in all the runs, in order, in pieces that take no more than `room` to make."""
    size = sum(run.range(wanted).nbytes for run in runs)
    for part in wanted.divided(power_of_two(size * _COPIES / room)):
        pieces = [piece for run in runs if (piece := run.range(part)).num_rows]
        if pieces:
            yield _in_order(pieces)


def write_sorted(path: Path, schema: pa.Schema, pieces: Iterable[pa.Table]) -> int:
    """Writes rows that are in order as a SortedFile; returns their number."""
    written = 0
    with (
        pa.OSFile(str(path), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
        open(path.with_suffix(".keys"), "wb") as keys,
    ):
        for piece in pieces:
            whole = piece.combine_chunks()
            writer.write_table(whole)
            keys.write(np.ascontiguousarray(whole["key"].to_numpy()).data)
            written += whole.num_rows
    return written


def _in_order(pieces: Sequence[pa.Table]) -> pa.Table:
    rows = pa.concat_tables(pieces).combine_chunks()
    rows = rows.sort_by([(name, "ascending") for name in rows.schema.names])
    first, second = rows["key"].to_numpy(), rows["second"].to_numpy()
    new = np.ones(len(first), bool)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    return rows if new.all() else rows.filter(pa.array(new))
