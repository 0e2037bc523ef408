"""A piece of C4 as released: gzipped JSON lines of pages, some of them damaged."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from demo.english import Author
from demo.planted import UNREADABLE, PlantedDocument, planted
from demo.sites import slug
from demo.stream import Stream
from demo.wet import gzip_member
from demo.world import World

FILES = 2
FILE_NAME = "c4-train.{:05d}-of-00002.json.gz"
ORDINARY_PLANTED = 10


def write_c4(out: Path, world: World, *, megabytes: float) -> list[PlantedDocument]:
    """Writes files of about `megabytes` (10^6 bytes of text) together to `out`."""
    author = Author(world, Stream(world.seed, "c4"))
    found: list[PlantedDocument] = []
    for number in range(FILES):
        shard = _Shard(author, FILE_NAME.format(number))
        shard.plant()
        while shard.text_bytes < megabytes * 1e6 / FILES:
            shard.page(author.page().lines)
        author.stream.shuffle(shard.rows)
        (out / shard.name).write_bytes(gzip_member(b"".join(shard.rows)))
        found += shard.planted
    return found


class _Shard:
    """The lines of one file."""

    def __init__(self, author: Author, name: str) -> None:
        self.author, self.stream, self.name = author, author.stream, name
        self.rows: list[bytes] = []
        self.planted: list[PlantedDocument] = []
        self.text_bytes = 0

    def plant(self) -> None:
        author = self.author
        for _ in range(ORDINARY_PLANTED):
            lines = author.page().lines
            self.page(lines, "ordinary page", contains=lines)
        odd = f"  {author.paragraph()}\t\n\n\n\u00a0{author.paragraph()}  "
        self.page([odd], "white space as released", contains=[odd])
        marks = f"{author.paragraph()} \U0001f411 <s> \u2028 \\n {{0}} \u4e2a \x7f"
        self.page([marks], "escaped characters", contains=[marks])
        line = author.paragraph(sentences=30)
        self.page([line], "one long line", contains=[line])
        broken = self._row([author.paragraph()])
        self.damaged(broken[: len(broken) // 2] + b"\n", "cut line")
        self.damaged(b'{"text": 5, "url": "https://page.example/5"}\n', "text that is a number")
        self.damaged(b'{"url": "https://page.example/none", "timestamp": "2019-04-25T12:57:54Z"}\n', "no text")
        self._latin1()

    def page(self, lines: Sequence[str], case: str | None = None, contains: Sequence[str] = ()) -> None:
        url, stamp = self._capture()
        self.rows.append(self._row(lines, url, stamp))
        self.text_bytes += sum(map(len, lines))
        if case is not None:
            self.planted.append(planted(_identity(url, stamp), self.name, case, contains=contains))

    def damaged(self, line: bytes, case: str) -> None:
        self.rows.append(line)
        self.planted.append(planted(f"c4/{case}", self.name, case, UNREADABLE))

    def _latin1(self) -> None:
        """A byte that is no UTF-8, in an otherwise good line."""
        url, stamp = self._capture()
        text = self.author.paragraph()
        row = self._row([f"{text} caf@ {text}"], url, stamp).replace(b"caf@", b"caf\xe9")
        self.rows.append(row)
        contains = [f"{text} caf\ufffd {text}"]
        self.planted.append(planted(_identity(url, stamp), self.name, "byte that is no UTF-8", contains=contains))

    def _row(self, lines: Sequence[str], url: str = "https://page.example/", stamp: str = "") -> bytes:
        return json.dumps({"text": "\n".join(lines), "timestamp": stamp, "url": url}).encode() + b"\n"

    def _capture(self) -> tuple[str, str]:
        stream = self.stream
        url = f"https://{slug(self.author.page().title)[:30]}-{stream.bits(32):08x}.example/{stream.below(9999)}"
        return url, f"2019-04-{stream.between(18, 26)}T{stream.below(24):02}:{stream.below(60):02}:54Z"


def _identity(url: str, stamp: str) -> str:
    """C4 gives its pages no names; a capture's URL and time do."""
    return "c4/" + hashlib.sha1(f"{url}\n{stamp}".encode()).hexdigest()
