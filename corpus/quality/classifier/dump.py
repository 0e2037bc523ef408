"""The articles of a MediaWiki XML dump (pages-articles), read as a stream."""

import bz2
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, cast
from xml.parsers import expat

import fsspec

from corpus.errors import UserError

CHUNK_BYTES = 1 << 20
LARGEST_PAGE = 64 << 20
"""Characters of a page's text; MediaWiki allows 2 MiB."""

_DEEPEST = 50
_LONGEST_VALUE = 1 << 20  # characters of a title, a namespace or its name
_ROOT = "mediawiki"


@dataclass
class DumpReader:
    """Reads the text of articles: pages of namespace 0 that redirect nowhere.

    pages, articles, redirects, other_namespaces, too_large: counted while reading. size: bytes read of the files.
    """

    pages: int = field(default=0, init=False)
    articles: int = field(default=0, init=False)
    redirects: int = field(default=0, init=False)
    other_namespaces: int = field(default=0, init=False)
    too_large: int = field(default=0, init=False)

    def read(self, path: str) -> Iterator[str]:
        """The wikitext of every article of a dump: plain, gzip or bzip2 (of one stream or many), whatever its name.

        Memory is bounded by LARGEST_PAGE; of a page above that there is no text. Raises UserError for a file that
        cannot be read to its end, is no MediaWiki dump, or is XML such as no dump has: a DOCTYPE, very deep nesting.
        """
        handler = _Pages()
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.characters
        parser.StartDoctypeDeclHandler = _refuse_doctype
        size = 0
        try:
            for chunk in _chunks(path):
                size += len(chunk)
                parser.Parse(chunk)
                if size - parser.CurrentByteIndex > LARGEST_PAGE:
                    raise ValueError(f"a tag of more than {LARGEST_PAGE >> 20} MiB")
                yield from self._articles(handler)
            parser.Parse(b"", True)
            yield from self._articles(handler)
        except (OSError, EOFError, zlib.error) as error:
            raise UserError(f"{path}: not readable after {size:,} bytes of XML ({error}); download it again") from None
        except (expat.ExpatError, ValueError) as error:
            raise UserError(
                f"{path}: not a whole MediaWiki dump ({error}); give a pages-articles XML file, as downloaded"
            ) from None

    def _articles(self, handler: "_Pages") -> Iterator[str]:
        for page in handler.take():
            self.pages += 1
            if page.namespace != 0:
                self.other_namespaces += 1
            elif page.redirects:
                self.redirects += 1
            elif page.too_large:
                self.too_large += 1
            else:
                self.articles += 1
                yield "".join(page.text)


def _refuse_doctype(*declaration: object) -> None:
    raise ValueError("it has a DOCTYPE, which no dump has")


def _chunks(path: str) -> Iterator[bytes]:
    with fsspec.open(path, "rb") as raw:
        start = raw.read(3)
        raw.seek(0)
        stream = cast(BinaryIO, raw)
        if start == b"BZh":
            stream = cast(BinaryIO, bz2.BZ2File(raw))
        elif start[:2] == b"\x1f\x8b":
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw))
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk


@dataclass
class _Page:
    title: str = ""
    namespace: int | None = None
    redirects: bool = False
    text: list[str] = field(default_factory=list)
    size: int = 0

    @property
    def too_large(self) -> bool:
        return self.size > LARGEST_PAGE


class _Pages:
    """Makes pages of the parser's events.

    Elements are told by name and depth, so that nothing inside another element passes for them. Dumps before 2012 have
    no `<ns>`: there the namespace is the one that the title begins with.
    """

    def __init__(self) -> None:
        self._path: list[str] = []
        self._done: list[_Page] = []
        self._page = _Page()
        self._value: str | None = None
        self._namespaces: dict[str, int] = {}
        self._key = 0

    def take(self) -> list[_Page]:
        done, self._done = self._done, []
        return done

    def start(self, qualified: str, attributes: dict[str, str]) -> None:
        name = qualified.rpartition(" ")[2]
        if not self._path and name != _ROOT:
            raise ValueError(f"its root element is <{name[:40]}>, not <{_ROOT}>")
        if len(self._path) >= _DEEPEST:
            raise ValueError("elements nested too deeply")
        self._path.append(name)
        match self._path[1:]:
            case ["page"]:
                self._page = _Page()
            case ["page", "redirect"]:
                self._page.redirects = True
            case ["page", "revision", "text"]:
                self._page.text, self._page.size = [], 0  # of several revisions the last
            case ["page", "title"] | ["page", "ns"]:
                self._value = ""
            case ["siteinfo", "namespaces", "namespace"]:
                self._value, self._key = "", int(attributes.get("key", "0"))

    def characters(self, text: str) -> None:
        if self._value is not None:
            self._value += text
            if len(self._value) > _LONGEST_VALUE:
                raise ValueError(f"a <{self._path[-1]}> of unlikely size")
        elif self._path[1:] == ["page", "revision", "text"]:
            self._page.size += len(text)
            if self._page.too_large:
                self._page.text.clear()
            else:
                self._page.text.append(text)

    def end(self, qualified: str) -> None:
        match self._path[1:]:
            case ["page"]:
                self._end_page()
            case ["page", "title"]:
                self._page.title = self._taken()
            case ["page", "ns"]:
                self._page.namespace = int(self._taken())
            case ["siteinfo", "namespaces", "namespace"]:
                self._namespaces[self._taken()] = self._key
        self._path.pop()

    def _taken(self) -> str:
        value, self._value = self._value or "", None
        return value

    def _end_page(self) -> None:
        if self._page.namespace is None:
            prefix, colon, _ = self._page.title.partition(":")
            self._page.namespace = self._namespaces.get(prefix, 0) if colon else 0
        self._done.append(self._page)
        self._page = _Page()
