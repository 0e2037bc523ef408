"""What the rules that count words and lines have in common: one count per document, then thresholds in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.document import keep, with_column
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult, nothing_dropped

STATISTICS = "statistics"
Rule = tuple[DropReason, np.ndarray, np.ndarray]
"""A reason, what was measured of each document (float64[n]), and which documents fail (bool[n])."""


class NoReason(DropReason):
    """Of a stage that drops nothing."""


@dataclass(frozen=True, kw_only=True)
class Statistics(Stage):
    """Counts words, lines and repetition; the rules behind it decide from the counts, which stay with the document.

    stop_words, short_line, repetition: as for `kernels.text_statistics`.
    """

    name: ClassVar[str] = STATISTICS
    reasons: ClassVar[type[DropReason]] = NoReason

    stop_words: tuple[str, ...] = ()
    short_line: int = 30
    repetition: bool = True

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        counts = kernels.text_statistics(batch.column("text"), self.stop_words, self.short_line, self.repetition)
        column = pa.StructArray.from_arrays([pa.array(values) for values in counts.values()], names=list(counts))
        return StageResult(with_column(batch, pa.field(STATISTICS, column.type), column))


STATISTICS_FIELD = pa.field(
    STATISTICS,
    pa.struct([(name, pa.int64()) for name in kernels.text_statistics(pa.array([], pa.large_string()), (), 0, False)]),
)


def counted(batch: pa.RecordBatch, name: str) -> np.ndarray:
    """One of the counts of `kernels.text_statistics`, float64[n]."""
    values: np.ndarray = batch.column(STATISTICS).field(name).to_numpy()
    return values.astype(np.float64)


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """NaN, which fails no threshold, where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole != 0)


def apply_rules(batch: pa.RecordBatch, rules: Sequence[Rule]) -> StageResult:
    """Drops each document for the first rule it fails."""
    left = np.ones(batch.num_rows, dtype=bool)
    dropped = nothing_dropped()
    for reason, measured, fails in rules:
        dropped += Dropped.where(left & fails, reason, measured)
        left &= ~fails
    return StageResult(keep(batch, left), dropped)
