"""Dumps of Stack Exchange sites, made for tests."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import py7zr


def row(**attributes: Any) -> str:
    """One <row>; line ends are written as the dumps write them."""
    written = (f"{name}={quoteattr(str(value), {chr(10): '&#xA;'})}" for name, value in attributes.items())
    return f"  <row {' '.join(written)} />"


def question(number: int, **more: Any) -> str:
    fields = {"Score": 1, "Title": f"Title {number}", "Body": f"<p>Question {number}</p>\n", "Tags": "<a><b-c>"}
    dates = {"CreationDate": "2014-05-03T22:19:44.830", "LastActivityDate": "2014-05-04T00:00:00.000"}
    return row(**{"Id": number, "PostTypeId": 1, **dates, **fields, **more})


def answer(number: int, parent: int, score: int = 0, **more: Any) -> str:
    fields = {"Body": f"<p>Answer {number}</p>\n", "CreationDate": f"2014-05-03T22:20:{number % 60:02}.000"}
    return row(**{"Id": number, "PostTypeId": 2, "ParentId": parent, "Score": score, **fields, **more})


def posts_xml(rows: Iterable[str]) -> bytes:
    lines = ['\ufeff<?xml version="1.0" encoding="utf-8"?>', "<posts>", *rows, "</posts>"]
    return "\n".join(lines).encode()


def archive(path: Path, members: dict[str, bytes]) -> None:
    with py7zr.SevenZipFile(path, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 0}]) as file:
        for name, data in members.items():
            file.writestr(data, name)
