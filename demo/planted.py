"""The truth about a generated crawl: which pages were planted, and what a correct pipeline does with each."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

KEPT, LINES_REMOVED, DROPPED, UNREADABLE = "kept", "lines_removed", "dropped", "unreadable"


@dataclass(frozen=True)
class Expectation:
    """What should become of a planted page.

    Attributes:
        case: what was planted, such as "repeated_paragraph" or "page_of_299".
        group: the same for pages planted together, such as the copies of one paragraph.
        outcome: "kept": a document with this URL comes out. "lines_removed": so it does, without the lines `removed`.
            "dropped": it is among the dropped, for one of `reasons`. "unreadable": its record is counted as a fault of
            the input, and gives no document or one of what could be read.
        reasons: "stage/reason" names, any of which is right.
        removed: lines of the page, stripped, of which no copy may be in the document.
        kept: lines of the page, stripped, each of which must be in the document exactly once.
        contains: strings that the document's text must contain.
    """

    case: str
    group: str
    outcome: str
    reasons: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlantedPage:
    """A planted page: its URL, the WARC-Record-ID of its record without the brackets, the file name of its shard."""

    url: str
    record_id: str
    shard: str
    expected: Expectation

    def to_json(self) -> str:
        expected = {name: value for name, value in asdict(self.expected).items() if value}
        return json.dumps({"url": self.url, "id": self.record_id, "shard": self.shard, **expected}, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> "PlantedPage":
        row = json.loads(line)
        lists = {name: tuple(row.get(name, ())) for name in ("reasons", "removed", "kept", "contains")}
        expected = Expectation(row["case"], row["group"], row["outcome"], **lists)
        return cls(row["url"], row["id"], row["shard"], expected)


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
