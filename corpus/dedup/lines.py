"""CCNet's paragraph deduplication: a line seen in two documents of a group of files is removed from all of them.

A line's identity is the first eight bytes of the SHA-1 of its normal form (cc_net `dedup.py` and
`text_normalizer.normalize_for_dedup`). Three passes, each a step of the plan: every file lists its distinct line hashes
and which of them occur in two of its documents; every group of files merges those lists into the set of duplicated
lines; every file is then read again and loses its duplicated lines, first occurrences included. An unmarked line
repeated inside one document keeps its first copy. Lines are compared within a group only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.document import keep, with_column
from corpus.errors import UsageError
from corpus.identity import InputFile, key_of
from corpus.models.files import ModelFiles
from corpus.pipeline.filtering import Clock, Reading, ReadLog
from corpus.pipeline.plan import Progress
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult
from corpus.pipeline.store import Artifact, Draft, Store

VERSION = 1
"""Raised whenever the same lines hash differently."""

DUPLICATES = "duplicates.npy"
COLUMNS = (
    pa.field("original_nlines", pa.int32()),
    pa.field("original_length", pa.int64()),
    pa.field("nlines", pa.int32()),
    pa.field("length", pa.int64()),
    pa.field("line_ids", pa.list_(pa.int32())),
)
"""nlines, length: lines and characters after deduplication; original_nlines: lines before; original_length: bytes of
the record (WET Content-Length), as in cc_net, so never to be compared with length; line_ids: surviving line numbers."""


class LineDedupReason(DropReason):
    NO_LINES_LEFT = "no_lines_left", "Every line of the document occurs in another document of its group."


@dataclass(frozen=True, kw_only=True)
class LineDedup(Stage):
    """Removes duplicated lines and drops documents left without any.

    group_size: consecutive input files whose lines are compared with each other. cc_net compares 50 of the 1600 slices
    of a dump, about 2,000 WET files (`mine.py: Config.hash_in_mem`); with fewer files there is one group.
    """

    name: ClassVar[str] = "dedup"
    reasons: ClassVar[type[DropReason]] = LineDedupReason

    group_size: int = 2000

    def __post_init__(self) -> None:
        if self.group_size < 1:
            raise UsageError("dedup.group_size must be at least 1 file")

    def open(self, resources: Resources) -> StageFunction:
        duplicates = _duplicate_set(resources.files["duplicates"])
        return lambda batch: _remove_duplicated(batch, duplicates)


@lru_cache(maxsize=1)
def _duplicate_set(path: Path) -> kernels.DuplicateSet:
    return kernels.DuplicateSet(np.load(path, mmap_mode="r"))


def _remove_duplicated(batch: pa.RecordBatch, duplicates: kernels.DuplicateSet) -> StageResult:
    text = batch.column("text")
    hashes, offsets = kernels.line_hashes(text)
    lines = kernels.remove_lines(text, hashes, offsets, duplicates)
    gone = lines.nlines == 0
    columns = [batch.column("nlines"), batch.column("original_length"), lines.nlines, lines.length, lines.line_ids]
    edited = with_column(batch, batch.schema.field("text"), lines.text)
    for field, values in zip(COLUMNS, columns, strict=True):
        edited = with_column(
            edited, field, values if isinstance(values, pa.Array) else pa.array(values, type=field.type)
        )
    kept = keep(edited, ~gone)
    stay = np.flatnonzero(~gone)
    before, after = (_size(batch.column("text"), stay), _size(lines.text, stay))
    return StageResult(
        kept,
        Dropped.where(gone, LineDedupReason.NO_LINES_LEFT, batch.column("nlines").to_numpy()),
        removed_bytes=before[0] - after[0],
        removed_lines=before[1] - after[1],
    )


def _size(text: pa.LargeStringArray, rows: np.ndarray) -> tuple[int, int]:
    offsets = np.frombuffer(text.buffers()[1], dtype=np.int64)[text.offset : text.offset + len(text) + 1]
    return int(np.diff(offsets)[rows].sum()), int(kernels.count_lines(text)[rows].sum())


@dataclass(frozen=True)
class HashTask:
    """Lists the distinct line hashes of one input file: `keys.npy` uint64 sorted, `flags.npy` uint8 (in two documents).

    stages: those that come before deduplication, so that only lines it will meet are counted.
    """

    key: str
    input: InputFile
    reading: Reading
    stages: tuple[Stage, ...]
    step: str = "hash"

    @property
    def size(self) -> int:
        return self.input.size

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        chain = [stage.open(Resources(ModelFiles(()), {})) for stage in self.stages]
        counter, clock = kernels.KeyCounter(), Clock(draft.timings)
        for batch in clock.timed("read", self.reading.batches(self.input.path, ReadLog(self.reading.strict))):
            for function in chain:
                batch = function(batch).kept
            hashes, offsets = clock.measure("hash", kernels.line_hashes, batch.column("text"))
            clock.measure("count", counter.add, hashes, offsets)
        keys, flags = clock.measure("sort", counter.finish)
        np.save(draft.directory / "keys.npy", keys)
        np.save(draft.directory / "flags.npy", flags)
        draft.report = {"distinct_lines": len(keys)}
        progress(0, self.size)


@dataclass(frozen=True)
class MergeTask:
    """Merges the hashes of a group of files into `duplicates.npy`: uint64, sorted, the lines to remove."""

    key: str
    size: int
    hashed: tuple[str, ...]
    step: str = "duplicates"

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        shards = [(self._load(store, key, "keys.npy"), self._load(store, key, "flags.npy")) for key in self.hashed]
        duplicates = kernels.duplicate_keys(shards)
        np.save(draft.directory / DUPLICATES, duplicates)
        draft.report = {"files": len(shards), "duplicated_lines": len(duplicates)}
        progress(0, self.size)

    def _load(self, store: Store, key: str, name: str) -> np.ndarray:
        array: np.ndarray = np.load(store.path(Artifact("hash", key, name)), mmap_mode="r")
        return array


def merge_task(group: Sequence[HashTask]) -> MergeTask:
    hashed = tuple(task.key for task in group)
    return MergeTask(key_of({"step": "duplicates", "hashed": hashed}), sum(task.size for task in group), hashed)


def groups(files: Sequence[InputFile], group_size: int) -> list[Sequence[InputFile]]:
    """Consecutive groups of `group_size` files; the last may be smaller."""
    return [files[i : i + group_size] for i in range(0, len(files), group_size)]
