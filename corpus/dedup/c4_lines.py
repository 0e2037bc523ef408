"""C4's deduplication of lines: of the pages that share a line, the one whose URL has the smallest MD5 keeps it.

So the choice is the same whatever the order of the input, and favours no site (tensorflow_datasets `c4_utils.py`,
`remove_duplicate_text`). Lines are compared stripped and in lower case. What is left of a page must have enough
sentences again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.dedup.claims import Claiming, Claims, won
from corpus.document import keep, with_column
from corpus.errors import UsageError
from corpus.models.files import ModelFiles
from corpus.pipeline.ledger import Measured
from corpus.pipeline.stage import Dropped, DropReason, Resources, Share, StageFunction, StageResult
from corpus.quality import sentences


class C4LinesReason(DropReason):
    NO_LINES_LEFT = "no_lines_left", "Other pages keep all lines of the page."
    TOO_FEW_SENTENCES = "too_few_sentences", "The lines left have fewer sentences than min_sentences."


@dataclass(frozen=True, kw_only=True)
class C4Lines(Claiming):
    """Removes lines that another page of the whole input keeps, and all but the first of those repeated in a page.

    min_sentences: of what is left of a page. punkt, punkt_quotes: as in c4_rules. What became of lines is counted in
    the ledger: `global_duplicate`, `local_duplicate`, `passed`.
    """

    name: ClassVar[str] = "lines"
    reasons: ClassVar[type[DropReason]] = C4LinesReason

    min_sentences: int = 3
    punkt: str = "english"
    punkt_quotes: bool = False

    def __post_init__(self) -> None:
        if self.min_sentences < 0:
            raise UsageError("lines.min_sentences must be at least 0")

    def model_names(self, models: ModelFiles) -> list[str]:
        sentences.require_model(models, self.punkt, self.name)
        return sentences.model_names(self.punkt)

    def claimer(self, resources: Resources) -> Callable[[pa.RecordBatch, int], Claims]:
        return self._claims

    def _claims(self, batch: pa.RecordBatch, first_row: int) -> Claims:
        hashes, offsets = kernels.lower_line_hashes(batch.column("text"))
        lines = np.diff(offsets)
        ranks = np.array([url_rank(url) for url in batch.column("url").to_pylist()], dtype=np.uint64)
        return Claims(hashes, np.repeat(ranks, lines), np.repeat(first_row + np.arange(batch.num_rows), lines)).best()

    def open(self, resources: Resources) -> StageFunction:
        punkt = sentences.load_punkt(resources.models, self.punkt, self.punkt_quotes, self.name)
        return _Removal(resources.shares[self.name], punkt, self.min_sentences)


def url_rank(url: str | None) -> int:
    """The leading 64 bits of the URL's MD5."""
    return int.from_bytes(hashlib.md5((url or "").encode(), usedforsecurity=False).digest()[:8], "big")


class _Removal:
    """Applied to the batches of one file in their order."""

    def __init__(self, share: Share, punkt: kernels.Punkt, min_sentences: int) -> None:
        self.keys, self.rows = won(share)
        self.punkt, self.min_sentences = punkt, min_sentences
        self.row = 0

    def __call__(self, batch: pa.RecordBatch) -> StageResult:
        text = batch.column("text")
        hashes, offsets = kernels.lower_line_hashes(text)
        rows = np.repeat(self.row + np.arange(batch.num_rows), np.diff(offsets))
        self.row += batch.num_rows
        selected = kernels.select_lines(text, hashes, offsets, self._wins(hashes, rows))
        left, counted = selected.text, self.punkt.count(selected.text)
        empty = np.diff(np.frombuffer(left.buffers()[1], dtype=np.int64)[: len(left) + 1]) == 0
        few = ~empty & (counted < self.min_sentences)
        kept = keep(with_column(batch, batch.schema.field("text"), left), ~(empty | few))
        before = Measured.of(text).of_rows(np.flatnonzero(~(empty | few)))
        after = Measured.of(kept.column("text")).total()
        dropped = Dropped.where(empty, C4LinesReason.NO_LINES_LEFT)
        dropped += Dropped.where(few, C4LinesReason.TOO_FEW_SENTENCES, counted)
        counters = {"global_duplicate": int(selected.unselected.sum()), "local_duplicate": int(selected.repeated.sum())}
        return StageResult(
            kept,
            dropped,
            removed_bytes=before.bytes - after.bytes,
            removed_lines=before.lines - after.lines,
            counters={**counters, "passed": len(hashes) - sum(counters.values())},
        )

    def _wins(self, hashes: np.ndarray, rows: np.ndarray) -> np.ndarray:
        if not len(self.keys):
            return np.zeros(len(hashes), dtype=bool)
        at = np.minimum(np.searchsorted(self.keys, hashes), len(self.keys) - 1)
        wins: np.ndarray = (self.keys[at] == hashes) & (self.rows[at] == rows)
        return wins
