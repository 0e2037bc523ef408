"""Pairs of documents whose signatures share a band, found in one range of band hashes at a time.

A document is named by its rank: its priority above its number, so that ranks are in the order of survival.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from corpus.dedup.key_files import Columns, KeyRange, ShareFiles, key_count, power_of_two, read_range
from corpus.dedup.numbering import Numbering
from corpus.dedup.signatures import BANDED
from corpus.pipeline.plan import Progress
from corpus.pipeline.store import Draft, Store

NUMBER_BITS = 40
COMPARED_WITH = 32
"""Of the documents that share a band, all are compared with so many that come first in the order of survival. With
more, pages of one template would be compared with each other by the million; most of them fall to the first few."""

PAIRED: Columns = {"first": np.dtype(np.uint64), "second": np.dtype(np.uint64)}
WANTED: Columns = {"wanted_row": np.dtype(np.uint32)}
_BYTES_PER_KEY = 160
"""Taken for each band hash of a range: read (16), ranks and order (24), in order (16), and the pairs of one round with
their order (at most 100)."""


def numbers_of(ranks: np.ndarray) -> np.ndarray:
    return ranks & np.uint64((1 << NUMBER_BITS) - 1)


@dataclass(frozen=True)
class CandidateTask:
    """Writes candidate pairs, parted by where the second one stands in all inputs, for the tasks that compare them;
    and for every input the rows that occur in pairs."""

    key: str
    size: int
    signed: tuple[str, ...]
    part: KeyRange
    step: str = "candidates"

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        directories = [store.directory("signatures", key) for key in self.signed]
        numbering = Numbering.of_tasks(store, "signatures", self.signed)
        pairs = ShareFiles(draft.directory, self.part.parts, "pairs")
        wanted = ShareFiles(draft.directory, len(directories), "wanted")
        expected = sum(map(key_count, directories)) / self.part.parts * _BYTES_PER_KEY
        for part in self.part.divided(power_of_two(expected / draft.room())):
            pieces = [read_range(directory, part, BANDED) for directory in directories]
            for first, second in pairs_of_keys(*_sorted(pieces, numbering)):
                bucket = bucket_of(numbers_of(second), numbering.total, self.part.parts)
                order = np.argsort(bucket, kind="stable")
                counts = np.bincount(bucket, minlength=self.part.parts)
                pairs.append(counts, {"first": [first[order]], "second": [second[order]]})
                numbers = np.unique(numbers_of(np.concatenate([first, second])))
                owners = numbering.owners(numbers)
                counts = np.bincount(owners, minlength=len(directories))
                wanted.append(counts, {"wanted_row": [numbering.rows(numbers, owners)]})
        wanted.finish()
        draft.report = {"pairs": pairs.finish()}
        progress(0, self.size)


def bucket_of(numbers: np.ndarray, total: int, buckets: int) -> np.ndarray:
    """Even shares of all the numbers, in order."""
    return (numbers * np.uint64(buckets) // np.uint64(max(total, 1))).astype(np.int64)


def _sorted(pieces: list[dict[str, np.ndarray]], numbering: Numbering) -> tuple[np.ndarray, np.ndarray]:
    """Band hashes and ranks, in the order of the hashes, then of the ranks."""
    keys = np.concatenate([piece["keys"] for piece in pieces])
    ranks = np.concatenate(
        [
            (piece["priority"].astype(np.uint64) << np.uint64(NUMBER_BITS)) + (piece["row"] + base)
            for piece, base in zip(pieces, numbering.bases, strict=False)
        ]
    )
    order = np.lexsort((ranks, keys))
    return keys[order], ranks[order]


def pairs_of_keys(keys: np.ndarray, ranks: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of ranks with the same key, the lower first, without repeats within a round: first those with the first
    one of every key, then with the second, and so on."""
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.empty(0, np.int64)
    sizes = np.diff(starts, append=len(keys))
    for nth in range(COMPARED_WITH):
        more = sizes > nth + 1
        starts, sizes = starts[more], sizes[more]
        if not len(starts):
            return
        others = sizes - nth - 1
        at = np.repeat(starts + nth, others)
        step = np.arange(others.sum()) - np.repeat(np.cumsum(others) - others, others) + 1
        yield distinct_pairs(ranks[at], ranks[at + step])


def distinct_pairs(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each pair once, in the order of the second, then of the first."""
    order = np.lexsort((first, second))
    first, second = first[order], second[order]
    new = np.ones(len(first), dtype=bool)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    return first[new], second[new]
