"""Keys that documents of many files claim, and which document wins each: the one of least rank.

Every file lists the best claim of its documents to each key; the lists are compared, one range of keys at a time, which
gives every file the keys that its own documents win. Of equal ranks the earlier file wins, in it the earlier document.
No task holds more than a range of keys or one file's.
"""

import shutil
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from corpus.dedup.key_files import (
    KeyFiles,
    KeyRange,
    ShareFiles,
    key_count,
    parts_for,
    power_of_two,
    read_range,
    read_share,
)
from corpus.identity import key_of
from corpus.pipeline.clock import Clock
from corpus.pipeline.comparison import ComparingStage, Comparison
from corpus.pipeline.plan import Progress, Step, distinct
from corpus.pipeline.stage import Resources, Share, described
from corpus.pipeline.store import Draft, Store
from corpus.pipeline.upstream import TaskShare, Upstream

VERSION = 1
"""Raised whenever the files made here change."""

BYTES_PER_CLAIM = 96
"""At most taken for each claim while claims are compared: key, rank and row as read (24), joined (24), number of the
file (4), their order and what sorting them takes (24), and those chosen."""

_RANK, _ROW = {"ranks": np.dtype(np.uint64)}, {"rows": np.dtype(np.int64)}


@dataclass(frozen=True)
class Claims:
    """keys, ranks: uint64; rows: int64, of the documents that make them, counted over a whole file."""

    keys: np.ndarray
    ranks: np.ndarray
    rows: np.ndarray

    @property
    def nbytes(self) -> int:
        return int(self.keys.nbytes + self.ranks.nbytes + self.rows.nbytes)

    def best(self) -> "Claims":
        """The best claim to each key, by key."""
        order = np.lexsort((self.rows, self.ranks, self.keys))
        keys = self.keys[order]
        chosen = order[np.concatenate([[True], keys[1:] != keys[:-1]])] if len(keys) else order
        return Claims(self.keys[chosen], self.ranks[chosen], self.rows[chosen])


@dataclass(frozen=True, kw_only=True)
class Claiming(ComparingStage):
    """A stage that keeps what its documents win. weight: see Step, of listing claims."""

    weight: ClassVar[float] = 0.7

    @abstractmethod
    def claimer(self, resources: Resources) -> Callable[[pa.RecordBatch, int], Claims]:
        """The function that gives what the documents of a batch claim, given the number of its first document in the
        input."""

    def compare(self, documents: Sequence[Upstream]) -> Comparison:
        claimed, won = f"{self.name}-claimed", f"{self.name}-won"
        decided = {"step": claimed, "version": VERSION, "claimant": described(self)}
        claiming = [ClaimTask(key_of({**decided, **one.identity}), one, self, claimed) for one in documents]
        different = distinct(claiming)
        winning = win_tasks(claiming, won)
        made = tuple((task.step, task.key) for task in winning)
        return Comparison(
            [Step(claimed, lambda store: different, self.weight), Step(won, lambda store: winning, weight=0.01)],
            [*different, *winning],
            [TaskShare(made, number) for number in range(len(documents))],
        )


def won(share: Share) -> tuple[np.ndarray, np.ndarray]:
    """The keys, sorted, that documents of one file win, and the rows of those documents."""
    found = read_share(share.directories, share.number, {"keys": np.dtype(np.uint64), **_ROW})
    return found["keys"], found["rows"]


@dataclass(frozen=True)
class ClaimTask:
    """Lists the best claim of one input's documents to each key."""

    key: str
    documents: Upstream
    claimant: Claiming
    step: str

    @property
    def size(self) -> int:
        return self.documents.input.size

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        claims, clock = self.claimant.claimer(self.documents.resources(store)), Clock(draft.timings)
        pending: list[Claims] = []
        runs: list[Path] = []
        row = held = 0
        for batch in self.documents.batches(store, clock):
            pending.append(clock.measure("claim", claims, batch, row))
            row += batch.num_rows
            held += pending[-1].nbytes
            if held * BYTES_PER_CLAIM // 24 > draft.room():
                runs.append(_new_run(draft, len(runs)))
                clock.measure("sort", _write, runs[-1], pending)
                pending, held = [], 0
        if runs:
            runs.append(_new_run(draft, len(runs)))
            _write(runs[-1], pending)
            clock.measure("merge", _unite, runs, draft)
        else:
            clock.measure("sort", _write, draft.directory, pending)
        draft.report = {"claims": key_count(draft.directory)}
        progress(0, self.size)


def _new_run(draft: Draft, number: int) -> Path:
    run = draft.directory / f"run-{number}"
    run.mkdir()
    return run


def _write(directory: Path, pending: Sequence[Claims]) -> None:
    files = KeyFiles(directory)
    _append(files, _joined(pending).best())
    files.finish()


def _append(files: KeyFiles, claims: Claims) -> None:
    files.append(claims.keys, {"ranks": claims.ranks, "rows": claims.rows})


def _joined(parts: Sequence[Claims]) -> Claims:
    nothing = Claims(np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty(0, np.int64))
    columns = zip(*((part.keys, part.ranks, part.rows) for part in (nothing, *parts)), strict=True)
    return Claims(*map(np.concatenate, columns))


def _unite(runs: Sequence[Path], draft: Draft) -> None:
    files = KeyFiles(draft.directory)
    for part in KeyRange().divided(_divisions(runs, KeyRange(), draft.room())):
        _append(files, _joined([_read(run, part) for run in runs]).best())
    files.finish()
    for run in runs:
        shutil.rmtree(run)


def _read(directory: Path, part: KeyRange) -> Claims:
    found = read_range(directory, part, {**_RANK, **_ROW})
    return Claims(found["keys"], found["ranks"], found["rows"])


def _divisions(directories: Sequence[Path], part: KeyRange, room: int) -> int:
    return power_of_two(BYTES_PER_CLAIM * sum(map(key_count, directories)) / part.parts / room)


@dataclass(frozen=True)
class WinTask:
    """Finds, in one range of keys, which file's document wins each: `keys` and `rows` for every file."""

    key: str
    size: int
    claim_step: str
    claimed: tuple[str, ...]
    part: KeyRange
    step: str

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        directories = [store.directory(self.claim_step, key) for key in self.claimed]
        shares = ShareFiles(draft.directory, len(directories))
        for part in self.part.divided(_divisions(directories, self.part, draft.room())):
            lists = [_read(directory, part) for directory in directories]
            owners = np.repeat(np.arange(len(lists), dtype=np.int32), [len(claims.keys) for claims in lists])
            claims = _joined(lists)
            order = np.lexsort((owners, claims.ranks, claims.keys))
            keys = claims.keys[order]
            first = np.concatenate([[True], keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, bool)
            winners = np.sort(order[first])  # by file, then by key, as the lists are
            counts = np.bincount(owners[winners], minlength=len(lists))
            shares.append(counts, {"keys": [claims.keys[winners]], "rows": [claims.rows[winners]]})
        draft.report = {"files": len(directories), "keys": shares.finish()}
        progress(0, self.size)


def win_tasks(claimed: Sequence[ClaimTask], step: str) -> list[WinTask]:
    """Tasks that each compare all files in one range of keys."""
    keys = tuple(task.key for task in claimed)
    size = sum(task.size for task in claimed)
    parts = parts_for(size)
    identity: Mapping[str, Any] = {"step": step, "version": VERSION, "claimed": keys, "parts": parts}
    return [
        WinTask(key_of({**identity, "part": part}), size // parts, claimed[0].step, keys, KeyRange(part, parts), step)
        for part in range(parts)
    ]
