"""Overlapping books compared for real, and which of them stay."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

import kernels
from corpus.dedup.key_files import ShareFiles
from corpus.dedup.numbering import Numbering
from corpus.dedup.overlap_candidates import survival_ranks, wanted_rows
from corpus.dedup.pairs import CHUNK, FIRST, NONE, PAIRS, SECOND, write_pairs
from corpus.pipeline.comparison import Upstream
from corpus.pipeline.filtering import Clock
from corpus.pipeline.plan import Progress
from corpus.pipeline.store import Draft, Store

_SETS_HELD = 64


@dataclass(frozen=True)
class SetTask:
    """Writes the shingle sets, as sorted hashes, of one input's books that occur in candidate pairs."""

    key: str
    documents: Upstream
    number: int
    found: str
    words: int
    step: str = "sets"

    @property
    def size(self) -> int:
        return self.documents.input.size

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        rows = wanted_rows(store.directory("overlaps", self.found), self.number)
        clock, position = Clock(draft.timings), 0
        for batch in self.documents.batches(store, clock):
            for row in rows[(rows >= position) & (rows < position + batch.num_rows)].tolist():
                text = batch.column("text").slice(row - position, 1)
                hashes, _ = clock.measure("shingles", kernels.shingle_sets, text, self.words)
                np.save(draft.directory / f"{row}.npy", hashes)
            position += batch.num_rows
        draft.report = {"books": len(rows)}
        progress(0, self.size)


@dataclass(frozen=True)
class DecideTask:
    """Writes for every input the rows to drop, with the share of each that lies in what stays for it, and the file of
    pairs. Holds some shingle sets at a time."""

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
        sizes = np.concatenate([np.load(one / "sizes.npy") for one in directories])
        first, second = np.load(store.directory("overlaps", self.found) / "pairs.npy")
        order = np.lexsort((survival_ranks(sizes)[first], survival_ranks(sizes)[second]))
        first, second = first[order], second[order]
        common = self._common(store, numbering, first, second)
        containment = common / sizes[second]
        jaccard = common / (sizes[first] + sizes[second] - common)
        enough = containment >= self.threshold
        decided = _decide(first[enough], second[enough], containment[enough])
        gone = np.array(sorted(decided), dtype=np.int64)
        owners = numbering.owners(gone.astype(np.uint64))
        shares = ShareFiles(draft.directory, len(directories))
        counts = np.bincount(owners, minlength=len(directories))
        values = np.array([decided[number] for number in gone.tolist()])
        shares.append(counts, {"row": [numbering.rows(gone.astype(np.uint64), owners)], "value": [values]})
        chunks = _chunks(first[enough], second[enough], jaccard[enough], gone)
        pairs = write_pairs(draft.directory / PAIRS, self.stage, chunks, numbering, directories)
        draft.report = {"compared": len(first), "pairs": pairs, "dropped": shares.finish()}
        progress(0, self.size)

    def _common(self, store: Store, numbering: Numbering, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """How many shingles each two books share."""

        @lru_cache(maxsize=_SETS_HELD)
        def read(number: int) -> np.ndarray:
            owner = int(numbering.owners(np.array([number], np.uint64))[0])
            directory = store.directory("sets", self.listed[owner])
            return np.asarray(np.load(directory / f"{number - int(numbering.bases[owner])}.npy"))

        return np.array(
            [_count_common(read(a), read(b)) for a, b in zip(first.tolist(), second.tolist(), strict=True)], np.int64
        )


def _count_common(left: np.ndarray, right: np.ndarray) -> int:
    offsets = np.array([0, len(left), len(left) + len(right)])
    none, one = np.zeros(1, np.int64), np.ones(1, np.int64)
    return int(kernels.count_common(np.concatenate([left, right]), offsets, none, one)[0])


def _decide(first: np.ndarray, second: np.ndarray, containment: np.ndarray) -> dict[int, float]:
    """The books to drop, and how much of each lies in the first book that stays for it; pairs in order of survival."""
    gone: dict[int, float] = {}
    for larger, smaller, share in zip(first.tolist(), second.tolist(), containment.tolist(), strict=True):
        if larger not in gone and smaller not in gone:
            gone[smaller] = share
    return gone


def _chunks(
    first: np.ndarray, second: np.ndarray, jaccard: np.ndarray, gone: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    first_gone, second_gone = np.isin(first, gone), np.isin(second, gone)
    kept = np.where(second_gone, np.where(first_gone, NONE, FIRST), SECOND).astype(np.uint8)
    for begin in range(0, len(first), CHUNK):
        part = slice(begin, begin + CHUNK)
        yield first[part].astype(np.uint64), second[part].astype(np.uint64), jaccard[part], kept[part]
