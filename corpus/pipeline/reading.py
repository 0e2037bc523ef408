"""How inputs are read, and what is told of them: documents, counts, faults."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from corpus.errors import UnreadableInputError, UserError
from corpus.faults import Fault, FaultKind
from corpus.identity import Input

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
