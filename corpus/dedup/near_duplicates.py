"""Near-duplicates: MinHash finds candidates, their real Jaccard index decides, and a copy falls only to what is kept.

A document is a set of shingles, runs of consecutive words in a normal form (`kernels.minhash` states it). Signatures
are datasketch's; documents whose signatures agree in all rows of a band are candidates, and their shingle sets are
compared. Then documents are gone through in the order of survival: one is dropped if its Jaccard index with a document
that was kept is at least the threshold. So every dropped document was itself compared with the one that stays for it,
and no two compared documents above the threshold both stay. Clusters by union-find, which others use, drop documents
for a chain of resemblances to one they do not resemble.

Steps: signatures of every input; candidates, one range of band hashes at a time; shingle sets of the candidates;
Jaccard indices; decisions; the file of pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from corpus.dedup.candidates import CandidateTask
from corpus.dedup.key_files import Columns, KeyRange, parts_for, read_share
from corpus.dedup.pairs import PAIRS
from corpus.dedup.signatures import SignatureTask
from corpus.dedup.survivors import SurvivorTask
from corpus.dedup.verification import JaccardTask, ShingleTask
from corpus.errors import UsageError
from corpus.identity import key_of
from corpus.pipeline.comparison import ComparingStage, Comparison, dropping
from corpus.pipeline.plan import Step, distinct
from corpus.pipeline.stage import DropReason, Resources, StageFunction
from corpus.pipeline.store import Artifact
from corpus.pipeline.upstream import TaskShare, Upstream

VERSION = 1
"""Of the files made before the stage; raised whenever they change."""

KEEPS = ("first", "longest")


class NearDuplicateReason(DropReason):
    NEAR_DUPLICATE = "near_duplicate", "The Jaccard index with a document that was kept is at least the threshold."


@dataclass(frozen=True, kw_only=True)
class NearDuplicates(ComparingStage):
    """Drops documents that resemble one that was kept.

    words: of a shingle (FineWeb and text-dedup 5, SlimPajama and RedPajama v2 13). permutations: of a signature;
    datasketch's values depend on their number. bands, rows: a pair of Jaccard index s becomes a candidate with
    probability 1 - (1 - s^rows)^bands; FineWeb has 14 bands of 8 rows. threshold: least Jaccard index of a duplicate.
    keep: order of survival: `first`, that of the inputs and of the documents in them; or `longest`, by characters, then
    as `first`.
    """

    name: ClassVar[str] = "near_duplicates"
    reasons: ClassVar[type[DropReason]] = NearDuplicateReason

    enabled: bool = False
    words: int = 5
    permutations: int = 128
    bands: int = 16
    rows: int = 8
    threshold: float = 0.8
    keep: str = "first"

    def __post_init__(self) -> None:
        if min(self.words, self.bands, self.rows) < 1:
            raise UsageError("near_duplicates: words, bands and rows must be at least 1")
        if self.bands * self.rows > self.permutations:
            raise UsageError(
                f"near_duplicates: {self.bands} bands of {self.rows} rows need {self.bands * self.rows} permutations"
            )
        if not 0 < self.threshold <= 1:
            raise UsageError("near_duplicates.threshold must be above 0 and at most 1")
        if self.keep not in KEEPS:
            raise UsageError(f"near_duplicates.keep: must be one of {', '.join(KEEPS)}, not {self.keep!r}")

    def compare(self, documents: Sequence[Upstream]) -> Comparison:
        signing = [self._signature_task(one) for one in documents]
        signed = tuple(task.key for task in signing)
        size = sum(task.size for task in signing)
        parts = parts_for(size)
        identity = {"version": VERSION, "signed": signed, "parts": parts}
        finding = [
            CandidateTask(key_of({**identity, "candidates": part}), size // parts, signed, KeyRange(part, parts))
            for part in range(parts)
        ]
        found = tuple(task.key for task in finding)
        shingling = [
            ShingleTask(key_of({**identity, "shingles": number}), one, number, found, self.words)
            for number, one in enumerate(documents)
        ]
        shingled = tuple(task.key for task in shingling)
        comparing = [
            JaccardTask(
                key_of({**identity, "jaccard": part, "threshold": self.threshold, "words": self.words}),
                size // parts,
                signed,
                found,
                shingled,
                part,
                self.threshold,
                self.name,
            )
            for part in range(parts)
        ]
        compared = tuple(task.key for task in comparing)
        choosing = SurvivorTask(key_of({"version": VERSION, "survivors": compared}), size, self.name, signed, compared)
        different = distinct(signing)
        return Comparison(
            [
                Step("signatures", lambda store: different, weight=0.5),
                Step("candidates", lambda store: finding, weight=0.05),
                Step("shingles", lambda store: shingling, weight=0.3),
                Step("jaccard", lambda store: comparing, weight=0.05),
                Step("survivors", lambda store: [choosing], weight=0.01),
            ],
            [*different, *finding, *shingling, *comparing, choosing],
            [TaskShare(((choosing.step, choosing.key),), number) for number in range(len(documents))],
            Artifact(choosing.step, choosing.key, PAIRS),
        )

    def _signature_task(self, documents: Upstream) -> SignatureTask:
        parameters = {name: getattr(self, name) for name in ("words", "permutations", "bands", "rows", "keep")}
        key = key_of({"step": "signatures", "version": VERSION, **parameters, **documents.identity})
        return SignatureTask(key, documents, **parameters)

    def open(self, resources: Resources) -> StageFunction:
        share = resources.shares[self.name]
        columns: Columns = {"row": np.dtype(np.uint32), "value": np.dtype(np.float64)}
        found = read_share(share.directories, share.number, columns)
        order = np.argsort(found["row"])
        return dropping(found["row"][order].astype(np.int64), NearDuplicateReason.NEAR_DUPLICATE, found["value"][order])
