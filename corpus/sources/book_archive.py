"""Where books lie: files of their own, gzip files, zip archives of several, EPUB's zip archives of one."""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.parsers import expat

from corpus.errors import UnreadableInputError
from corpus.faults import Fault, FaultKind
from corpus.sources.gzip_stream import MAGIC, Window, gzip_pieces, plain_pieces
from corpus.sources.input_stream import InputStream

BOOK_SUFFIXES = (".txt", ".htm", ".html", ".xhtml")
MAX_CONTAINER_BYTES = 256 << 20
"""Of a zip archive or EPUB, which is held whole; pictures are a large part of some."""
MAX_ARCHIVE_BYTES = 16 << 30
"""Decompressed bytes taken of one archive in all."""

_ZIP_MAGIC = b"PK\x03\x04"
_CONTAINER = "META-INF/container.xml"
_ENCRYPTED = 1
_XML_BYTES = 16 << 20
_TEXT = ""
_MOST_ABOUT = 1000


@dataclass(frozen=True)
class RawBook:
    """member: path inside a zip archive. parts: the book's bytes; an EPUB's are its chapters in reading order. about:
    an EPUB's title, creator and language."""

    member: str | None
    parts: tuple[bytes, ...]
    about: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unreadable:
    """A book that cannot be had, and why."""

    kind: FaultKind
    detail: str


def open_books(path: str, max_bytes: int) -> Iterator[RawBook | Unreadable]:
    """The books of a file (local, or any fsspec URL), each of at most `max_bytes` decompressed, in the file's order.

    Nothing is written to disk. Raises UserError when the file cannot be read, UnreadableInputError for an empty one.
    """
    data = _read(path, max_bytes)
    if isinstance(data, Unreadable):
        yield data
    elif not data:
        raise UnreadableInputError(f"{path}: empty file; give plain text, HTML, EPUB, or zip archives of these")
    elif data.startswith(_ZIP_MAGIC):
        yield from _open_zip(data, max_bytes)
    else:
        yield RawBook(None, (data,))


def _read(path: str, max_bytes: int) -> bytes | Unreadable:
    faults: list[Fault] = []
    pieces, size = [], 0
    with InputStream(path) as stream:
        window = Window(stream)
        if window.fill(len(_ZIP_MAGIC)) >= len(_ZIP_MAGIC) and window.buffer.startswith(_ZIP_MAGIC):
            max_bytes = MAX_CONTAINER_BYTES
        compressed = window.fill(len(MAGIC)) >= len(MAGIC) and window.buffer.startswith(MAGIC)
        for piece in gzip_pieces(window, path, faults.append) if compressed else plain_pieces(window):
            if piece.damage is not None:
                return Unreadable(piece.damage.kind, piece.damage.detail)
            pieces.append(piece.data)
            size += len(piece.data)
            if size > max_bytes:
                return Unreadable(FaultKind.TOO_LARGE, f"more than {max_bytes} bytes")
    if faults:
        return Unreadable(faults[0].kind, faults[0].detail)
    return b"".join(pieces)


def _open_zip(data: bytes, max_bytes: int) -> Iterator[RawBook | Unreadable]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if _CONTAINER in archive.namelist():
                yield _open_epub(archive, max_bytes)
            else:
                yield from _open_members(archive, max_bytes)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        yield Unreadable(FaultKind.CORRUPT, f"zip archive: {error}")


def _open_members(archive: zipfile.ZipFile, max_bytes: int) -> Iterator[RawBook | Unreadable]:
    left = MAX_ARCHIVE_BYTES
    for info in archive.infolist():
        if not info.is_dir() and info.filename.lower().endswith(BOOK_SUFFIXES):
            data = _extract(archive, info, min(max_bytes, left))
            if isinstance(data, bytes):
                left -= len(data)
            yield RawBook(info.filename, (data,)) if isinstance(data, bytes) else data


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, max_bytes: int) -> bytes | Unreadable:
    """What a member holds, however much it claims to."""
    name = info.filename
    if info.flag_bits & _ENCRYPTED:
        return Unreadable(FaultKind.CORRUPT, f"{name}: encrypted")
    try:
        with archive.open(info) as member:
            data = member.read(max_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        return Unreadable(FaultKind.CORRUPT, f"{name}: {error}")
    if len(data) > max_bytes:
        return Unreadable(FaultKind.TOO_LARGE, f"{name}: more than {max_bytes} bytes")
    return data


def _open_epub(archive: zipfile.ZipFile, max_bytes: int) -> RawBook | Unreadable:
    """The chapters that an EPUB's package document names, in its reading order (EPUB 3.3, sections 4 and 5)."""
    try:
        container = _elements(archive, _CONTAINER)
        package_path = next(attributes["full-path"] for tag, attributes in container if tag == "rootfile")
        package = _elements(archive, package_path)
        href_of = {item.get("id"): item["href"] for tag, item in package if tag == "item"}
        order = [href_of[item.get("idref")] for tag, item in package if tag == "itemref"]
    except (KeyError, StopIteration, expat.ExpatError, ValueError) as error:
        return Unreadable(FaultKind.CORRUPT, f"EPUB without a readable package document ({type(error).__name__})")
    parts, left = [], max_bytes
    for href in order:
        name = posixpath.normpath(posixpath.join(posixpath.dirname(package_path), unquote(href.partition("#")[0])))
        if name not in archive.NameToInfo:
            return Unreadable(FaultKind.CORRUPT, f"EPUB names {name}, which is not in it")
        data = _extract(archive, archive.getinfo(name), left)
        if isinstance(data, Unreadable):
            return data
        left -= len(data)
        parts.append(data)
    about: dict[str, str] = {}
    for tag, element in package:
        if tag in ("title", "creator", "language") and (words := " ".join(element.get(_TEXT, "").split())):
            about.setdefault(tag, words[:_MOST_ABOUT])
    return RawBook(None, tuple(parts), about)


def _elements(archive: zipfile.ZipFile, name: str) -> list[tuple[str, dict[str, str]]]:
    """Local names and attributes of the elements of an XML document, in its order, and as an attribute _TEXT the text
    up to the next element.

    Raises ValueError for one that defines entities, which could expand without end, KeyError where there is none,
    ExpatError where it is not well-formed.
    """
    data = _extract(archive, archive.getinfo(name), _XML_BYTES)
    if isinstance(data, Unreadable):
        raise ValueError(data.detail)
    found: list[tuple[str, dict[str, str]]] = []

    def add_text(text: str) -> None:
        if found:
            found[-1][1].setdefault(_TEXT, text)

    def refuse(*_: object) -> None:
        raise ValueError(f"{name}: defines entities")

    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((tag.rpartition(":")[2], attributes))
    parser.CharacterDataHandler = add_text
    parser.buffer_text = True
    parser.EntityDeclHandler = refuse
    parser.Parse(data, True)
    return found
