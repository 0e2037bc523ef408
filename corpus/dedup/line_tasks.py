"""The steps before line deduplication: list the hashes of every file's lines, then compare the lists."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import kernels
from corpus.dedup.key_files import KeyFiles, KeyRange, ShareFiles, key_count, parts_for, power_of_two, read_range
from corpus.identity import key_of
from corpus.pipeline.clock import Clock
from corpus.pipeline.plan import Progress
from corpus.pipeline.scratch import Kept
from corpus.pipeline.store import Draft, Store
from corpus.pipeline.upstream import TaskShare, Upstream
from kernels.keys import FIRST, REPEATED, UNIQUE

VERSION = 2
"""Raised whenever the same lines hash differently, or the files made here change."""

BYTES_PER_KEY = 40
"""At most taken for each hash of a range while lists are put together: key and mark as read (9), chosen (10), their
order (8) and in order (9)."""

_MARKS = {"marks": np.dtype(np.uint8)}


@dataclass(frozen=True)
class HashTask:
    """Lists the distinct line hashes of one input's documents, and which of them two documents have."""

    key: str
    documents: Upstream
    step: str = "hash"

    @property
    def size(self) -> int:
        return self.documents.input.size

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        counter, clock = kernels.KeyCounter(), Clock(draft.timings)
        runs: list[Path] = []
        with store.scratch.keep(self.key) as keeping:
            for batch in self.documents.batches(store, clock):
                hashes, offsets = clock.measure("hash", kernels.line_hashes, batch.column("text"))
                clock.measure("keep", keeping.write, _as_batch(hashes, offsets))
                clock.measure("count", counter.add, hashes, offsets)
                if counter.nbytes > draft.room() // 2:  # it takes as much again when it finishes
                    runs.append(draft.directory / f"run-{len(runs)}")
                    runs[-1].mkdir()
                    clock.measure("sort", _write, runs[-1], counter)
            keeping.finish({})
        if runs:
            last = draft.directory / "run-last"
            last.mkdir()
            _write(last, counter)
            clock.measure("merge", _unite, [*runs, last], draft)
        else:
            clock.measure("sort", _write, draft.directory, counter)
        draft.report = {"distinct_lines": key_count(draft.directory)}
        progress(0, self.size)


def _as_batch(hashes: np.ndarray, offsets: np.ndarray) -> pa.RecordBatch:
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(hashes))
    return pa.RecordBatch.from_arrays([lists], names=["hashes"])


def line_hashes(kept: Kept | None) -> Callable[[pa.LargeStringArray], tuple[np.ndarray, np.ndarray]]:
    """`kernels.line_hashes`, or what gives the same of one batch after another from what a HashTask kept of them."""
    if kept is None:
        return kernels.line_hashes
    batches = kept.batches()

    def next_hashes(text: pa.LargeStringArray) -> tuple[np.ndarray, np.ndarray]:
        lists = next(batches)[0].column("hashes")
        return lists.values.to_numpy(), lists.offsets.to_numpy()

    return next_hashes


def _write(directory: Path, counter: kernels.KeyCounter) -> None:
    keys, marks = counter.finish()
    files = KeyFiles(directory)
    files.append(keys, {"marks": marks})
    files.finish()


def _unite(runs: Sequence[Path], draft: Draft) -> None:
    """Puts the hashes of one file's runs together; those in two runs are in two documents, as a batch holds whole
    ones."""
    files = KeyFiles(draft.directory)
    for part in KeyRange().divided(_divisions(runs, KeyRange(), draft.room())):
        pieces = _compared(runs, part)
        chosen = [marks != REPEATED for _, marks in pieces]
        keys = np.concatenate([keys[these] for (keys, _), these in zip(pieces, chosen, strict=True)])
        marks = np.concatenate([marks[these] == FIRST for (_, marks), these in zip(pieces, chosen, strict=True)])
        order = np.argsort(keys)
        files.append(keys[order], {"marks": marks[order].astype(np.uint8)})
    files.finish()
    for run in runs:
        shutil.rmtree(run)


def _compared(directories: Sequence[Path], part: KeyRange) -> list[tuple[np.ndarray, np.ndarray]]:
    pieces = [read_range(directory, part, _MARKS) for directory in directories]
    pairs = [(piece["keys"], piece["marks"]) for piece in pieces]
    kernels.mark_duplicates(pairs)
    return pairs


def _divisions(directories: Sequence[Path], part: KeyRange, room: int) -> int:
    expected = sum(map(key_count, directories)) / part.parts
    return power_of_two(BYTES_PER_KEY * expected / room)


@dataclass(frozen=True)
class CompareTask:
    """Finds, in one range of hashes, the lines that two documents of a group of files have.

    Writes for every file its own such lines: `keys` uint64, sorted, and `first` uint8, 1 where no earlier file has it.
    """

    key: str
    size: int
    hashed: tuple[str, ...]
    part: KeyRange
    step: str = "duplicates"

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        directories = [store.directory("hash", key) for key in self.hashed]
        shares = ShareFiles(draft.directory, len(directories))
        for part in self.part.divided(_divisions(directories, self.part, draft.room())):
            pieces = _compared(directories, part)
            chosen = [marks != UNIQUE for _, marks in pieces]
            shares.append(
                np.array([np.count_nonzero(these) for these in chosen]),
                {
                    "keys": (keys[these] for (keys, _), these in zip(pieces, chosen, strict=True)),
                    "first": (
                        (marks[these] == FIRST).view(np.uint8) for (_, marks), these in zip(pieces, chosen, strict=True)
                    ),
                },
            )
        draft.report = {"files": len(directories), "duplicated_lines": shares.finish()}
        progress(0, self.size)


def hash_task(documents: Upstream) -> HashTask:
    return HashTask(key_of({"step": "hash", "version": VERSION, **documents.identity}), documents)


def compare_tasks(group: Sequence[HashTask]) -> list[CompareTask]:
    """Tasks that each compare the whole group in one range of hashes."""
    hashed = tuple(task.key for task in group)
    size = sum(task.size for task in group)
    parts = parts_for(size)
    identity: Mapping[str, Any] = {"step": "duplicates", "version": VERSION, "hashed": hashed, "parts": parts}
    return [
        CompareTask(key_of({**identity, "part": part}), size // parts, hashed, KeyRange(part, parts))
        for part in range(parts)
    ]


def shares_of(tasks: Sequence[CompareTask]) -> list[TaskShare]:
    """What the tasks of one group give to each of its files, in their order."""
    made = tuple((task.step, task.key) for task in tasks)
    return [TaskShare(made, number, kept=hashed) for number, hashed in enumerate(tasks[0].hashed)]
