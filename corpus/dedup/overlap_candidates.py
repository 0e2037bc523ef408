"""Which books may overlap: those whose samples of shingles have much in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import kernels
from corpus.dedup.key_files import Columns, ShareFiles, read_share
from corpus.dedup.numbering import ID_SCHEMA, IDS, Numbering
from corpus.pipeline.comparison import Upstream
from corpus.pipeline.filtering import Clock
from corpus.pipeline.parquet import ParquetFile
from corpus.pipeline.plan import Progress
from corpus.pipeline.store import Draft, Store

SAMPLED = 64
"""A sample is every shingle whose hash is in the lowest 1/64 of all: of a novel, some 1,500."""

COMMON = 32
"""A shingle in more books is a turn of phrase, or the book is in many editions: then only each book's overlap with the
largest of them is looked at."""

SLACK = 0.1
"""A sample may show this much less overlap than there is, and a standard deviation or two on top."""

_WANTED: Columns = {"row": np.dtype(np.uint32)}
_RANGE_BYTES_PER_HASH = 64
_EDGES = 1 << 64


@dataclass(frozen=True)
class SampleTask:
    """Samples the shingles of one input's books, and lists their number of distinct shingles and their ids."""

    key: str
    documents: Upstream
    words: int
    step: str = "samples"

    @property
    def size(self) -> int:
        return self.documents.input.size

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        clock, rows = Clock(draft.timings), 0
        sizes: list[np.ndarray] = [np.empty(0, np.int64)]
        samples: list[np.ndarray] = [np.empty(0, np.uint64)]
        counts: list[int] = [0]
        with ParquetFile(draft.directory / IDS, ID_SCHEMA) as ids:
            for batch in self.documents.batches(store, clock):
                hashes, offsets = clock.measure("shingles", kernels.shingle_sets, batch.column("text"), self.words)
                sizes.append(np.diff(offsets))
                for begin, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
                    one = hashes[begin:end]
                    samples.append(one[: np.searchsorted(one, np.uint64(_EDGES // SAMPLED))].copy())
                    counts.append(len(samples[-1]))
                ids.write(batch.select(["id"]))
                rows += batch.num_rows
        np.save(draft.directory / "sizes.npy", np.concatenate(sizes))
        np.save(draft.directory / "offsets.npy", np.cumsum(counts))
        np.save(draft.directory / "samples.npy", np.concatenate(samples))
        draft.report = {"rows": rows}
        progress(0, self.size)


@dataclass(frozen=True)
class CandidateTask:
    """Writes the pairs of books to be compared, and for every input the rows of those that occur in one."""

    key: str
    size: int
    sampled: tuple[str, ...]
    threshold: float
    step: str = "overlaps"

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        directories = [store.directory("samples", key) for key in self.sampled]
        numbering = Numbering.of_tasks(store, "samples", self.sampled)
        ranks = survival_ranks(np.concatenate([np.load(one / "sizes.npy") for one in directories]))
        samples = [np.load(one / "samples.npy", mmap_mode="r") for one in directories]
        sample_sizes = np.concatenate([np.diff(np.load(one / "offsets.npy")) for one in directories])
        ranges = max(1, -(-sum(map(len, samples)) * _RANGE_BYTES_PER_HASH // draft.room()))
        codes, shared = np.empty(0, np.uint64), np.empty(0, np.int64)
        for number in range(ranges):
            hashes, books = _range(directories, numbering, number, ranges)
            found = _pairs(hashes, ranks[books], len(ranks))
            codes, shared = _added(codes, shared, *np.unique(found, return_counts=True))
        ranked = np.argsort(ranks)
        first, second = ranked[(codes // len(ranks)).astype(np.int64)], ranked[(codes % len(ranks)).astype(np.int64)]
        smaller = np.minimum(sample_sizes[first], sample_sizes[second])
        likely = shared >= smaller * (self.threshold - SLACK - 1 / np.sqrt(smaller))
        first, second = first[likely], second[likely]
        np.save(draft.directory / "pairs.npy", np.stack([first, second]))
        self._write_wanted(draft.directory, np.unique(np.concatenate([first, second])).astype(np.uint64), numbering)
        draft.report = {"books": len(ranks), "compared": len(codes), "candidates": len(first)}
        progress(0, self.size)

    def _write_wanted(self, directory: Path, numbers: np.ndarray, numbering: Numbering) -> None:
        owners = numbering.owners(numbers)
        shares = ShareFiles(directory, len(self.sampled))
        counts = np.bincount(owners, minlength=len(self.sampled))
        shares.append(counts, {"row": [numbering.rows(numbers, owners)]})
        shares.finish()


def wanted_rows(directory: Path, number: int) -> np.ndarray:
    """The rows of an input that occur in candidate pairs, ascending."""
    return read_share([directory], number, _WANTED)["row"].astype(np.int64)


def survival_ranks(sizes: np.ndarray) -> np.ndarray:
    """The place of each book in the order of survival: most distinct shingles first, then the order of the inputs."""
    ranks = np.empty(len(sizes), np.int64)
    ranks[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return ranks


def _range(
    directories: Sequence[Path], numbering: Numbering, number: int, ranges: int
) -> tuple[np.ndarray, np.ndarray]:
    """The sampled hashes in one of even ranges, and the number of the book of each."""
    low, high = (np.uint64(_EDGES // SAMPLED * edge // ranges) for edge in (number, number + 1))
    hashes: list[np.ndarray] = [np.empty(0, np.uint64)]
    books: list[np.ndarray] = [np.empty(0, np.int64)]
    for directory, base in zip(directories, numbering.bases.tolist(), strict=False):
        offsets, samples = np.load(directory / "offsets.npy"), np.load(directory / "samples.npy", mmap_mode="r")
        chosen = (samples >= low) & (samples < high)
        hashes.append(np.asarray(samples[chosen]))
        books.append(np.repeat(np.arange(len(offsets) - 1) + int(base), np.diff(offsets))[chosen])
    return np.concatenate(hashes), np.concatenate(books)


def _pairs(hashes: np.ndarray, ranks: np.ndarray, books: int) -> np.ndarray:
    """A code, rank of the larger * books + rank of the smaller, for every pair that shares a hash, once per hash."""
    order = np.lexsort((ranks, hashes))
    hashes, ranks = hashes[order], ranks[order]
    begins = np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1]])) if len(hashes) else np.empty(0, int)
    sizes = np.diff(np.append(begins, len(hashes)))
    found = [np.empty(0, np.uint64)]
    largest = np.repeat(ranks[begins], sizes)
    in_many = np.repeat(sizes > COMMON, sizes)
    found.append((largest * books + ranks)[in_many & (largest != ranks)].astype(np.uint64))
    for distance in range(1, COMMON):
        near = np.flatnonzero(hashes[distance:] == hashes[:-distance])
        near = near[~in_many[near]]
        found.append((ranks[near] * books + ranks[near + distance]).astype(np.uint64))
    return np.concatenate(found)


def _added(
    codes: np.ndarray, shared: np.ndarray, more: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Two lists of pairs with counts as one."""
    both, place = np.unique(np.concatenate([codes, more]), return_inverse=True)
    return both, np.bincount(place, np.concatenate([shared, counts]), minlength=len(both)).astype(np.int64)
