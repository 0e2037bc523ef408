"""The truth about generated inputs: what was planted in them, and what a correct pipeline does with it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

KEPT, LINES_REMOVED, DROPPED, UNREADABLE = "kept", "lines_removed", "dropped", "unreadable"
SKIPPED = "skipped"


@dataclass(frozen=True)
class Expectation:
    """What should become of something planted.

    Attributes:
        case: what was planted, such as "repeated_paragraph" or "page_of_299".
        group: the same for pages planted together, such as the copies of one paragraph.
        outcome: "kept": a document with this URL comes out. "lines_removed": so it does, without the lines `removed`.
            "dropped": it is among the dropped, for one of `reasons`. "unreadable": its record is counted as a fault of
            the input, and gives no document or one of what could be read. "skipped": it is no document of its own, and
            counted so when read, as one of `reasons`.
        reasons: "stage/reason" names, or those of what is skipped, any of which is right.
        removed: lines of the page, stripped, of which no copy may be in the document.
        kept: lines of the page, stripped, each of which must be in the document exactly once.
        contains: strings that the document's text must contain.
        lacks: strings that must not be in it.
    """

    case: str
    group: str
    outcome: str
    reasons: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlantedDocument:
    """Something planted in a source: the id of the document made of it, and the name of the file it is in."""

    identity: str
    file: str
    expected: Expectation

    @property
    def name(self) -> str:
        return self.identity

    def to_json(self) -> str:
        return json.dumps({"id": self.identity, "file": self.file, **_filled(self.expected)}, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> "PlantedDocument":
        row = json.loads(line)
        return cls(row["id"], row["file"], _expectation(row))


def planted(
    identity: str,
    file: str,
    case: str,
    outcome: str = KEPT,
    reasons: tuple[str, ...] = (),
    *,
    kept: Iterable[str] = (),
    contains: Iterable[str] = (),
    lacks: Iterable[str] = (),
) -> PlantedDocument:
    """A document planted alone."""
    expected = Expectation(case, case, outcome, reasons, kept=tuple(kept), contains=tuple(contains), lacks=tuple(lacks))
    return PlantedDocument(identity, file, expected)


@dataclass(frozen=True)
class PlantedPage:
    """A planted page: its URL, the WARC-Record-ID of its record without the brackets, the file name of its shard."""

    url: str
    record_id: str
    shard: str
    expected: Expectation

    @property
    def identity(self) -> str:
        return f"commoncrawl/{self.record_id.removeprefix('urn:uuid:')}"

    @property
    def name(self) -> str:
        return self.url

    @property
    def file(self) -> str:
        return self.shard

    def to_json(self) -> str:
        own = {"url": self.url, "id": self.record_id, "shard": self.shard}
        return json.dumps({**own, **_filled(self.expected)}, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> "PlantedPage":
        row = json.loads(line)
        return cls(row["url"], row["id"], row["shard"], _expectation(row))


def _filled(expected: Expectation) -> dict[str, Any]:
    return {name: value for name, value in asdict(expected).items() if value}


def _expectation(row: Mapping[str, Any]) -> Expectation:
    lists = {name: tuple(row.get(name, ())) for name in ("reasons", "removed", "kept", "contains", "lacks")}
    return Expectation(row["case"], row["group"], row["outcome"], **lists)


@dataclass(frozen=True)
class Planted:
    """A generated crawl.

    Attributes:
        truth: the file with one planted page a line (JSON), in the order of generation.
        files: the WET files.
        pages: all pages written, planted or not, the cut one included.
        text_bytes: bytes of their text.
        counts: planted pages by case.
    """

    truth: Path
    files: tuple[Path, ...]
    pages: int
    text_bytes: int
    counts: Counter[str]

    def rows(self) -> Iterator[PlantedPage]:
        """The planted pages, read from `truth` one by one."""
        with self.truth.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                yield PlantedPage.from_json(line)
