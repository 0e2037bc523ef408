"""What was planted in a generated crawl, held against what the filter made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from corpus.inspection.summary import load_run
from demo.planted import DROPPED, UNREADABLE, Expectation, PlantedPage


@dataclass(frozen=True)
class CaseResult:
    """Of one planted case: pages planted, pages that came out as expected, and what happened to the others."""

    case: str
    planted: int
    found: int
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What a filter run made of a crawl.

    texts: id -> text of kept documents. reasons: id -> "stage/reason" of dropped ones. damaged: names of input files
    with a record that could not be read.
    """

    texts: Mapping[str, str]
    reasons: Mapping[str, str]
    damaged: frozenset[str]


def outcome_of(directory: Path) -> Outcome:
    """Raises UserError when `directory` holds no finished filter run."""
    _, stats = load_run(directory)
    kept = pq.read_table(directory / "documents", columns=["id", "text"]).to_pydict()
    dropped = pq.read_table(directory / "dropped", columns=["id", "stage", "reason"]).to_pylist()
    return Outcome(
        dict(zip(kept["id"], kept["text"], strict=True)),
        {row["id"]: f"{row['stage']}/{row['reason']}" for row in dropped},
        frozenset(Path(fault["path"]).name for fault in stats["faults"] if fault["record"] is not None),
    )


def check(pages: Iterable[PlantedPage], outcome: Outcome) -> list[CaseResult]:
    """One result per case, in order of first appearance."""
    verdicts: dict[str, list[str | None]] = {}
    for page in pages:
        verdicts.setdefault(page.expected.case, []).append(_fault(page, outcome))
    return [
        CaseResult(case, len(faults), faults.count(None), tuple(fault for fault in faults if fault is not None))
        for case, faults in verdicts.items()
    ]


def _fault(page: PlantedPage, outcome: Outcome) -> str | None:
    """What is wrong with a planted page's fate, None when nothing is."""
    identity = f"commoncrawl/{page.record_id.removeprefix('urn:uuid:')}"
    text, reason, expected = outcome.texts.get(identity), outcome.reasons.get(identity), page.expected
    if expected.outcome == UNREADABLE:
        lost = text is None and reason is None and page.shard in outcome.damaged
        return None if lost else f"{page.url}: not counted as unreadable"
    if expected.outcome == DROPPED:
        return None if reason in expected.reasons else f"{page.url}: {reason or 'kept'}, not {expected.reasons}"
    if text is None:
        return f"{page.url}: {reason or 'not there'}, not kept"
    return _line_fault(page.url, text, expected)


def _line_fault(url: str, text: str, expected: Expectation) -> str | None:
    lines = text.split("\n")
    for line in expected.removed:
        if line in lines:
            return f"{url}: still has {line[:60]!r}"
    for line in expected.kept:
        if lines.count(line) != 1:
            return f"{url}: has {line[:60]!r} {lines.count(line)} times, not once"
    for part in expected.contains:
        if part not in text:
            return f"{url}: lacks {part[:60]!r}"
    return None
