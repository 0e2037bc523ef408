"""The first step towards near-duplicates: for every document of one input, a hash of each band of its signature."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

import kernels
from corpus.dedup.key_files import Columns
from corpus.dedup.key_sorter import KeySorter
from corpus.dedup.numbering import ID_SCHEMA, IDS
from corpus.pipeline.clock import Clock
from corpus.pipeline.parquet import ParquetFile
from corpus.pipeline.plan import Progress
from corpus.pipeline.store import Draft, Store
from corpus.pipeline.upstream import Upstream

BANDED: Columns = {"row": np.dtype(np.uint32), "priority": np.dtype(np.uint32)}
"""Beside a band's hash: the document's row, and its place in the order of survival (lower first; equal ones by row)."""

LOWEST = (1 << 24) - 1


@dataclass(frozen=True)
class SignatureTask:
    """Lists the band hashes of one input's documents, sorted; and their ids. Documents without words have none."""

    key: str
    documents: Upstream
    words: int
    permutations: int
    bands: int
    rows: int
    keep: str
    step: str = "signatures"

    @property
    def size(self) -> int:
        return self.documents.input.size

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        sorter, clock, row = KeySorter(draft, BANDED), Clock(draft.timings), 0
        a, b = kernels.permutations(self.permutations)
        with ParquetFile(draft.directory / IDS, ID_SCHEMA) as ids:
            for batch in self.documents.batches(store, clock):
                text = batch.column("text")
                signatures, shingles = clock.measure("minhash", kernels.minhash, text, self.words, a, b)
                found = np.flatnonzero(shingles)
                keys = band_keys(signatures[found], self.bands, self.rows)
                columns = {
                    "row": np.repeat((row + found).astype(np.uint32), self.bands),
                    "priority": np.repeat(self._priorities(text)[found], self.bands),
                }
                clock.measure("sort", lambda: sorter.add(keys.ravel(), **columns))  # noqa: B023 (called at once)
                ids.write(batch.select(["id"]))
                row += batch.num_rows
        clock.measure("sort", sorter.finish)
        draft.report = {"rows": row}
        progress(0, self.size)

    def _priorities(self, text: pa.LargeStringArray) -> np.ndarray:
        if self.keep == "first":
            return np.zeros(len(text), dtype=np.uint32)
        return (LOWEST - np.minimum(kernels.count_characters(text), LOWEST)).astype(np.uint32)


def band_keys(signatures: np.ndarray, bands: int, rows: int) -> np.ndarray:
    """uint64[n, bands]: hashes of `rows` consecutive values each of the uint32[n, permutations] signatures.

    Bands have hashes of their own, so equal values in different bands do not meet.
    """
    banded = signatures[:, : bands * rows].reshape(-1, bands, rows).astype(np.uint64)
    keys = np.broadcast_to(_mixed(np.arange(1, bands + 1, dtype=np.uint64)), banded.shape[:2])
    for row in range(rows):
        keys = _mixed(keys ^ banded[:, :, row])
    return keys


def _mixed(values: np.ndarray) -> np.ndarray:
    """A bijection of 64 bits that spreads every bit over all (the finalizer of SplitMix64)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ values >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ values >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return values ^ values >> np.uint64(31)
