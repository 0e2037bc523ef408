"""Exact deduplication of documents: of those with the same text, or the same digest, the first stays.

Every input lists a 128-bit hash of each document; the lists are compared one range of hashes at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import kernels
from corpus.dedup.key_files import (
    Columns,
    KeyRange,
    ShareFiles,
    key_count,
    parts_for,
    power_of_two,
    read_range,
    read_share,
)
from corpus.dedup.key_sorter import KeySorter
from corpus.dedup.numbering import ID_SCHEMA, IDS, Numbering
from corpus.dedup.pairs import FIRST, PAIRS, write_pairs
from corpus.errors import UsageError, UserError
from corpus.identity import key_of
from corpus.pipeline.clock import Clock
from corpus.pipeline.comparison import ComparingStage, Comparison, dropping
from corpus.pipeline.parquet import ParquetFile
from corpus.pipeline.plan import Progress, Step, distinct
from corpus.pipeline.stage import DropReason, Resources, StageFunction
from corpus.pipeline.store import Artifact, Draft, Store
from corpus.pipeline.upstream import TaskShare, Upstream

VERSION = 1
"""Of the files made before the stage; raised whenever they change."""

_HASHED: Columns = {"second": np.dtype(np.uint64), "row": np.dtype(np.uint32)}
_SHARED: Columns = {"row": np.dtype(np.uint32), "survivor": np.dtype(np.uint64)}
_BYTES_PER_DOCUMENT = 90
"""Taken for each document of a range while it is compared: hashes, input and row (24), in order, and the order."""


class ExactReason(DropReason):
    DUPLICATE = "duplicate", "An earlier document has the same text (or digest)."


@dataclass(frozen=True, kw_only=True)
class ExactDedup(ComparingStage):
    """Drops documents that an earlier one equals, in the order of the inputs and of the documents in them.

    by: what is compared: `text`, by the first 128 bits of its SHA-1; or `digest`, the record's own (for web pages the
    WARC-Block-Digest, which RedPajama compared); documents without one stay.
    """

    name: ClassVar[str] = "exact"
    reasons: ClassVar[type[DropReason]] = ExactReason

    enabled: bool = False
    by: str = "text"

    def __post_init__(self) -> None:
        if self.by not in ("text", "digest"):
            raise UsageError(f"exact.by: must be text or digest, not {self.by!r}")

    def compare(self, documents: Sequence[Upstream]) -> Comparison:
        hashing = [
            ExactHashTask(
                key_of({"step": "exact-hash", "version": VERSION, "by": self.by, **one.identity}), one, self.by
            )
            for one in documents
        ]
        hashed = tuple(task.key for task in hashing)
        size = sum(task.size for task in hashing)
        parts = parts_for(size)
        identity = {"step": "exact", "version": VERSION, "hashed": hashed, "parts": parts}
        comparing = [
            ExactCompareTask(key_of({**identity, "part": part}), size // parts, hashed, KeyRange(part, parts))
            for part in range(parts)
        ]
        made = tuple((task.step, task.key) for task in comparing)
        pairs = ExactPairsTask(key_of({**identity, "step": "exact-pairs"}), size, hashed, made)
        different = distinct(hashing)
        return Comparison(
            [
                Step("exact-hash", lambda store: different, weight=0.1),
                Step("exact", lambda store: comparing, weight=0.01),
                Step("exact-pairs", lambda store: [pairs], weight=0.01),
            ],
            [*different, *comparing, pairs],
            [TaskShare(made, number) for number in range(len(documents))],
            Artifact(pairs.step, pairs.key, PAIRS),
        )

    def open(self, resources: Resources) -> StageFunction:
        share = resources.shares[self.name]
        rows = read_share(share.directories, share.number, {"row": np.dtype(np.uint32)})["row"]
        return dropping(np.sort(rows).astype(np.int64), ExactReason.DUPLICATE)


@dataclass(frozen=True)
class ExactHashTask:
    """Lists the hashes of one input's documents, sorted, with their rows; and their ids."""

    key: str
    documents: Upstream
    by: str
    step: str = "exact-hash"

    @property
    def size(self) -> int:
        return self.documents.input.size

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        sorter, clock, row = KeySorter(draft, _HASHED), Clock(draft.timings), 0
        with ParquetFile(draft.directory / IDS, ID_SCHEMA) as ids:
            for batch in self.documents.batches(store, clock):
                rows = np.arange(row, row + batch.num_rows, dtype=np.uint32)
                column = self._compared(batch)
                first, second = clock.measure("hash", kernels.text_hashes, column)
                here = pc.is_valid(column).to_numpy(zero_copy_only=False)
                clock.measure("sort", lambda: sorter.add(first[here], second=second[here], row=rows[here]))  # noqa: B023
                ids.write(batch.select(["id"]))
                row += batch.num_rows
        clock.measure("sort", sorter.finish)
        draft.report = {"rows": row}
        progress(0, self.size)

    def _compared(self, batch: pa.RecordBatch) -> pa.LargeStringArray:
        if self.by == "text":
            return batch.column("text")
        if "digest" not in batch.schema.names:
            raise UserError(f"{self.documents.input.path}: documents have no digest; set exact.by=text")
        return batch.column("digest").cast(pa.large_string())


@dataclass(frozen=True)
class ExactCompareTask:
    """Finds, in one range of hashes, documents that an earlier one equals: for every input its rows, and the numbers of
    the documents that stay for them."""

    key: str
    size: int
    hashed: tuple[str, ...]
    part: KeyRange
    step: str = "exact"

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        directories = [store.directory("exact-hash", key) for key in self.hashed]
        numbering = Numbering.of_tasks(store, "exact-hash", self.hashed)
        shares = ShareFiles(draft.directory, len(directories))
        expected = sum(map(key_count, directories)) / self.part.parts * _BYTES_PER_DOCUMENT
        for part in self.part.divided(power_of_two(expected / draft.room())):
            self._compare([read_range(directory, part, _HASHED) for directory in directories], numbering, shares)
        draft.report = {"duplicates": shares.finish()}
        progress(0, self.size)

    def _compare(self, pieces: list[dict[str, np.ndarray]], numbering: Numbering, shares: ShareFiles) -> None:
        keys = np.concatenate([piece["keys"] for piece in pieces])
        seconds = np.concatenate([piece["second"] for piece in pieces])
        numbers = np.concatenate([piece["row"] + base for piece, base in zip(pieces, numbering.bases, strict=False)])
        order = np.lexsort((numbers, seconds, keys))
        keys, seconds, numbers = keys[order], seconds[order], numbers[order].astype(np.uint64)
        again = np.zeros(len(keys), dtype=bool)
        again[1:] = (keys[1:] == keys[:-1]) & (seconds[1:] == seconds[:-1])
        first = np.maximum.accumulate(np.where(again, 0, np.arange(len(keys))))
        gone, survivors = numbers[again], numbers[first[again]]
        by_number = np.argsort(gone)
        gone, survivors = gone[by_number], survivors[by_number]
        owners = numbering.owners(gone)
        counts = np.bincount(owners, minlength=len(pieces))
        shares.append(counts, {"row": [numbering.rows(gone, owners)], "survivor": [survivors]})


@dataclass(frozen=True)
class ExactPairsTask:
    """Writes the dropped documents of all inputs with those that stay for them."""

    key: str
    size: int
    hashed: tuple[str, ...]
    compared: tuple[tuple[str, str], ...]
    step: str = "exact-pairs"

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        directories = [store.directory("exact-hash", key) for key in self.hashed]
        numbering = Numbering.of_tasks(store, "exact-hash", self.hashed)
        compared = [store.directory(step, key) for step, key in self.compared]
        chunks = self._chunks(compared, numbering)
        draft.report = {"pairs": write_pairs(draft.directory / PAIRS, ExactDedup.name, chunks, numbering, directories)}
        progress(0, self.size)

    def _chunks(
        self, compared: list[Path], numbering: Numbering
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        for owner in range(len(self.hashed)):
            found = read_share(compared, owner, _SHARED)
            order = np.argsort(found["row"])
            if len(order):
                numbers = found["row"][order] + numbering.bases[owner]
                yield found["survivor"][order], numbers, np.ones(len(order)), np.full(len(order), FIRST)
