"""The deduplication of C4's paper: of any three sentences in a row that occur more than once, one occurrence stays.

The paper (arXiv 1910.10683, section 2.2) has this where its code compares lines. It does not say which one stays: here
it is that of the page whose URL has the smallest MD5, as in the code's deduplication of lines, in it the first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.dedup.c4_lines import url_rank
from corpus.dedup.claims import Claiming, Claims, won
from corpus.document import keep, with_column
from corpus.errors import UsageError
from corpus.models.files import ModelFiles
from corpus.pipeline.ledger import Measured
from corpus.pipeline.stage import Dropped, DropReason, Resources, Share, StageFunction, StageResult
from corpus.quality import sentences

_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class C4SpansReason(DropReason):
    NOTHING_LEFT = "nothing_left", "All sentences of the page are in spans that stay elsewhere."
    TOO_FEW_SENTENCES = "too_few_sentences", "The sentences left are fewer than min_sentences."


@dataclass(frozen=True, kw_only=True)
class C4Spans(Claiming):
    """Removes the sentences of spans that occur elsewhere, over the whole input.

    length: sentences in a span. min_sentences: of what is left of a page. punkt, punkt_quotes: as in c4_rules.
    Sentences are compared stripped and in lower case; in a line that lost some, the others are joined by a space.
    """

    name: ClassVar[str] = "spans"
    reasons: ClassVar[type[DropReason]] = C4SpansReason

    length: int = 3
    min_sentences: int = 5
    punkt: str = "english"
    punkt_quotes: bool = False

    def __post_init__(self) -> None:
        if self.length < 1 or self.min_sentences < 0:
            raise UsageError("spans.length must be at least 1 sentence and spans.min_sentences at least 0")

    def model_names(self, models: ModelFiles) -> list[str]:
        sentences.require_model(models, self.punkt, self.name)
        return sentences.model_names(self.punkt)

    def claimer(self, resources: Resources) -> Callable[[pa.RecordBatch, int], Claims]:
        punkt = sentences.load_punkt(resources.models, self.punkt, self.punkt_quotes, self.name)

        def claims(batch: pa.RecordBatch, first_row: int) -> Claims:
            spans = Spans.of(punkt, batch.column("text"), self.length)
            ranks = np.array([url_rank(url) for url in batch.column("url").to_pylist()], dtype=np.uint64)
            return Claims(spans.keys, ranks[spans.documents], first_row + spans.documents).best()

        return claims

    def open(self, resources: Resources) -> StageFunction:
        punkt = sentences.load_punkt(resources.models, self.punkt, self.punkt_quotes, self.name)
        return _Removal(resources.shares[self.name], punkt, self)


@dataclass(frozen=True)
class Spans:
    """The spans of a batch. split: each document's sentences, one a line; starts: see `kernels.Punkt.split`. offsets:
    int64[n + 1], the sentences of each document. first, keys, documents: of each span, the number of its first
    sentence, its hash, and the row of its document."""

    split: pa.LargeStringArray
    starts: np.ndarray
    offsets: np.ndarray
    first: np.ndarray
    keys: np.ndarray
    documents: np.ndarray

    @classmethod
    def of(cls, punkt: kernels.Punkt, text: pa.LargeStringArray, length: int) -> "Spans":
        split, starts = punkt.split(text)
        hashes, edges = kernels.lower_line_hashes(split)
        counts = np.where(kernels.count_lines(split) == 0, 0, np.diff(edges))
        hashes = hashes[np.repeat(counts > 0, np.diff(edges))]  # an empty text has an empty line, but no sentence
        offsets = np.concatenate([[0], np.cumsum(counts)])
        documents = np.repeat(np.arange(len(text)), counts)
        first = np.arange(max(len(hashes) - length + 1, 0))
        first = first[documents[first] == documents[first + length - 1]]
        keys = np.zeros(len(first), dtype=np.uint64)
        for place in range(length):
            keys = (keys ^ hashes[first + place]) * _FACTOR
        return cls(split, starts, offsets, first, keys, documents[first])


class _Removal:
    """Applied to the batches of one file in their order."""

    def __init__(self, share: Share, punkt: kernels.Punkt, stage: C4Spans) -> None:
        self.keys, self.rows = won(share)
        self.punkt, self.stage = punkt, stage
        self.row = 0

    def __call__(self, batch: pa.RecordBatch) -> StageResult:
        text = batch.column("text")
        spans = Spans.of(self.punkt, text, self.stage.length)
        stays = self._stays(spans)
        self.row += batch.num_rows
        left = np.ones(len(spans.starts), dtype=bool)
        for place in range(self.stage.length):
            left[spans.first[~stays] + place] = False
        rebuilt = self._rebuilt(text, spans, left)
        counted = _sums(left, spans.offsets)
        nothing = counted == 0
        few = ~nothing & (counted < self.stage.min_sentences)
        kept = keep(with_column(batch, batch.schema.field("text"), rebuilt), ~(nothing | few))
        before = Measured.of(text).of_rows(np.flatnonzero(~(nothing | few)))
        after = Measured.of(kept.column("text")).total()
        dropped = Dropped.where(nothing, C4SpansReason.NOTHING_LEFT)
        dropped += Dropped.where(few, C4SpansReason.TOO_FEW_SENTENCES, counted)
        return StageResult(
            kept,
            dropped,
            removed_bytes=before.bytes - after.bytes,
            removed_lines=before.lines - after.lines,
            counters={"duplicate_spans": int(np.count_nonzero(~stays)), "removed_sentences": int((~left).sum())},
        )

    def _stays(self, spans: Spans) -> np.ndarray:
        """Whether each span is won by its document, and the first of its kind there."""
        if not len(self.keys):
            return np.zeros(len(spans.keys), dtype=bool)
        at = np.minimum(np.searchsorted(self.keys, spans.keys), len(self.keys) - 1)
        wins = (self.keys[at] == spans.keys) & (self.rows[at] == self.row + spans.documents)
        order = np.lexsort((spans.first, spans.keys, spans.documents))
        again = np.zeros(len(order), dtype=bool)
        keys, documents = spans.keys[order], spans.documents[order]
        again[order[1:]] = (keys[1:] == keys[:-1]) & (documents[1:] == documents[:-1])
        stays: np.ndarray = wins & ~again
        return stays

    def _rebuilt(self, text: pa.LargeStringArray, spans: Spans, left: np.ndarray) -> pa.LargeStringArray:
        lost = np.flatnonzero(_sums(~left, spans.offsets))
        if not len(lost):
            return text
        texts = text.to_pylist()
        for row in lost.tolist():
            of_row = slice(spans.offsets[row], spans.offsets[row + 1])
            lines: list[list[str]] = []
            found = zip(spans.split[row].as_py().split("\n"), spans.starts[of_row], left[of_row], strict=True)
            for sentence, starts, stays in found:
                if starts:
                    lines.append([])
                if stays:
                    lines[-1].append(sentence)
            texts[row] = "\n".join(" ".join(line) for line in lines if line)
        return pa.array(texts, pa.large_string())


def _sums(flags: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """How many flags of each document are set."""
    sums: np.ndarray = np.diff(np.concatenate([[0], np.cumsum(flags)])[offsets])
    return sums
