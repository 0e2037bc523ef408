"""Candidates compared for real: the shingle sets of the documents that occur in pairs, and the pairs' Jaccard index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

import kernels
from corpus.dedup.candidates import PAIRED, WANTED, distinct_pairs, numbers_of
from corpus.dedup.key_files import Columns, power_of_two, read_share, share_rounds
from corpus.dedup.numbering import Numbering, runs
from corpus.errors import UserError
from corpus.pipeline.comparison import Upstream
from corpus.pipeline.filtering import Clock
from corpus.pipeline.plan import Progress
from corpus.pipeline.store import Draft, Store

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
        sizes: list[np.ndarray] = []
        with open(draft.directory / "hashes.bin", "wb") as file:
            for batch in self.documents.batches(store, clock) if len(rows) else ():
                begin, end = np.searchsorted(rows, [position, position + batch.num_rows])
                text = batch.column("text").take(pa.array(rows[begin:end] - position))
                hashes, ends = clock.measure("shingles", kernels.shingle_sets, text, self.words)
                hashes.tofile(file)
                sizes.append(np.diff(ends))
                position += batch.num_rows
                if end == len(rows):
                    break
        np.save(draft.directory / "rows.npy", rows)
        offsets = np.cumsum(np.concatenate([np.zeros(1, np.int64), *sizes]))
        np.save(draft.directory / "offsets.npy", offsets)
        draft.report = {"documents": len(rows)}
        progress(0, self.size)


class ShingleSets:
    """The sets that the tasks of all inputs wrote, by the numbers of the documents."""

    def __init__(self, directories: Sequence[Path], numbering: Numbering) -> None:
        self._directories = directories
        self._numbering = numbering

    def places(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of sorted numbers: input, and first and last position in its file; int64 each."""
        owners = self._numbering.owners(numbers)
        rows = self._numbering.rows(numbers, owners)
        begins, ends = np.empty(len(numbers), np.int64), np.empty(len(numbers), np.int64)
        for owner, here in runs(owners):
            at = np.searchsorted(np.load(self._directories[owner] / "rows.npy"), rows[here])
            offsets = np.load(self._directories[owner] / "offsets.npy")
            begins[here], ends[here] = offsets[at], offsets[at + 1]
        return owners, begins, ends

    def read(self, owners: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The sets at these places: hashes uint64 and offsets int64. Places are in the order of the files."""
        offsets = np.concatenate([[0], np.cumsum(ends - begins)])
        hashes = np.empty(offsets[-1], dtype=np.uint64)
        for owner, here in runs(owners):
            with open(self._directories[owner] / "hashes.bin", "rb") as file:
                for place in range(here.start, here.stop):
                    file.seek(int(begins[place]) * 8)
                    count = int(ends[place] - begins[place])
                    hashes[offsets[place] : offsets[place + 1]] = np.fromfile(file, np.uint64, count)
        return hashes, offsets


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
    step: str = "jaccard"

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        numbering = Numbering.of_tasks(store, "signatures", self.signed)
        sets = ShingleSets([store.directory("shingles", key) for key in self.shingled], numbering)
        directories = [store.directory("candidates", key) for key in self.found]
        rounds = [len(one["first"]) for one in share_rounds(directories, self.part, PAIRED, "pairs")]
        passes = power_of_two(sum(rounds) * _BYTES_PER_PAIR / (draft.room() / 2))
        clock = Clock(draft.timings)
        compared = similar = 0
        ends = [0]
        for number in range(passes):
            first, second = self._candidates(directories, number, passes)
            for pairs in self._chunks(sets, first, second, draft.room() // 4):
                jaccard = clock.measure("jaccard", _jaccard, sets, *pairs)
                enough = jaccard >= self.threshold
                self._append(draft.directory, [*pairs, jaccard], enough)
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

    def _chunks(
        self, sets: ShingleSets, first: np.ndarray, second: np.ndarray, room: int
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Consecutive pairs whose sets fit into `room` bytes, one pair at least."""
        documents = np.unique(numbers_of(np.concatenate([first, second])))
        _, begins, ends = sets.places(documents)
        sizes = 8 * (ends - begins)
        both = sum(sizes[np.searchsorted(documents, numbers_of(ranks))] for ranks in (first, second))
        total, begin = np.cumsum(both), 0
        while begin < len(first):
            before = int(total[begin - 1]) if begin else 0
            end = max(begin + 1, int(np.searchsorted(total, before + room, side="right")))
            if int(both[begin]) > 4 * room:
                raise UserError("near_duplicates: two documents are too long to be compared; give more --memory")
            yield first[begin:end], second[begin:end]
            begin = end

    def _append(self, directory: Path, columns: Sequence[np.ndarray], chosen: np.ndarray) -> None:
        for name, values in zip(COMPARED, columns, strict=True):
            with open(directory / f"{name}.bin", "ab") as file:
                values[chosen].tofile(file)


def _jaccard(sets: ShingleSets, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    documents = np.unique(numbers_of(np.concatenate([first, second])))
    hashes, offsets = sets.read(*sets.places(documents))
    left, right = (np.searchsorted(documents, numbers_of(ranks)) for ranks in (first, second))
    common = kernels.count_common(hashes, offsets, left, right)
    sizes = np.diff(offsets)
    return common / (sizes[left] + sizes[right] - common)
