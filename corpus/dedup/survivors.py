"""Which near-duplicates stay: documents are gone through in the order of survival, each against those kept before."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import kernels
from corpus.dedup.candidates import numbers_of
from corpus.dedup.key_files import ShareFiles
from corpus.dedup.numbering import Numbering
from corpus.dedup.pairs import CHUNK, FIRST, NONE, PAIRS, SECOND, write_pairs
from corpus.dedup.verification import COMPARED, PASSES
from corpus.pipeline.plan import Progress
from corpus.pipeline.store import Draft, Store

_BYTES_PER_PAIR = 120
"""Taken for each pair while it is decided: read (24), order (8), in order (24), numbers, verdict and survivors (60)."""


@dataclass(frozen=True)
class SurvivorTask:
    """Writes for every input the rows to drop with their Jaccard index with what stays for them, and the file of pairs.

    Holds a bit for every document, and as many pairs at a time as fit.
    """

    key: str
    size: int
    stage: str
    signed: tuple[str, ...]
    compared: tuple[str, ...]
    step: str = "survivors"

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        numbering = Numbering.of_tasks(store, "signatures", self.signed)
        directories = [store.directory("signatures", key) for key in self.signed]
        compared = [store.directory("jaccard", key) for key in self.compared]
        shares = ShareFiles(draft.directory, len(directories))
        bits = np.zeros(numbering.total // 8 + 1, dtype=np.uint8)
        at_once = max(draft.room() // 2 // _BYTES_PER_PAIR, 1000)
        decided = self._decided(compared, at_once, bits, shares, numbering)
        pairs = write_pairs(draft.directory / PAIRS, self.stage, decided, numbering, directories)
        draft.report = {"pairs": pairs, "dropped": shares.finish()}
        progress(0, self.size)

    def _decided(
        self, compared: Sequence[Path], at_once: int, bits: np.ndarray, shares: ShareFiles, numbering: Numbering
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        for first_rank, second_rank, jaccard in pairs_in_order(compared, at_once):
            first, second = numbers_of(first_rank), numbers_of(second_rank)
            decisive = kernels.choose_survivors(second, first, bits)
            gone = (bits[second // 8] >> (second % np.uint64(8)).astype(np.uint8) & 1).astype(bool)
            kept = np.where(decisive, FIRST, np.where(gone, NONE, SECOND)).astype(np.uint8)
            # The first decisive pair of a document is the one with the earliest that stays for it.
            chosen = np.flatnonzero(decisive)
            chosen = chosen[np.unique(second[chosen], return_index=True)[1]]
            owners = numbering.owners(second[chosen])
            counts = np.bincount(owners, minlength=len(numbering.bases) - 1)
            shares.append(counts, {"row": [numbering.rows(second[chosen], owners)], "value": [jaccard[chosen]]})
            for begin in range(0, len(first), CHUNK):
                part = slice(begin, begin + CHUNK)
                yield first[part], second[part], jaccard[part], kept[part]


def pairs_in_order(directories: Sequence[Path], at_once: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """All pairs in the order of the second, then of the first, about `at_once` at a time and all of a second together.

    Every pass of every directory holds pairs in that order. Splitters drawn from them say which parts of each belong
    together.
    """
    passes = [one for directory in directories for one in _passes(directory)]
    if not passes:
        return
    drawn = np.sort(np.concatenate([one.drawn(max(at_once // 16, 1)) for one in passes]))
    ranges = -(-sum(one.end - one.begin for one in passes) // at_once)
    edges: list[int | None] = [*np.unique(drawn[np.arange(1, ranges) * len(drawn) // ranges]).tolist(), None]
    begins = [one.begin for one in passes]
    for edge in edges:
        ends = [one.find(edge) for one in passes]
        pieces = [one.read(begin, end) for one, begin, end in zip(passes, begins, ends, strict=True)]
        begins = ends
        first, second, jaccard = (np.concatenate([piece[at] for piece in pieces]) for at in range(3))
        order = np.lexsort((first, second))
        if len(order):
            yield first[order], second[order], jaccard[order]


@dataclass(frozen=True)
class _Pass:
    """Pairs in order: those from `begin` to `end` in the files of a directory."""

    directory: Path
    begin: int
    end: int

    def drawn(self, stride: int) -> np.ndarray:
        """Every so many'th second."""
        return np.array(self._seconds()[self.begin : self.end : stride])

    def find(self, second: int | None) -> int:
        if second is None:
            return self.end
        return self.begin + int(np.searchsorted(self._seconds()[self.begin : self.end], np.uint64(second)))

    def read(self, begin: int, end: int) -> list[np.ndarray]:
        return [
            np.fromfile(self.directory / f"{name}.bin", dtype, end - begin, offset=begin * dtype.itemsize)
            for name, dtype in COMPARED.items()
        ]

    def _seconds(self) -> np.ndarray:
        return np.memmap(self.directory / "second.bin", np.uint64, "r")


def _passes(directory: Path) -> list[_Pass]:
    ends = np.load(directory / PASSES).tolist()
    return [_Pass(directory, begin, end) for begin, end in itertools.pairwise(ends) if begin < end]
