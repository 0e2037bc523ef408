"""MediaWiki's XML export: its siteinfo, and its pages one by one.

Pages are cut out of the stream by their tags before they are parsed: a dump can be read from any point, a damaged page
costs that page alone, and a document type with entities, which exports do not have, never reaches the parser.
"""

import re
import xml.parsers.expat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from corpus.faults import Fault, FaultKind, OnFault
from corpus.sources.wiki_pieces import Piece

MAX_PAGE_BYTES = 64 << 20
"""XML of one page, at most; MediaWiki limits wikitext to 2 MiB."""
SITEINFO_BYTES = 1 << 20
"""Where in a dump siteinfo ends, at most."""

_OPEN, _CLOSE = b"<page>", b"</page>"
_DEEPEST = 16


@dataclass(frozen=True)
class SiteInfo:
    """database: such as "enwiki". base: URL of a page of the wiki. namespaces: number -> names."""

    database: str
    language: str
    base: str
    namespaces: Mapping[int, list[str]]


class RawPage(NamedTuple):
    """The XML of one page. offset: of the container it begins in. record: its number among those beginning there."""

    xml: bytes
    offset: int
    record: int


@dataclass
class Page:
    """One page with its last revision in the dump; numbers are None where the dump has none."""

    title: str = ""
    namespace: int | None = None
    page_id: int | None = None
    revision_id: int | None = None
    timestamp: str = ""
    model: str = "wikitext"
    redirect: bool = False
    text: str = ""


OnElement = Callable[[tuple[str, ...], Mapping[str, str], str], None]
"""Called at the end of an element with its path from the root, its attributes and its own text."""


class MalformedPageError(ValueError):
    """The XML of a page that cannot be parsed; the message says why."""


def raw_pages(
    pieces: Iterator[Piece], end: int | None, path: str, on_fault: OnFault, max_page_bytes: int = MAX_PAGE_BYTES
) -> Iterator[RawPage]:
    """The pages that begin in containers before the byte `end` of the file (in all of them, when None).

    A page may run on into later containers. What is larger than `max_page_bytes`, or has no end, is reported as lost.
    """
    cutter = _Cutter(end, path, on_fault, max_page_bytes)
    for piece in pieces:
        if cutter.is_done(piece):
            return
        yield from cutter.add(piece)
    cutter.finish()


class _Cutter:
    def __init__(self, end: int | None, path: str, on_fault: OnFault, max_page_bytes: int) -> None:
        self.end, self.path, self.on_fault, self.max_page_bytes = end, path, on_fault, max_page_bytes
        self.buffer = bytearray()
        self.marks: list[tuple[int, int, bool]] = []  # position in the buffer, offset, whether it advances
        self.inside = False  # the buffer begins with a page
        self.searched = 0
        self.container, self.record = -1, -1

    def is_done(self, piece: Piece) -> bool:
        """Whether no page that may still be asked for begins before `piece`."""
        if self.inside:
            return self._beyond()
        beyond = self.end is not None and piece.offset >= self.end
        return beyond and not any(self.buffer.endswith(_OPEN[:n]) for n in range(1, len(_OPEN)))

    def add(self, piece: Piece) -> Iterator[RawPage]:
        self.marks.append((len(self.buffer), piece.offset, piece.plain))
        self.buffer += piece.data
        while self._enter():
            if self._beyond():
                return
            close = self.buffer.find(_CLOSE, self.searched)
            again = self.buffer.find(_OPEN, max(self.searched, 1), close if close >= 0 else len(self.buffer))
            if again >= 0:
                self._lose(FaultKind.CORRUPT, "a page has no end before the next one", again)
            elif close < 0 or close > self.max_page_bytes:
                self.searched = max(len(self.buffer) - len(_CLOSE) + 1, 1)
                if len(self.buffer) > self.max_page_bytes:
                    self._lose(FaultKind.TOO_LARGE, f"a page of more than {self.max_page_bytes} bytes", self.searched)
                    continue
                return
            else:
                yield self._take(close + len(_CLOSE))

    def finish(self) -> None:
        if self.inside and not self._beyond():
            self._lose(FaultKind.TRUNCATED, "the input ends inside a page", len(self.buffer))

    def _enter(self) -> bool:
        """Moves the buffer to the next page; False when none begins in it."""
        if self.inside:
            return True
        found = self.buffer.find(_OPEN)
        self._drop(found if found >= 0 else max(len(self.buffer) - len(_OPEN) + 1, 0))
        self.inside, self.searched = found >= 0, 1
        return self.inside

    def _place(self) -> tuple[int, int]:
        """The offset and number of the page at the beginning of the buffer."""
        position, offset, plain = self.marks[0]
        if plain:
            return offset - position, 0
        return offset, self.record + 1 if offset == self.container else 0

    def _beyond(self) -> bool:
        return self.end is not None and self._place()[0] >= self.end

    def _take(self, size: int) -> RawPage:
        self.container, self.record = self._place()
        page = RawPage(bytes(self.buffer[:size]), self.container, self.record)
        self._leave(size)
        return page

    def _lose(self, kind: FaultKind, detail: str, size: int) -> None:
        self.container, self.record = self._place()
        self.on_fault(Fault(self.path, self.container, self.record, kind, detail))
        self._leave(size)

    def _leave(self, size: int) -> None:
        self._drop(size)
        self.inside = False

    def _drop(self, size: int) -> None:
        """Takes `size` bytes from the front; marks keep where the rest comes from."""
        del self.buffer[:size]
        moved = [(position - size, offset, plain) for position, offset, plain in self.marks]
        first = max((i for i, mark in enumerate(moved) if mark[0] <= 0), default=0)
        self.marks = moved[first:]


def parse_siteinfo(head: bytes) -> SiteInfo | None:
    """What the beginning of a dump says of its wiki; None when it has no siteinfo that can be parsed."""
    begin, end = head.find(b"<siteinfo"), head.find(b"</siteinfo>")
    if begin < 0 or end < 0:
        return None
    values: dict[str, str] = {}
    namespaces: dict[int, list[str]] = {}

    def on_element(path: tuple[str, ...], attributes: Mapping[str, str], text: str) -> None:
        key = attributes.get("key", "")
        if path[-1] == "namespace" and re.fullmatch(r"-?\d{1,9}", key):
            namespaces.setdefault(int(key), []).append(text)
        else:
            values[path[-1]] = text

    try:
        _parse(head[begin : end + len(b"</siteinfo>")], on_element)
    except MalformedPageError:
        return None
    language = re.search(rb"<mediawiki[^>]*\sxml:lang=[\"']([\w-]{2,20})[\"']", head[:begin])
    return SiteInfo(
        values.get("dbname", ""), language[1].decode() if language else "", values.get("base", ""), namespaces
    )


def parse_page(xml: bytes) -> Page:
    """Raises MalformedPageError when the XML is not well formed, is too deep, or names no page."""
    page = Page()

    def on_element(path: tuple[str, ...], attributes: Mapping[str, str], text: str) -> None:
        match path[1:]:
            case ("title",):
                page.title = text
            case ("ns",):
                page.namespace = _number(text)
            case ("id",):
                page.page_id = _number(text)
            case ("redirect",):
                page.redirect = True
            case ("revision", "id"):
                page.revision_id = _number(text)
            case ("revision", "timestamp"):
                page.timestamp = text
            case ("revision", "model"):
                page.model = text
            case ("revision", "text"):
                page.text = text

    _parse(xml, on_element)
    if not page.title:
        raise MalformedPageError("the page has no title")
    return page


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,18}", text, re.ASCII) else None


def _parse(xml_bytes: bytes, on_element: OnElement) -> None:
    """Calls `on_element` at the end of every element. Entities other than XML's own are errors."""
    parser = xml.parsers.expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.buffer_size = 1 << 20
    path: list[str] = []
    attributes: list[Mapping[str, str]] = []
    texts: list[list[str]] = []

    def start(name: str, values: dict[str, str]) -> None:
        if len(path) >= _DEEPEST:
            raise MalformedPageError(f"elements are nested deeper than {_DEEPEST}")
        path.append(name)
        attributes.append(values)
        texts.append([])

    def end(name: str) -> None:
        on_element(tuple(path), attributes.pop(), "".join(texts.pop()))
        path.pop()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: texts[-1].append(text)
    try:
        parser.Parse(xml_bytes, True)
    except xml.parsers.expat.ExpatError as error:
        raise MalformedPageError(f"XML: {error}") from None
