"""The header of a WARC record: its fields, and what is written in them."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FOLDED = re.compile(r"\r?\n[ \t]+")
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?(?:[Zz]|([+-]\d\d:?\d\d))?)?)?)?",
    re.ASCII,
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)()", re.ASCII)
_FIRST_MOMENT = ("", "1", "1", "0", "0", "0", "")


class Headers(Mapping[str, str]):
    """Header fields by name in any case; names iterate in lower case."""

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def parse_headers(block: bytes) -> Headers:
    """The fields of `block` (lines ended by LF or CRLF; a line that begins with white space continues the one before).

    The first of a repeated field counts, lines without a colon do not; bytes that are not UTF-8 become U+FFFD.
    """
    text = block.decode("utf-8", "replace")
    if "\n " in text or "\n\t" in text:
        text = _FOLDED.sub(" ", text)
    values: dict[str, str] = {}
    for line in reversed(text.split("\n")):
        name, colon, value = line.partition(":")
        if colon:
            values[name.strip().lower()] = value.strip()
    return Headers(values)


def parse_date(text: str) -> int | None:
    """Seconds since 1970 of a WARC-Date; None when it is no date.

    ISO 8601, in UTC unless it gives an offset, fractions of a second cut off. What is missing at its end (WARC 1.1
    allows that) is taken as the first moment it may mean. The 14 digits of the older ARC format are read too.
    """
    match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if match is None:
        return None
    *fields, offset = (part or first for part, first in zip(match.groups(), _FIRST_MOMENT, strict=True))
    year, month, day, hour, minute, second = map(int, fields)
    ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:])) if offset else timedelta()
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return None
    since = moment - _EPOCH + (ahead if offset.startswith("-") else -ahead)
    return since // timedelta(seconds=1)


def bare_uri(text: str) -> str:
    """A URI without the angle brackets WARC 1.0 puts around record ids, and some writers around target URIs."""
    return text[1:-1] if text.startswith("<") and text.endswith(">") else text
