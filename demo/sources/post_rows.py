"""Posts.xml as Stack Exchange's dumps have it, and the `.7z` it comes in."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

WRITTEN = 1_425_000_000
"""Seconds since 1970: the time an archive says its member is of."""


@dataclass(frozen=True)
class Row:
    """A post by its attributes. damaged: an attribute's quotation mark is missing."""

    attributes: Mapping[str, object]
    damaged: bool = False

    def to_xml(self) -> str:
        written = " ".join(f"{name}={quoteattr(str(value), ENTITIES)}" for name, value in self.attributes.items())
        return f"  <row {written[:-1] if self.damaged else written} />"


ENTITIES = {"\n": "&#xA;", "\r": "&#xD;", '"': "&quot;"}


def posts_xml(rows: Iterable[Row]) -> bytes:
    lines = ['\ufeff<?xml version="1.0" encoding="utf-8"?>', "<posts>", *(row.to_xml() for row in rows), "</posts>"]
    return "\r\n".join(lines).encode()


def write_archive(path: Path, posts: bytes) -> None:
    """The same bytes whenever it is made (by the same liblzma)."""
    import py7zr

    with tempfile.TemporaryDirectory() as folder:
        member = Path(folder) / "Posts.xml"
        member.write_bytes(posts)
        member.chmod(0o644)
        os.utime(member, (WRITTEN, WRITTEN))
        with py7zr.SevenZipFile(path, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 1}]) as archive:
            archive.write(member, member.name)
