"""Candidates compared for real: the shingle sets of the documents that occur in pairs, and the pairs' Jaccard index."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.dedup.candidates import PAIRED, WANTED, distinct_pairs, numbers_of
from corpus.dedup.key_files import Columns, power_of_two, read_share, share_rounds
from corpus.dedup.numbering import Numbering
from corpus.dedup.shingle_files import ShingleFiles, ShingleSets
from corpus.pipeline.clock import Clock
from corpus.pipeline.plan import Progress
from corpus.pipeline.store import Draft, Store
from corpus.pipeline.upstream import Upstream

PASSES = "passes.npy"
COMPARED: Columns = {**PAIRED, "jaccard": np.dtype(np.float64)}
_BYTES_PER_PAIR = 100
"""Taken for each pair of a pass: ranks as read (16) and put together (16), their order (8), in order (16), documents,
their places and sizes (40)."""


@dataclass(frozen=True)
class ShingleTask:
    """Writes the shingle sets, as sorted hashes, of those documents of one input that occur in candidate pairs."""

    key: str
    documents: Upstream
    number: int
    found: tuple[str, ...]
    words: int
    step: str = "shingles"

    @property
    def size(self) -> int:
        return self.documents.input.size

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        directories = [store.directory("candidates", key) for key in self.found]
        rows = np.unique(read_share(directories, self.number, WANTED, "wanted")["wanted_row"]).astype(np.int64)
        clock, position = Clock(draft.timings), 0
        with ShingleFiles(draft.directory, rows, self.words, clock) as files:
            for batch in self.documents.batches(store, clock) if len(rows) else ():
                files.add(batch, position)
                position += batch.num_rows
                if position > rows[-1]:
                    break
        draft.report = {"documents": len(rows)}
        progress(0, self.size)


@dataclass(frozen=True)
class JaccardTask:
    """Compares one part of the candidate pairs, in passes that fit the memory, and writes those of at least the
    threshold: those of each pass in the order of the second, then of the first."""

    key: str
    size: int
    signed: tuple[str, ...]
    found: tuple[str, ...]
    shingled: tuple[str, ...]
    part: int
    threshold: float
    stage: str
    step: str = "jaccard"

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        numbering = Numbering.of_tasks(store, "signatures", self.signed)
        sets = ShingleSets([store.directory("shingles", key) for key in self.shingled], numbering, self.stage)
        directories = [store.directory("candidates", key) for key in self.found]
        rounds = [len(one["first"]) for one in share_rounds(directories, self.part, PAIRED, "pairs")]
        passes = power_of_two(sum(rounds) * _BYTES_PER_PAIR / (draft.room() / 2))
        clock = Clock(draft.timings)
        compared = similar = 0
        ends = [0]
        for number in range(passes):
            first, second = self._candidates(directories, number, passes)
            numbers = numbers_of(first), numbers_of(second)
            for part in sets.fitting(*numbers, draft.room() // 4):
                shared = clock.measure("jaccard", sets.shared, numbers[0][part], numbers[1][part])
                jaccard = shared.common / (shared.first + shared.second - shared.common)
                enough = jaccard >= self.threshold
                self._append(draft.directory, [first[part], second[part], jaccard], enough)
                compared += len(jaccard)
                similar += int(enough.sum())
            ends.append(similar)
        np.save(draft.directory / PASSES, np.array(ends))
        draft.report = {"compared": compared, "similar": similar}
        progress(0, self.size)

    def _candidates(self, directories: Sequence[Path], number: int, passes: int) -> tuple[np.ndarray, np.ndarray]:
        """The pairs of one pass, each once: a second document has all its pairs in one pass."""
        found: list[tuple[np.ndarray, np.ndarray]] = [(np.empty(0, np.uint64), np.empty(0, np.uint64))]
        for one in share_rounds(directories, self.part, PAIRED, "pairs"):
            chosen = one["second"] % np.uint64(passes) == number
            found.append((one["first"][chosen], one["second"][chosen]))
        return distinct_pairs(np.concatenate([first for first, _ in found]), np.concatenate([s for _, s in found]))

    def _append(self, directory: Path, columns: Sequence[np.ndarray], chosen: np.ndarray) -> None:
        for name, values in zip(COMPARED, columns, strict=True):
            with open(directory / f"{name}.bin", "ab") as file:
                file.write(np.ascontiguousarray(values[chosen]).data)
