"""Stages that decide by comparing documents with each other, and the steps they add to a plan."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from corpus.document import keep
from corpus.pipeline.plan import Step, Task
from corpus.pipeline.stage import Dropped, DropReason, Stage, StageFunction, StageResult
from corpus.pipeline.store import Artifact
from corpus.pipeline.upstream import TaskShare, Upstream


@dataclass(frozen=True)
class Comparison:
    """The work before a stage that compares: steps, all their tasks, what they give each input, and files to show.

    pairs: the file of compared pairs, for publication.
    """

    steps: Sequence[Step]
    tasks: Sequence[Task]
    shares: Sequence[TaskShare]
    pairs: Artifact | None = None


class ComparingStage(Stage):
    """A stage whose decisions on one input depend on the others."""

    @abstractmethod
    def compare(self, documents: Sequence[Upstream]) -> Comparison:
        """Plans the comparison of what reaches this stage from every input, in their order."""


def arrange(stages: Sequence[Stage], documents: Sequence[Upstream]) -> tuple[list[Upstream], list[Comparison]]:
    """What is left of each input behind all the stages, and the comparisons that must come first, in order."""
    comparisons = []
    for stage in stages:
        if isinstance(stage, ComparingStage):
            documents = [one.keeping() for one in documents]
            comparison = stage.compare(documents)
            comparisons.append(comparison)
            documents = [one.then(stage, share) for one, share in zip(documents, comparison.shares, strict=True)]
        else:
            documents = [one.then(stage) for one in documents]
    return list(documents), comparisons


def dropping(rows: np.ndarray, reason: DropReason, values: np.ndarray | None = None) -> StageFunction:
    """Drops the documents with the given numbers, counted from 0 over all batches.

    rows: sorted; values: float64, one for each row.
    """
    position = 0

    def drop(batch: pa.RecordBatch) -> StageResult:
        nonlocal position
        begin, end = np.searchsorted(rows, [position, position + batch.num_rows])
        mask, measured = np.zeros(batch.num_rows, dtype=bool), np.full(batch.num_rows, np.nan)
        mask[rows[begin:end] - position] = True
        if values is not None:
            measured[rows[begin:end] - position] = values[begin:end]
        position += batch.num_rows
        return StageResult(keep(batch, ~mask), Dropped.where(mask, reason, measured))

    return drop
