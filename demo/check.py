"""What was planted in generated inputs, held against what the filter made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow.parquet as pq

from corpus.inspection.summary import load_run
from demo.planted import DROPPED, SKIPPED, UNREADABLE, Expectation


class Planting(Protocol):
    """Something planted: the id of the document made of it, a name for messages, the input file it is in."""

    @property
    def identity(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def expected(self) -> Expectation: ...


@dataclass(frozen=True)
class CaseResult:
    """Of one planted case: how often it was planted, how often all went as expected, what happened otherwise."""

    case: str
    planted: int
    found: int
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What a filter run made of its inputs.

    texts: id -> text of kept documents. reasons: id -> "stage/reason" of dropped ones. damaged: names of input files
    with a record that could not be read. skipped: kinds of records that were read and are no documents.
    """

    texts: Mapping[str, str]
    reasons: Mapping[str, str]
    damaged: frozenset[str]
    skipped: frozenset[str]


def outcome_of(directory: Path) -> Outcome:
    """Raises UserError when `directory` holds no finished filter run."""
    _, stats = load_run(directory)
    kept = pq.read_table(directory / "documents", columns=["id", "text"]).to_pydict()
    dropped = pq.read_table(directory / "dropped", columns=["id", "stage", "reason"]).to_pylist()
    return Outcome(
        dict(zip(kept["id"], kept["text"], strict=True)),
        {row["id"]: f"{row['stage']}/{row['reason']}" for row in dropped},
        frozenset(Path(fault["path"]).name for fault in stats["faults"] if fault["record"] is not None),
        frozenset(name.removeprefix("skipped.") for name, count in stats["read"].items() if count),
    )


def check(plantings: Iterable[Planting], outcome: Outcome) -> list[CaseResult]:
    """One result per case, in order of first appearance."""
    verdicts: dict[str, list[str | None]] = {}
    for planting in plantings:
        verdicts.setdefault(planting.expected.case, []).append(_fault(planting, outcome))
    return [
        CaseResult(case, len(faults), faults.count(None), tuple(fault for fault in faults if fault is not None))
        for case, faults in verdicts.items()
    ]


def _fault(planting: Planting, outcome: Outcome) -> str | None:
    """What is wrong with the fate of what was planted, None when nothing is."""
    name, expected = planting.name, planting.expected
    text, reason = outcome.texts.get(planting.identity), outcome.reasons.get(planting.identity)
    if expected.outcome == UNREADABLE:
        lost = text is None and reason is None and planting.file in outcome.damaged
        return None if lost else f"{name}: not counted as unreadable"
    if expected.outcome == SKIPPED:
        passed = text is None and reason is None and not outcome.skipped.isdisjoint(expected.reasons)
        return None if passed else f"{name}: {reason or 'kept or not counted'}, not skipped as {expected.reasons}"
    if expected.outcome == DROPPED:
        return None if reason in expected.reasons else f"{name}: {reason or 'kept'}, not {expected.reasons}"
    if text is None:
        return f"{name}: {reason or 'not there'}, not kept"
    return _line_fault(name, text, expected)


def _line_fault(name: str, text: str, expected: Expectation) -> str | None:
    lines = text.split("\n")
    for line in expected.removed:
        if line in lines:
            return f"{name}: still has {line[:60]!r}"
    for line in expected.kept:
        if lines.count(line) != 1:
            return f"{name}: has {line[:60]!r} {lines.count(line)} times, not once"
    for part in expected.contains:
        if part not in text:
            return f"{name}: lacks {part[:60]!r}"
    for part in expected.lacks:
        if part in text:
            return f"{name}: holds {part[:60]!r}"
    return None
