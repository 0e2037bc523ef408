"""Stages that decide by comparing documents with each other, and the steps they add to a plan."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from corpus.document import keep
from corpus.identity import Input
from corpus.models.files import ModelFiles
from corpus.pipeline.filtering import Clock, Reading, ReadLog, TaskShare
from corpus.pipeline.plan import Step, Task
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult, described
from corpus.pipeline.store import Artifact, Store


@dataclass(frozen=True)
class Upstream:
    """The documents of one input, a file or a group of them, that reach a stage: how it is read, and the stages before.

    reader: what decides, beside the content of the input, what is read of it (plain JSON). keep: whether reading takes
    so much that what is read is worth keeping from step to step.
    """

    input: Input
    reading: Reading
    models: ModelFiles
    reader: Mapping[str, Any]
    stages: tuple[Stage, ...] = ()
    shares: Mapping[str, TaskShare] = field(default_factory=dict)
    keep: bool = False

    @property
    def pages(self) -> str | None:
        """The key under which what is read is kept."""
        return self.reading.pages(self.input, self.reader) if self.keep else None

    @property
    def identity(self) -> dict[str, Any]:
        """What decides which documents these are, as plain JSON."""
        return {
            "input": self.input.fingerprint,
            "reader": dict(self.reader),
            "stages": [described(stage) for stage in self.stages],
            "models": {name: self.models.sha256(name) for s in self.stages for name in s.model_names(self.models)},
            "shares": {name: share.identity for name, share in self.shares.items()},
        }

    def then(self, stage: Stage, share: TaskShare | None = None) -> "Upstream":
        """What the stage, which may need a share, lets through."""
        shares = self.shares if share is None else {**self.shares, stage.name: share}
        return replace(self, stages=(*self.stages, stage), shares=shares)

    def apart(self) -> "list[Upstream]":
        """The files of the input each by itself, unless a stage before counts the documents of them all."""
        return [self] if self.shares else [replace(self, input=file) for file in self.input.files]

    def batches(self, store: Store, clock: Clock) -> Iterator[pa.RecordBatch]:
        resources = Resources(self.models, {name: share.find(store) for name, share in self.shares.items()})
        chain = [(stage.name, stage.open(resources)) for stage in self.stages]
        log = ReadLog(self.reading.strict)
        for batch in self.reading.keeping(self.input, log, clock, store, self.pages):
            for name, function in chain:
                batch = clock.measure(name, function, batch).kept
            yield batch


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
