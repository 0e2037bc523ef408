"""What can be wrong inside an input file: readers report it and go on, keeping what can be read."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class FaultKind(str, Enum):
    """A way in which part of an input is unreadable or damaged; `meaning` is its one-sentence explanation.

    `loses_record` tells whether the record named by such a fault is missing from what the reader gives.
    """

    meaning: str
    loses_record: bool

    def __new__(cls, value: str, meaning: str, loses_record: bool) -> "FaultKind":
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.loses_record = loses_record
        return member

    TRUNCATED = ("truncated", "The input ends in the middle of a record; what is there of it is not kept.", True)
    CORRUPT = (
        "corrupt",
        "Compressed data does not decode or fails its checksum; the records in it are not kept.",
        True,
    )
    BAD_HEADER = ("bad_header", "The record's header does not end where it should; the record is not kept.", True)
    BAD_LENGTH = (
        "bad_length",
        "The record's stated length is missing or wrong, so its end is unknown; not kept.",
        True,
    )
    TOO_LARGE = ("too_large", "The record is larger than the reader's limit and is not kept.", True)
    GARBAGE = ("garbage", "Bytes that belong to no record were skipped.", False)
    INVALID_UTF8 = ("invalid_utf8", "The text is not valid UTF-8; it is kept, each bad sequence read as U+FFFD.", False)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the input `path`.

    offset: where in the file, in bytes (of compressed data, where there is any), None when unknown. record: number of the record
    it concerns, counted from 0 over readable and unreadable records alike, None when it concerns none.
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

    def __str__(self) -> str:
        place = "" if self.offset is None else f", byte {self.offset}"
        record = "" if self.record is None else f", record {self.record}"
        return f"{self.path}{place}{record}: {self.kind.value}: {self.detail}"


OnFault = Callable[[Fault], None]
"""What a reader calls once for every fault it meets."""
