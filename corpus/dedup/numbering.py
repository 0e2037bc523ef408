"""Numbers and ids of the documents that reach a comparing stage, over all inputs in their order."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from corpus.pipeline.store import Store

IDS = "ids.parquet"
ID_SCHEMA = pa.schema([pa.field("id", pa.string(), nullable=False)])


class Numbering:
    """Document `row` of input `owner` has the number bases[owner] + row."""

    def __init__(self, rows: Iterable[int]) -> None:
        self.bases = np.concatenate([[0], np.cumsum(list(rows))]).astype(np.uint64)

    @classmethod
    def of_tasks(cls, store: Store, step: str, keys: Sequence[str]) -> "Numbering":
        """From the reports of the tasks that went through the inputs."""
        return cls(store.record(step, key)["report"]["rows"] for key in keys)

    @property
    def total(self) -> int:
        return int(self.bases[-1])

    def owners(self, numbers: np.ndarray) -> np.ndarray:
        return np.searchsorted(self.bases, numbers, side="right") - 1

    def rows(self, numbers: np.ndarray, owners: np.ndarray) -> np.ndarray:
        return (numbers - self.bases[owners]).astype(np.uint32)

    def ids(self, numbers: np.ndarray, directories: Sequence[Path]) -> pa.Array:
        """The ids of documents, from the IDS files of every input. Holds the ids of a row group at a time."""
        order = np.argsort(numbers, kind="stable")
        owners = self.owners(numbers[order])
        rows = self.rows(numbers[order], owners)
        found = []
        for owner, here in runs(owners):
            found += _take_ids(directories[owner] / IDS, rows[here])
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return pa.chunked_array(found, pa.string()).combine_chunks().take(pa.array(back))


def runs(owners: np.ndarray) -> Iterator[tuple[int, slice]]:
    """The inputs in a sorted array of them, each with where it stands."""
    edges = np.concatenate([[0], np.flatnonzero(np.diff(owners)) + 1, [len(owners)]]).tolist()
    for begin, end in itertools.pairwise(edges):
        if begin < end:
            yield int(owners[begin]), slice(begin, end)


def _take_ids(path: Path, rows: np.ndarray) -> list[pa.Array]:
    """rows: ascending."""
    taken = []
    with pq.ParquetFile(path) as file:
        first = 0
        for group in range(file.num_row_groups):
            last = first + file.metadata.row_group(group).num_rows
            begin, end = np.searchsorted(rows, [first, last])
            if begin < end:
                ids = file.read_row_group(group).column("id").combine_chunks()
                taken.append(ids.take(pa.array(rows[begin:end] - first)))
            first = last
    return taken
