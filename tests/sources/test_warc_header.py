"""Header fields and dates."""

import calendar
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sources.warc_header import bare_uri, parse_date, parse_headers


def test_names_match_in_any_case() -> None:
    headers = parse_headers(b"WARC-Type: conversion\r\ncontent-LENGTH:12")
    assert headers["Warc-Type"] == headers["WARC-TYPE"] == "conversion"
    assert headers["Content-Length"] == "12"
    assert "content-length" in headers
    assert "Content-Lengt" not in headers
    assert headers.get("WARC-Date") is None
    assert sorted(headers) == ["content-length", "warc-type"]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_continuation_lines_and_odd_lines(newline: bytes) -> None:
    lines = [b"A: one", b"  two", b"\tthree", b"no colon here", b"B :  spaced\t", b"C:", b"A: second", b"U: a:b"]
    headers = parse_headers(newline.join(lines))
    assert dict(headers) == {"a": "one two three", "b": "spaced", "c": "", "u": "a:b"}


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    assert parse_headers(b"A: caf\xc3\xa9 \xff")["a"] == "café \ufffd"


@given(st.binary())
def test_any_bytes_are_a_header_block(block: bytes) -> None:
    for name, value in parse_headers(block).items():
        assert (name.encode(), value.encode(), name.lower()) == (name.encode(), value.encode(), name)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-08-21T16:08:43Z", (2026, 8, 21, 16, 8, 43)),
        ("2026-08-21T16:08:43.987654Z", (2026, 8, 21, 16, 8, 43)),
        ("2026-08-21T16:08:43,9Z", (2026, 8, 21, 16, 8, 43)),
        ("2026-08-21t16:08:43z", (2026, 8, 21, 16, 8, 43)),
        ("2026-08-21 16:08:43", (2026, 8, 21, 16, 8, 43)),
        ("2019-08-15T01:02", (2019, 8, 15, 1, 2, 0)),
        ("2019-08-15", (2019, 8, 15, 0, 0, 0)),
        ("2019-08", (2019, 8, 1, 0, 0, 0)),
        ("2019", (2019, 1, 1, 0, 0, 0)),
        ("20080430204825", (2008, 4, 30, 20, 48, 25)),
        ("2020-02-29T00:00:00Z", (2020, 2, 29, 0, 0, 0)),
        ("2020-01-01T00:30:00+01:00", (2019, 12, 31, 23, 30, 0)),
        ("2019-12-31T22:00:00-0230", (2020, 1, 1, 0, 30, 0)),
        ("1969-12-31T23:59:59.5Z", (1969, 12, 31, 23, 59, 59)),
    ],
)
def test_dates(text: str, wanted: tuple[int, ...]) -> None:
    assert parse_date(text) == calendar.timegm((*wanted, 0, 0, 0))


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "Thu, 15 Aug 2019", "99999", "200804302048", "2019-1-1", "2019-08-15T", "2019-08-15T14"),
        *("2019-02-29", "2019-13-01", "2019-00-01", "0000-01-01", "2019-08-15T24:00:00Z", "2019-08-15T14:06:11Zx"),
        "٢٠١٩-٠١-٠١",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text) is None


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_iso_dates_of_any_zone(moment: datetime, minutes: int) -> None:
    zoned = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert parse_date(zoned.isoformat()) == (zoned - epoch) // timedelta(seconds=1)


@given(st.text())
def test_any_text_may_be_asked_for_its_date(text: str) -> None:
    parse_date(text)


def test_angle_brackets_are_taken_off_a_uri() -> None:
    assert bare_uri("<urn:uuid:1>") == "urn:uuid:1"
    assert bare_uri("http://a/?q=<b>") == "http://a/?q=<b>"
    assert bare_uri("<") == "<"
    assert bare_uri("<>") == ""
