"""Which books may overlap: those whose samples of shingles have much in common."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

import kernels
from corpus.dedup.key_files import Columns, KeyRange, ShareFiles, key_count, power_of_two, read_range
from corpus.dedup.key_sorter import KeySorter
from corpus.dedup.numbering import ID_SCHEMA, IDS, Numbering
from corpus.pipeline.clock import Clock
from corpus.pipeline.parquet import ParquetFile
from corpus.pipeline.plan import Progress
from corpus.pipeline.store import Draft, Store
from corpus.pipeline.upstream import Upstream

SAMPLE_BITS = 6
"""A sample is every shingle whose hash is in the lowest 1/64 of all: of a novel, some 1,500."""

COMMON = 32
"""A shingle in more books is a turn of phrase, or the book is in many editions: then only each book's overlap with the
LARGEST of them is looked at."""
LARGEST = 4

SLACK = 0.1
"""A sample may show this much less overlap than there is, and a standard deviation or two on top."""

_SAMPLED: Columns = {"row": np.dtype(np.uint32)}
_LENGTHS, _SAMPLES = "lengths.npy", "samples.npy"
FILE_EDGES = "file_edges.npy"
"""Of the files an input is made of (`Upstream.apart`): the row that each begins with, then the one behind them all."""

_FIRST, _SECOND = "first.bin", "second.bin"
_BYTES_PER_HASH = 480
"""Taken for each hash of a range: read, put together and in order (60); and at most 16 pairs of 8 bytes, three times
over while they are counted."""
_BYTES_PER_PAIR = 96
"""Taken for each pair of books of a part: what is known of it, and a merge with those of another range."""


@dataclass(frozen=True)
class SampleTask:
    """Samples the shingles of one input's books, and lists their lengths in shingles, repeats included, and ids."""

    key: str
    documents: Upstream
    words: int
    step: str = "samples"

    @property
    def size(self) -> int:
        return self.documents.input.size

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        sorter, clock, rows = KeySorter(draft, _SAMPLED), Clock(draft.timings), 0
        lengths, samples = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        edges = [0]
        with ParquetFile(draft.directory / IDS, ID_SCHEMA) as ids:
            for part in self.documents.apart():
                for batch in part.batches(store, clock):
                    hashes, offsets, shingles = clock.measure("shingles", self._sample, batch.column("text"))
                    lengths.append(shingles)
                    samples.append(np.diff(offsets))
                    row = np.arange(rows, rows + batch.num_rows, dtype=np.uint32)
                    # Shifted, the keys are as even as KeyFiles wants them.
                    sorter.add(hashes << np.uint64(SAMPLE_BITS), row=np.repeat(row, samples[-1]))
                    ids.write(batch.select(["id"]))
                    rows += batch.num_rows
                edges.append(rows)
        clock.measure("sort", sorter.finish)
        np.save(draft.directory / _LENGTHS, np.concatenate(lengths))
        np.save(draft.directory / _SAMPLES, np.concatenate(samples))
        np.save(draft.directory / FILE_EDGES, np.array(edges))
        draft.report = {"rows": rows}
        progress(0, self.size)

    def _sample(self, text: pa.LargeStringArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return kernels.shingle_samples(text, self.words, (1 << 64 - SAMPLE_BITS) - 1)


@dataclass(frozen=True)
class CandidateTask:
    """Writes the pairs of books to be compared, and for every input the rows of those that occur in one.

    Pairs are in the order of survival of the second, then of the first, the one that survives the other.
    """

    key: str
    size: int
    sampled: tuple[str, ...]
    threshold: float
    step: str = "overlaps"

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        directories = [store.directory("samples", key) for key in self.sampled]
        numbering = Numbering.of_tasks(store, "samples", self.sampled)
        ranks = survival_ranks(_of_all(directories, _LENGTHS))
        ranked = np.argsort(ranks)
        samples = _of_all(directories, _SAMPLES)[ranked]
        wanted = ShareFiles(draft.directory, len(directories), "wanted")
        compared = candidates = 0
        for name in (_FIRST, _SECOND):
            (draft.directory / name).touch()
        for codes, shared in _counted(directories, numbering, ranks, draft):
            second, first = (codes // len(ranks)).astype(np.int64), (codes % len(ranks)).astype(np.int64)
            smaller = np.minimum(samples[first], samples[second])
            likely = shared >= smaller * (self.threshold - SLACK - 1 / np.sqrt(smaller))
            first, second = ranked[first[likely]].astype(np.uint64), ranked[second[likely]].astype(np.uint64)
            for name, numbers in ((_FIRST, first), (_SECOND, second)):
                with open(draft.directory / name, "ab") as file:
                    file.write(np.ascontiguousarray(numbers).data)
            numbers = np.unique(np.concatenate([first, second]))
            owners = numbering.owners(numbers)
            counts = np.bincount(owners, minlength=len(directories))
            wanted.append(counts, {"wanted_row": [numbering.rows(numbers, owners)]})
            compared, candidates = compared + len(codes), candidates + len(first)
        wanted.finish()
        draft.report = {"books": len(ranks), "compared": compared, "candidates": candidates}
        progress(0, self.size)


def survival_ranks(lengths: np.ndarray) -> np.ndarray:
    """The place of each book in the order of survival: the longest first, equal ones in the order of the inputs."""
    ranks = np.empty(len(lengths), np.int64)
    ranks[np.argsort(-lengths, kind="stable")] = np.arange(len(lengths))
    return ranks


def pair_count(directory: Path) -> int:
    return (directory / _SECOND).stat().st_size // 8


def read_pairs(directory: Path, begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the first and the second of pairs that a CandidateTask wrote, uint64."""
    first, second = (
        np.fromfile(directory / name, np.uint64, end - begin, offset=begin * 8) for name in (_FIRST, _SECOND)
    )
    return first, second


def _of_all(directories: Sequence[Path], name: str) -> np.ndarray:
    return np.concatenate([np.load(directory / name) for directory in directories])


def _counted(
    directories: Sequence[Path], numbering: Numbering, ranks: np.ndarray, draft: Draft
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of ranks as codes, second * books + first, ascending, with how many hashes they share; as many pairs at a
    time as fit."""
    books = len(ranks)
    hashes = sum(map(key_count, directories))
    ranges = power_of_two(hashes * _BYTES_PER_HASH / (draft.room() / 2))

    def groups() -> Iterator["_Groups"]:
        return (_Groups.read(directories, numbering, ranks, part) for part in KeyRange().divided(ranges))

    expected = np.zeros(books, np.int64)
    for group in groups():
        expected += group.seconds(books)
    edges = _edges(expected, draft.room() // 2 // _BYTES_PER_PAIR)
    for low, high in pairwise(edges):
        codes, shared = np.empty(0, np.uint64), np.empty(0, np.int64)
        for group in groups():
            codes, shared = _added(codes, shared, *np.unique(group.pairs(books, low, high), return_counts=True))
        yield codes, shared


def _edges(expected: np.ndarray, at_once: int) -> list[int]:
    """Ranges of ranks, about evenly divided, in each of which about `at_once` pairs are expected; none without any."""
    parts = -(-int(expected.sum()) // at_once)
    wanted = np.arange(1, parts) * int(expected.sum()) // max(parts, 1)
    return [0, *np.searchsorted(np.cumsum(expected), wanted).tolist(), *([len(expected)] if parts else [])]


@dataclass(frozen=True)
class _Groups:
    """Books, by rank, that have a sampled shingle: `sizes[i]` of them from `begins[i]` on, ascending.

    partners: of each group, how many of its first are paired with all after them.
    """

    ranks: np.ndarray
    begins: np.ndarray
    sizes: np.ndarray
    partners: np.ndarray

    @classmethod
    def read(cls, directories: Sequence[Path], numbering: Numbering, ranks: np.ndarray, part: KeyRange) -> "_Groups":
        pieces = [read_range(directory, part, _SAMPLED) for directory in directories]
        keys = np.concatenate([piece["keys"] for piece in pieces])
        places = [
            ranks[piece["row"].astype(np.int64) + int(base)]
            for piece, base in zip(pieces, numbering.bases, strict=False)
        ]
        ranked = np.concatenate(places)
        order = np.lexsort((ranked, keys))
        keys = keys[order]
        begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.empty(0, np.int64)
        sizes = np.diff(begins, append=len(keys))
        return cls(ranked[order], begins, sizes, np.where(sizes > COMMON, LARGEST, sizes - 1))

    def seconds(self, books: int) -> np.ndarray:
        """In how many pairs each rank is the second one, int64[books]."""
        position = np.arange(len(self.ranks)) - np.repeat(self.begins, self.sizes)
        before = np.minimum(position, np.repeat(self.partners, self.sizes))
        return np.bincount(self.ranks, before, books).astype(np.int64)

    def pairs(self, books: int, low: int, high: int) -> np.ndarray:
        """The code of every pair, once for each group, whose second rank is at least `low` and below `high`."""
        begins, sizes, partners = self.begins, self.sizes, self.partners
        found = [np.empty(0, np.uint64)]
        for nth in range(COMMON):
            more = partners > nth
            begins, sizes, partners = begins[more], sizes[more], partners[more]
            others = sizes - nth - 1
            at = np.repeat(begins + nth, others)
            second = self.ranks[at + 1 + np.arange(len(at)) - np.repeat(np.cumsum(others) - others, others)]
            here = (second >= low) & (second < high)
            found.append((second[here] * books + self.ranks[at[here]]).astype(np.uint64))
        return np.concatenate(found)


def _added(
    codes: np.ndarray, shared: np.ndarray, more: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Two lists of pairs with counts as one."""
    both, place = np.unique(np.concatenate([codes, more]), return_inverse=True)
    return both, np.bincount(place, np.concatenate([shared, counts]), minlength=len(both)).astype(np.int64)
