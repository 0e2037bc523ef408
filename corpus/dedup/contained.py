"""Overlapping books compared for real, and which of them stay."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from corpus.dedup.candidates import WANTED
from corpus.dedup.key_files import ShareFiles, read_share
from corpus.dedup.numbering import Numbering
from corpus.dedup.overlap_candidates import FILE_EDGES, pair_count, read_pairs
from corpus.dedup.pairs import CHUNK, FIRST, NONE, PAIRS, SECOND, write_pairs
from corpus.dedup.shingle_files import Shared, ShingleFiles, ShingleSets
from corpus.pipeline.clock import Clock
from corpus.pipeline.plan import Progress
from corpus.pipeline.store import Draft, Store
from corpus.pipeline.upstream import Upstream

_BYTES_PER_PAIR = 160
"""Taken for each pair while it is decided: read, what the two share, which of them stay, and their ids' places."""


@dataclass(frozen=True)
class SetTask:
    """Writes the shingle sets of those books of one input that occur in candidate pairs; reads no file without one."""

    key: str
    documents: Upstream
    number: int
    sampled: str
    found: str
    words: int
    step: str = "sets"

    @property
    def size(self) -> int:
        return self.documents.input.size

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        found = store.directory("overlaps", self.found)
        rows = np.unique(read_share([found], self.number, WANTED, "wanted")["wanted_row"]).astype(np.int64)
        edges = np.load(store.directory("samples", self.sampled) / FILE_EDGES).tolist()
        clock = Clock(draft.timings)
        with ShingleFiles(draft.directory, rows, self.words, clock) as files:
            for part, (position, end) in zip(self.documents.apart(), pairwise(edges), strict=True):
                if np.diff(np.searchsorted(rows, [position, end])):
                    for batch in part.batches(store, clock):
                        files.add(batch, position)
                        position += batch.num_rows
        draft.report = {"books": len(rows)}
        progress(0, self.size)


@dataclass(frozen=True)
class DecideTask:
    """Writes for every input the rows to drop, with the share of each that lies in what stays for it, and the file of
    pairs.

    Holds eight bytes for every book, as many pairs at a time as fit, and the shingle sets of as many of these.
    """

    key: str
    size: int
    stage: str
    sampled: tuple[str, ...]
    found: str
    listed: tuple[str, ...]
    threshold: float
    step: str = "contained"

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        directories = [store.directory("samples", key) for key in self.sampled]
        numbering = Numbering.of_tasks(store, "samples", self.sampled)
        contained = np.full(numbering.total, np.nan)
        decided = self._decided(store, draft, numbering, contained)
        pairs = write_pairs(draft.directory / PAIRS, self.stage, decided, numbering, directories)
        gone = np.flatnonzero(~np.isnan(contained))
        owners = numbering.owners(gone.astype(np.uint64))
        shares = ShareFiles(draft.directory, len(directories))
        counts = np.bincount(owners, minlength=len(directories))
        rows = numbering.rows(gone.astype(np.uint64), owners)
        shares.append(counts, {"row": [rows], "value": [contained[gone]]})
        draft.report = {"pairs": pairs, "dropped": shares.finish()}
        progress(0, self.size)

    def _decided(
        self, store: Store, draft: Draft, numbering: Numbering, contained: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Pairs of at least the threshold, as write_pairs takes them. Sets in `contained`, for each book to be dropped,
        how much of it lies in the first book that stays for it."""
        clock = Clock(draft.timings)
        sets = ShingleSets([store.directory("sets", key) for key in self.listed], numbering, self.stage)
        at_once = max(min(draft.room() // 4 // _BYTES_PER_PAIR, CHUNK), 1)
        for first, second in _pairs_by_second(store.directory("overlaps", self.found), at_once):
            parts = [
                clock.measure("compare", sets.shared, first[part], second[part])
                for part in sets.fitting(first, second, draft.room() // 4)
            ]
            shared = Shared(*map(np.concatenate, zip(*parts, strict=True)))
            share = shared.common / shared.second
            jaccard = shared.common / (shared.first + shared.second - shared.common)
            enough = share >= self.threshold
            first, second, jaccard = first[enough], second[enough], jaccard[enough]
            _decide(first, second, share[enough], contained)
            first_gone, second_gone = ~np.isnan(contained[first]), ~np.isnan(contained[second])
            kept = np.where(second_gone, np.where(first_gone, NONE, FIRST), SECOND).astype(np.uint8)
            yield first, second, jaccard, kept


def _pairs_by_second(directory: Path, at_once: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """All pairs in order, about `at_once` at a time and all of a second together."""
    begin, end = 0, pair_count(directory)
    while begin < end:
        wanted = at_once
        first, second = read_pairs(directory, begin, min(begin + wanted, end))
        while begin + len(second) < end and second[0] == second[-1]:
            wanted *= 2
            first, second = read_pairs(directory, begin, min(begin + wanted, end))
        whole = len(second)
        if begin + len(second) < end:
            whole = int(np.flatnonzero(second != second[-1])[-1]) + 1
        yield first[:whole], second[:whole]
        begin += whole


def _decide(first: np.ndarray, second: np.ndarray, share: np.ndarray, contained: np.ndarray) -> None:
    """Pairs are in the order of survival, so what becomes of the first of a pair is known by then."""
    for larger, smaller, value in zip(first.tolist(), second.tolist(), share.tolist(), strict=True):
        if np.isnan(contained[larger]) and np.isnan(contained[smaller]):
            contained[smaller] = value
