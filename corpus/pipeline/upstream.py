"""Documents on their way through stages: the prefix of a filter that comes before a comparison, or all of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from corpus.document import DROPPED_SCHEMA
from corpus.identity import Input, key_of
from corpus.models.files import ModelFiles
from corpus.pipeline.clock import Clock
from corpus.pipeline.ledger import Ledger, LedgerError, Measured, shares_memory
from corpus.pipeline.reading import Reading, ReadLog
from corpus.pipeline.scratch import Kept
from corpus.pipeline.stage import Dropped, Resources, Share, Stage, StageFunction, StageResult, described
from corpus.pipeline.store import Store


@dataclass(frozen=True)
class TaskShare:
    """A Share before it is looked up in a store: (step, key) of the tasks that made it, and the input's number.

    The tasks differ only in which part of the whole they make, so the first stands for all of them in `identity`.
    kept: the key under which something may have been kept for this input.
    """

    tasks: tuple[tuple[str, str], ...]
    number: int
    kept: str | None = None

    @property
    def identity(self) -> list[Any]:
        """What decides the content, as plain JSON."""
        return [*self.tasks[0], len(self.tasks), self.number]

    def find(self, store: Store) -> Share:
        kept = None if self.kept is None else store.scratch.find(self.kept)
        return Share(tuple(store.directory(step, key) for step, key in self.tasks), self.number, kept)


@dataclass(frozen=True)
class Passed:
    """What stages made of one batch: the documents left, and the rows of DROPPED_SCHEMA of each stage that dropped
    some, in their order."""

    batch: pa.RecordBatch
    dropped: tuple[pa.RecordBatch, ...] = ()

    @property
    def entered(self) -> int:
        """Documents, before the stages."""
        return self.batch.num_rows + sum(rows.num_rows for rows in self.dropped)

    def then(self, later: "Passed") -> "Passed":
        return Passed(later.batch, (*self.dropped, *later.dropped))


@dataclass(frozen=True)
class Upstream:
    """The documents of one input, a file or a group of them, behind some stages: how it is read, and the stages.

    reader: what decides, beside the content of the input, what is read of it (plain JSON). shares: what earlier steps
    made for the stages, by stage. keep: whether making them takes so much that they are worth keeping from step to
    step. kept: where they may be found, as numbers of stages behind which they are and their keys, fewest stages first.
    """

    input: Input
    reading: Reading
    models: ModelFiles
    reader: Mapping[str, Any]
    stages: tuple[Stage, ...] = ()
    shares: Mapping[str, TaskShare] = field(default_factory=dict)
    keep: bool = False
    kept: tuple[tuple[int, str], ...] = ()

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

    def keeping(self) -> "Upstream":
        """The same, to be kept by who first makes them, where they are worth it."""
        if not self.keep:
            return self
        decided = {**self.identity, "input": self.input.as_json(), "strict": self.reading.strict}
        return replace(self, kept=(*self.kept, (len(self.stages), key_of({"kept": "documents", **decided}))))

    def apart(self) -> "list[Upstream]":
        """The files of the input each by itself, unless a stage before counts the documents of them all."""
        if self.shares or len(self.input.files) == 1:
            return [self]
        return [replace(self, input=file, kept=()) for file in self.input.files]

    def resources(self, store: Store) -> Resources:
        return Resources(self.models, {name: share.find(store) for name, share in self.shares.items()})

    def batches(self, store: Store, clock: Clock) -> Iterator[pa.RecordBatch]:
        """The documents, from what was kept of them if it was; else they are kept now, if they are to be."""
        log, ledger = ReadLog(self.reading.strict), Ledger()
        passed = self.passed(store, clock, log, ledger)
        *others, (behind, key) = self.kept or [(-1, "")]
        if behind < len(self.stages) or store.scratch.find(key) is not None:
            yield from (each.batch for each in passed)
            return
        with store.scratch.keep(key) as keeping:
            for each in passed:
                clock.measure("keep", keeping.write, each.batch, _as_bytes(each.dropped))
                yield each.batch
            keeping.finish({"read": log.as_json(), "ledger": ledger.as_json()})
        store.scratch.discard(other for _, other in others)

    def passed(self, store: Store, clock: Clock, log: ReadLog, ledger: Ledger) -> Iterator[Passed]:
        """Every batch of the input behind the stages, what they dropped with it; log and ledger are told of it all.

        Raises LedgerError when a stage loses or invents documents, bytes or lines.
        """
        behind, batches = self._read(store, log, ledger)
        resources = self.resources(store)
        chain = [(stage, stage.open(resources)) for stage in self.stages[behind:]]
        for each in clock.timed("read", batches):
            yield each.then(run_stages(each.batch, chain, ledger, clock))

    def _read(self, store: Store, log: ReadLog, ledger: Ledger) -> tuple[int, Iterator[Passed]]:
        """The input behind as many stages as it was kept behind, or behind none; and the number of those stages."""
        for behind, key in reversed(self.kept):
            kept = store.scratch.find(key)
            if kept is not None:
                log.restore(kept.note["read"])
                ledger.add(Ledger.from_json(kept.note["ledger"]))
                return behind, _restored(kept)
        return 0, map(Passed, self.reading.of(self.input, log))


def _restored(kept: Kept) -> Iterator[Passed]:
    for batch, beside in kept.batches():
        yield Passed(batch, _from_bytes(beside))


def _as_bytes(dropped: Sequence[pa.RecordBatch]) -> bytes:
    if not dropped:
        return b""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, DROPPED_SCHEMA) as stream:
        for rows in dropped:
            stream.write_batch(rows)
    return sink.getvalue().to_pybytes()


def _from_bytes(data: bytes) -> tuple[pa.RecordBatch, ...]:
    return tuple(pa.ipc.open_stream(data)) if data else ()


def run_stages(
    batch: pa.RecordBatch, chain: Sequence[tuple[Stage, StageFunction]], ledger: Ledger, clock: Clock
) -> Passed:
    """Passes a batch through the stages in order; counts what each does.

    Raises LedgerError when a stage loses or invents documents, bytes or lines.
    """
    dropped = []
    measured = Measured.of(batch.column("text"))
    for stage, function in chain:
        result = clock.measure(stage.name, function, batch)
        same = shares_memory(result.kept.column("text"), batch.column("text"))
        left = measured if same else Measured.of(result.kept.column("text"))
        _account(ledger, stage, measured, result, left)
        if result.dropped.reasons:
            dropped.append(_dropped_rows(batch, stage, result.dropped))
        batch, measured = result.kept, left
    return Passed(batch, tuple(dropped))


def _account(ledger: Ledger, stage: Stage, measured: Measured, result: StageResult, left: Measured) -> None:
    entry = ledger.stage(stage.name)
    entry.entered += measured.total()
    entry.kept += left.total()
    for reason in set(result.dropped.reasons):
        rows = result.dropped.rows[[r is reason for r in result.dropped.reasons]]
        entry.drop(reason.value, measured.of_rows(rows))
    entry.removed_bytes += result.removed_bytes
    entry.removed_lines += result.removed_lines
    entry.counters.update(result.counters)
    if len(np.unique(result.dropped.rows)) != len(result.dropped.rows):
        raise LedgerError(f"stage {stage.name}: a document was dropped twice")


def _dropped_rows(batch: pa.RecordBatch, stage: Stage, dropped: Dropped) -> pa.RecordBatch:
    rows = batch.select(["id", "url", "origin"]).take(pa.array(dropped.rows))
    columns = [
        *rows.columns,
        pa.array([stage.name] * len(dropped.rows)),
        pa.array([reason.value for reason in dropped.reasons]),
        pa.array(dropped.values, from_pandas=True),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=DROPPED_SCHEMA)
