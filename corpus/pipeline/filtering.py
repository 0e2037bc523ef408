"""The task every source ends in: read one input, pass its documents through the stages, write kept and dropped."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa

from corpus.document import DROPPED_SCHEMA
from corpus.errors import UnreadableInputError, UserError
from corpus.faults import Fault, FaultKind
from corpus.identity import Input, key_of
from corpus.models.files import ModelFiles
from corpus.pipeline.ledger import Ledger, LedgerError, Measured, count_values, shares_memory
from corpus.pipeline.parquet import ParquetFile
from corpus.pipeline.plan import Progress
from corpus.pipeline.scratch import Kept
from corpus.pipeline.stage import Dropped, Resources, Share, Stage, StageFunction, StageResult
from corpus.pipeline.store import Draft, Store

DOCUMENTS = "documents.parquet"
DROPPED = "dropped.parquet"
Result = TypeVar("Result")
FAULTS_LISTED = 1000
"""Faults described one by one in a task's record; all are counted."""


class Reader(Protocol):
    """Opens one raw input as batches of documents, telling `log` of everything else it finds. Picklable."""

    def __call__(self, path: str, log: "ReadLog") -> Iterator[pa.RecordBatch]: ...


@dataclass
class ReadLog:
    """What reading inputs found.

    before: bytes of the files already read. position: bytes of this one read so far, for progress; where a reader does
    not say, what the last document's origin says is taken.

    counts: `files`, `records`, `documents`, `unreadable` (records), `skipped.TYPE`, `payload_bytes`, `faults.KIND`.

    strict: raise UserError at the first fault instead of counting it.
    """

    strict: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    before: int = field(default=0, compare=False)
    position: int | None = None

    def count(self, name: str, amount: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + amount

    def fault(self, fault: Fault) -> None:
        if self.strict:
            raise UserError(refusal(fault))
        self.count(f"faults.{fault.kind.value}")
        if len(self.faults) < FAULTS_LISTED:
            self.faults.append(fault)

    def as_json(self) -> dict[str, Any]:
        return {"counts": self.counts, "faults": [fault.as_json() for fault in self.faults]}

    def restore(self, data: Mapping[str, Any]) -> None:
        """Says of an input what `as_json` told when it was read."""
        self.counts.update(data["counts"])
        self.faults += map(Fault.from_json, data["faults"])


def refusal(fault: Fault) -> str:
    """What a strict run says of a fault."""
    return f"{fault.describe()}; run without --strict to keep what can be read"


@dataclass(frozen=True)
class Reading:
    """How a file is read: by which reader, how many documents at most, and whether a fault ends the run."""

    reader: Reader
    limit: int | None = None
    strict: bool = False

    def batches(self, path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
        """The first `limit` documents; with a limit, those left over in its last batch are counted as skipped.

        A file of which nothing can be made is a fault like others; strict reading raises its UnreadableInputError.
        """
        log.count("files")
        try:
            yield from self._limited(path, log)
        except UnreadableInputError as error:
            if self.strict:
                raise
            log.fault(Fault(path, None, None, FaultKind.UNREADABLE, str(error).removeprefix(f"{path}: ")))

    def of(self, source: Input, log: ReadLog) -> Iterator[pa.RecordBatch]:
        """Those of each file of an input."""
        for file in source.files:
            yield from self.batches(file.path, log)
            log.before, log.position = log.before + file.size, None

    def pages(self, source: Input, reader: Mapping[str, Any]) -> str:
        """The key under which to keep what is read of an input. reader: what else decides it (plain JSON)."""
        return key_of({"kept": "pages", "input": source.as_json(), "reader": dict(reader), "strict": self.strict})

    def keeping(
        self, source: Input, log: ReadLog, clock: "Clock", store: Store, pages: str | None
    ) -> Iterator[pa.RecordBatch]:
        """Those of an input, kept in the store's scratch under the key `pages` for who reads it after; None: not."""
        kept = None if pages is None else store.scratch.find(pages)
        if kept is not None or pages is None:
            yield from self._kept_or_read(source, log, clock, kept)
            return
        with store.scratch.keep(pages) as keeping:
            for batch in clock.timed("read", self.of(source, log)):
                clock.measure("keep", keeping.write, batch)
                yield batch
            keeping.finish(log.as_json())

    def again(
        self, source: Input, log: ReadLog, clock: "Clock", store: Store, pages: str | None
    ) -> Iterator[pa.RecordBatch]:
        """The same, from what was kept where it was."""
        yield from self._kept_or_read(source, log, clock, None if pages is None else store.scratch.find(pages))

    def _kept_or_read(self, source: Input, log: ReadLog, clock: "Clock", kept: Kept | None) -> Iterator[pa.RecordBatch]:
        if kept is None:
            yield from clock.timed("read", self.of(source, log))
        else:
            log.restore(kept.note)
            yield from clock.timed("read", kept.batches())

    def _limited(self, path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
        left = self.limit
        for batch in self.reader(path, log):
            if left is not None and batch.num_rows >= left:
                over = batch.num_rows - left
                log.count("documents", -over)
                log.count("skipped.over_limit", over)
                yield batch.slice(0, left)
                return
            if left is not None:
                left -= batch.num_rows
            yield batch


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
class FilterTask:
    """Filters one input: a file, a part of one, or a group of files.

    shares: what earlier steps made for the stages, by stage. schema: of the kept documents. categories, magnitudes:
    columns whose values, or powers of two, are counted in the ledger's histograms. span: the bytes of the file from
    which this task's documents come; all of it, when None. pages: the key under which earlier steps may have kept what
    they read.
    """

    key: str
    input: Input
    reading: Reading
    stages: tuple[Stage, ...]
    models: ModelFiles
    shares: Mapping[str, TaskShare]
    schema: pa.Schema
    categories: tuple[str, ...] = ()
    magnitudes: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    pages: str | None = None
    step: str = "filter"

    @property
    def kept(self) -> tuple[str, ...]:
        """What earlier steps may have kept for this task, and none after it."""
        return tuple(key for key in (self.pages, *(share.kept for share in self.shares.values())) if key is not None)

    @property
    def size(self) -> int:
        start, end = self.span or (0, self.input.size)
        return end - start

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        resources = Resources(self.models, {name: share.find(store) for name, share in self.shares.items()})
        chain = [(stage, stage.open(resources)) for stage in self.stages]
        log, ledger = ReadLog(self.reading.strict), Ledger()
        clock = Clock(draft.timings)
        position = 0
        with (
            ParquetFile(draft.directory / DOCUMENTS, self.schema) as kept,
            ParquetFile(draft.directory / DROPPED, DROPPED_SCHEMA) as dropped,
        ):
            for batch in self.reading.again(self.input, log, clock, store, self.pages):
                survivors = run_stages(batch, chain, ledger, dropped, clock)
                clock.measure("write", kept.write, survivors)
                count_values(ledger, survivors, self.categories, self.magnitudes)
                offset = _offset(batch) - (self.span or (0, 0))[0] if log.position is None else log.position
                reached = min(log.before + offset, self.size)
                progress(batch.num_rows, max(reached - position, 0), batch.num_rows - survivors.num_rows)
                position = max(reached, position)
        progress(0, self.size - position)
        draft.spent = self.kept
        ledger.read.update(log.counts)
        ledger.check()
        draft.report = {
            "input": self.input.as_json(),
            "rows": {"documents": kept.rows, "dropped": dropped.rows},
            "ledger": ledger.as_json(),
            "faults": [fault.as_json() for fault in log.faults],
        }


def run_stages(
    batch: pa.RecordBatch,
    chain: Sequence[tuple[Stage, StageFunction]],
    ledger: Ledger,
    dropped: ParquetFile,
    clock: "Clock",
) -> pa.RecordBatch:
    """Passes a batch through the stages in order; counts what each does and writes what each drops.

    Raises LedgerError when a stage loses or invents documents, bytes or lines.
    """
    measured = Measured.of(batch.column("text"))
    for stage, function in chain:
        result = clock.measure(stage.name, function, batch)
        same = shares_memory(result.kept.column("text"), batch.column("text"))
        left = measured if same else Measured.of(result.kept.column("text"))
        _account(ledger, stage, measured, result, left)
        if result.dropped.reasons:
            dropped.write(_dropped_rows(batch, stage, result.dropped))
        batch, measured = result.kept, left
    return batch


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


def _offset(batch: pa.RecordBatch) -> int:
    if batch.num_rows == 0:
        return 0
    return int(batch.column("origin").field("offset")[batch.num_rows - 1].as_py() or 0)


class Clock:
    """Adds up the seconds spent in each activity."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

    def measure(self, name: str, function: Callable[..., Result], *arguments: Any) -> Result:
        start = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    def timed(self, name: str, items: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        while (item := self.measure(name, next, items, None)) is not None:
            yield item
