"""Counts that conserve: what enters a stage is kept, dropped for a named reason, or removed inside kept documents."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

import kernels


@dataclass
class Amount:
    """Documents, UTF-8 bytes of text, and lines (a text of n newlines has n + 1; an empty one has none)."""

    documents: int = 0
    bytes: int = 0
    lines: int = 0

    def __iadd__(self, other: "Amount") -> "Amount":
        self.documents += other.documents
        self.bytes += other.bytes
        self.lines += other.lines
        return self

    def as_json(self) -> dict[str, int]:
        return {"documents": self.documents, "bytes": self.bytes, "lines": self.lines}

    @classmethod
    def from_json(cls, data: Mapping[str, int]) -> "Amount":
        return cls(data["documents"], data["bytes"], data["lines"])


@dataclass(frozen=True)
class Measured:
    """Per document of a batch: UTF-8 bytes and lines, both int64[n]."""

    bytes: np.ndarray
    lines: np.ndarray

    @classmethod
    def of(cls, text: pa.LargeStringArray) -> "Measured":
        offsets = np.frombuffer(text.buffers()[1], dtype=np.int64)[text.offset : text.offset + len(text) + 1]
        return cls(np.diff(offsets), kernels.count_lines(text))

    def total(self) -> Amount:
        return Amount(len(self.bytes), int(self.bytes.sum()), int(self.lines.sum()))

    def of_rows(self, rows: np.ndarray) -> Amount:
        return Amount(len(rows), int(self.bytes[rows].sum()), int(self.lines[rows].sum()))


def shares_memory(text: pa.LargeStringArray, other: pa.LargeStringArray) -> bool:
    """Whether both are the same values at the same place."""
    places = [
        [array.offset, len(array), *(None if buffer is None else buffer.address for buffer in array.buffers())]
        for array in (text, other)
    ]
    return places[0] == places[1]


class LedgerError(AssertionError):
    """Documents, bytes or lines went missing between a stage's input and output: a defect of the stage."""


@dataclass
class StageLedger:
    """What one stage did to the documents that reached it. counters: what else it counted, by name."""

    stage: str
    entered: Amount = field(default_factory=Amount)
    kept: Amount = field(default_factory=Amount)
    dropped: dict[str, Amount] = field(default_factory=dict)
    removed_bytes: int = 0
    removed_lines: int = 0
    counters: Counter[str] = field(default_factory=Counter)

    def drop(self, reason: str, amount: Amount) -> None:
        total = self.dropped.setdefault(reason, Amount())
        total += amount

    def check(self) -> None:
        """Raises LedgerError unless entered = kept + dropped + removed in documents, bytes and lines."""
        total = Amount(self.kept.documents, self.kept.bytes + self.removed_bytes, self.kept.lines + self.removed_lines)
        for amount in self.dropped.values():
            total += amount
        if total != self.entered:
            raise LedgerError(f"stage {self.stage}: {self.entered} entered but {total} is accounted for")

    def add(self, other: "StageLedger") -> None:
        self.entered += other.entered
        self.kept += other.kept
        for reason, amount in other.dropped.items():
            self.drop(reason, amount)
        self.removed_bytes += other.removed_bytes
        self.removed_lines += other.removed_lines
        self.counters.update(other.counters)

    def as_json(self) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "in": self.entered.as_json(),
            "kept": self.kept.as_json(),
            "dropped": {reason: amount.as_json() for reason, amount in sorted(self.dropped.items())},
            "removed": {"bytes": self.removed_bytes, "lines": self.removed_lines},
            **({"counters": dict(sorted(self.counters.items()))} if self.counters else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "StageLedger":
        return cls(
            data["stage"],
            Amount.from_json(data["in"]),
            Amount.from_json(data["kept"]),
            {reason: Amount.from_json(amount) for reason, amount in data["dropped"].items()},
            data["removed"]["bytes"],
            data["removed"]["lines"],
            Counter(data.get("counters", {})),
        )


@dataclass
class Ledger:
    """Everything counted by one task, or by a run: what was read, each stage in order, and histograms of columns.

    read: records read, records skipped by type, faults by kind. histograms: column -> value or power-of-two bin -> n.
    """

    read: Counter[str] = field(default_factory=Counter)
    stages: dict[str, StageLedger] = field(default_factory=dict)
    histograms: dict[str, Counter[str]] = field(default_factory=dict)

    def stage(self, name: str) -> StageLedger:
        return self.stages.setdefault(name, StageLedger(name))

    def check(self) -> None:
        """Raises LedgerError unless every stage conserves and passes on what it kept.

        The records of the input are accounted for too: each became a document, was skipped, or was unreadable.
        """
        before: StageLedger | None = None
        for stage in self.stages.values():
            stage.check()
            if before is not None and stage.entered != before.kept:
                raise LedgerError(f"stage {stage.stage}: {stage.entered} entered but {before.kept} left {before.stage}")
            before = stage
        skipped = sum(n for key, n in self.read.items() if key.startswith("skipped."))
        if self.read["records"] != self.read["documents"] + skipped + self.read["unreadable"]:
            raise LedgerError(f"reading: {dict(self.read)} does not add up")

    def add(self, other: "Ledger") -> None:
        self.read.update(other.read)
        for name, stage in other.stages.items():
            self.stage(name).add(stage)
        for column, counts in other.histograms.items():
            self.histograms.setdefault(column, Counter()).update(counts)

    def as_json(self) -> dict[str, Any]:
        return {
            "read": dict(sorted(self.read.items())),
            "stages": [stage.as_json() for stage in self.stages.values()],
            "histograms": {column: dict(sorted(counts.items())) for column, counts in sorted(self.histograms.items())},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Ledger":
        return cls(
            Counter(data["read"]),
            {stage["stage"]: StageLedger.from_json(stage) for stage in data["stages"]},
            {column: Counter(counts) for column, counts in data["histograms"].items()},
        )


def merged(ledgers: Iterable[Ledger]) -> Ledger:
    total = Ledger()
    for ledger in ledgers:
        total.add(ledger)
    return total


def count_values(ledger: Ledger, batch: pa.RecordBatch, categories: Iterable[str], magnitudes: Iterable[str]) -> None:
    """Adds a batch to the ledger's histograms: value counts, and bins [2^k, 2^(k+1)) named by their lower edge."""
    for column in categories:
        counts = batch.column(column).value_counts()
        pairs = zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)
        ledger.histograms.setdefault(column, Counter()).update({str(value): n for value, n in pairs})
    for column in magnitudes:
        values = batch.column(column).drop_null().to_numpy(zero_copy_only=False).astype(np.float64)
        exponents, counts = np.unique(np.frexp(values)[1] - 1, return_counts=True)
        bins = {f"2^{exponent}": int(n) for exponent, n in zip(exponents, counts, strict=True)}
        ledger.histograms.setdefault(column, Counter()).update(bins)
