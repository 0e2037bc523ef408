"""What can be wrong inside an input file: readers report it and go on, keeping what can be read."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any


class FaultKind(str, Enum):
    """A way in which part of an input is unreadable or damaged; `meaning` is its one-sentence explanation.

    loses_record: whether the record named by such a fault is missing from what the reader gives.
    """

    meaning: str
    loses_record: bool

    def __new__(cls, value: str, meaning: str, loses_record: bool) -> "FaultKind":
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.loses_record = loses_record
        return member

    TRUNCATED = "truncated", "The input ends in the middle of a record; what is there of it is not kept.", True
    CORRUPT = "corrupt", "Compressed data does not decode or fails its checksum; the record in it is not kept.", True
    BAD_HEADER = "bad_header", "The record's header does not end where it should; the record is not kept.", True
    BAD_LENGTH = "bad_length", "The record's stated length is missing or wrong; the record is not kept.", True
    TOO_LARGE = "too_large", "The record is larger than the reader's limit and is not kept.", True
    BAD_LINE = "bad_line", "The line is no JSON object with the fields a document needs; it is not kept.", True
    GARBAGE = "garbage", "Bytes that belong to no record were skipped.", False
    UNREADABLE = "unreadable", "Nothing can be made of the file: it is empty, or of another format.", False
    INVALID_UTF8 = "invalid_utf8", "Sequences that are not UTF-8 were read as U+FFFD; the record is kept.", False


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the input `path`.

    offset: byte in the file (of compressed data, where it is compressed), None when unknown. record: number of the
    record it concerns, from 0 over readable and unreadable records alike; None when it concerns none.
    """

    path: str
    offset: int | None
    record: int | None
    kind: FaultKind
    detail: str

    @property
    def loses_record(self) -> bool:
        """Whether the reader leaves out a record because of this fault."""
        return self.record is not None and self.kind.loses_record

    def describe(self) -> str:
        """One line: file, place, kind and detail."""
        place = "" if self.offset is None else f", byte {self.offset}"
        record = "" if self.record is None else f", record {self.record}"
        return f"{self.path}{place}{record}: {self.kind.value}: {self.detail}"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Fault":
        return cls(**{**data, "kind": FaultKind[data["kind"].upper()]})

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "kind": self.kind.value}


OnFault = Callable[[Fault], None]
"""What a reader calls once for every fault it meets."""
