"""Books that lie in other books: LLaMA removes "books with more than 90 % content overlap" (section 2.1).

Overlap is measured as containment, the share of a book's word shingles that the other book has too: unlike the Jaccard
index it finds a novel in an anthology and an abridged edition. The longer of two books stays. Books are gone through
from the longest, in shingles, to the shortest, equal ones in input order; a book is dropped if at least `threshold` of
its distinct shingles lie in one book that was kept. So every dropped book was itself compared with the one that stays
for it, and nothing falls to a chain of resemblances, or to several books that share its parts.

Steps: a sample of the shingles of every book; candidates, which share enough of their samples; all the shingles of the
candidates; decisions and the file of pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from corpus.dedup.contained import DecideTask, SetTask
from corpus.dedup.key_files import Columns, read_share
from corpus.dedup.overlap_candidates import CandidateTask, SampleTask
from corpus.dedup.pairs import PAIRS
from corpus.errors import UsageError
from corpus.identity import key_of
from corpus.pipeline.comparison import ComparingStage, Comparison, dropping
from corpus.pipeline.plan import Step, distinct
from corpus.pipeline.stage import DropReason, Resources, StageFunction
from corpus.pipeline.store import Artifact
from corpus.pipeline.upstream import TaskShare, Upstream

VERSION = 2
"""Of the files made before the stage; raised whenever they change."""


class ContainmentReason(DropReason):
    CONTAINED = "contained", "At least the threshold of the text's shingles lies in one book that was kept."


@dataclass(frozen=True, kw_only=True)
class Containment(ComparingStage):
    """Drops books that lie in another one.

    words: of a shingle. threshold: least share of a dropped book's distinct shingles that the kept one has (the paper:
    0.9).
    """

    name: ClassVar[str] = "containment"
    reasons: ClassVar[type[DropReason]] = ContainmentReason

    words: int = 5
    threshold: float = 0.9

    def __post_init__(self) -> None:
        if self.words < 1:
            raise UsageError("containment.words must be at least 1")
        if not 0 < self.threshold <= 1:
            raise UsageError("containment.threshold must be above 0 and at most 1")

    def compare(self, documents: Sequence[Upstream]) -> Comparison:
        shared = {"version": VERSION, "words": self.words}
        sampling = [
            SampleTask(key_of({"step": "samples", **shared, **one.identity}), one, self.words) for one in documents
        ]
        sampled = tuple(task.key for task in sampling)
        size = sum(task.size for task in sampling)
        identity = {**shared, "sampled": sampled, "threshold": self.threshold}
        finding = CandidateTask(key_of({**identity, "step": "overlaps"}), size, sampled, self.threshold)
        listing = [
            SetTask(key_of({**identity, "sets": number}), one, number, sampled[number], finding.key, self.words)
            for number, one in enumerate(documents)
        ]
        listed = tuple(task.key for task in listing)
        deciding = DecideTask(
            key_of({**identity, "step": "contained"}), size, self.name, sampled, finding.key, listed, self.threshold
        )
        different = distinct(sampling)
        return Comparison(
            [
                Step("samples", lambda store: different, weight=1.0),
                Step("overlaps", lambda store: [finding], weight=0.01),
                Step("sets", lambda store: listing, weight=0.3),
                Step("contained", lambda store: [deciding], weight=0.05),
            ],
            [*different, finding, *listing, deciding],
            [TaskShare(((deciding.step, deciding.key),), number) for number in range(len(documents))],
            Artifact(deciding.step, deciding.key, PAIRS),
        )

    def open(self, resources: Resources) -> StageFunction:
        share = resources.shares[self.name]
        columns: Columns = {"row": np.dtype(np.uint32), "value": np.dtype(np.float64)}
        found = read_share(share.directories, share.number, columns)
        return dropping(found["row"].astype(np.int64), ContainmentReason.CONTAINED, found["value"])
