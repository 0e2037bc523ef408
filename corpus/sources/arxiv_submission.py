"""The source of one paper, as arXiv keeps it: a gzipped tar of files, one gzipped file, or a PDF.

Nothing is written to disk; what an archive may make of memory and time is limited.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from posixpath import basename, normpath, splitext
from typing import cast

from isal import isal_zlib

from corpus.sources.tar_stream import BLOCK, Member, TarError, is_tar_header, tar_members

Read = Callable[[int], bytes]
_CHUNK = 64 << 10
_DECODE_ERROR = cast(type[Exception], isal_zlib.IsalError)
_PIECE = 1 << 20

_FIGURES = "eps ps pdf png jpg jpeg gif tif tiff bmp svg fig epsi epsf pbm pgm ppm wmf emf"
_OF_TEX = "bib bst bbx cbx ist aux log out blg toc lof lot dvi synctex ind idx ilg glo fd pfb tfm mp mf cfg enc map dtx"
_DATA = "ins zip gz z tar xml html csv dat mp4 avi mov mpg wav mat npy h5 fits json stl obj doc docx xls xlsx rtf odt"
_PROGRAMS = "nb m py r c cpp h f f90 jl ipynb java sh"
_OTHER_SUFFIXES = frozenset(f".{suffix}" for suffix in f"{_FIGURES} {_OF_TEX} {_DATA} {_PROGRAMS}".split())
"""File name endings of what is no TeX: figures, bibliographies, fonts, data, what TeX writes."""


class Absence(str, Enum):
    """Why a submission gives no text."""

    PDF = "pdf_only"
    POSTSCRIPT = "postscript_only"
    NO_TEX = "no_tex"
    WITHDRAWN = "withdrawn"
    CORRUPT = "corrupt"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_FILES = "too_many_files"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one submission may take, in bytes where nothing else is said.

    unpacked: everything a submission unpacks to, figures included (they are passed over, not kept). text: of all its
    TeX files, and of the text made of them. files: members of its archive.
    """

    unpacked: int
    text: int
    files: int


@dataclass
class Submission:
    """TeX files by name, and how many members were passed over, by kind: `links`, `unsafe_names`, `other_files`.

    absence: why there are none, with the measured value in `size` where it is a limit.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    absence: Absence | None = None
    size: int | None = None


class _OverLimitError(Exception):
    def __init__(self, absence: Absence, size: int) -> None:
        self.absence = absence
        self.size = size


class _CorruptError(Exception):
    pass


def unpack(read: Read, single_name: str, limits: Limits) -> Submission:
    """The files of the submission that `read` gives, `single_name` the name of a file that comes alone."""
    submission = Submission()
    start = read(BLOCK)
    source = _Joined(start, read)
    try:
        if start.startswith(b"\x1f\x8b"):
            source = _Joined(b"", _Limited(_gunzip(source.read), limits.unpacked).read)
            start = source.peek(BLOCK)
        if not start:
            submission.absence = Absence.EMPTY
        elif start.startswith(b"%PDF"):
            submission.absence = Absence.PDF
        elif is_tar_header(start):
            _read_members(source.read, submission, limits)
        else:
            _read_single(source.read, single_name, submission, limits)
    except _OverLimitError as over:
        submission.absence, submission.size = over.absence, over.size
    except (_CorruptError, TarError):
        # What came before the damage may be the paper without its ending, which is not the paper.
        submission.absence = Absence.CORRUPT
    if submission.absence:
        submission.files.clear()
    return submission


def _read_members(read: Read, submission: Submission, limits: Limits) -> None:
    text, documents = 0, Counter[str]()
    for count, member in enumerate(tar_members(read), start=1):
        if count > limits.files:
            raise _OverLimitError(Absence.TOO_MANY_FILES, count)
        kind = _member_kind(member)
        documents[splitext(member.name)[1].lower()] += 1
        if kind != "tex":
            submission.skipped[kind] += kind != "directories"
            continue
        if text + member.size > limits.text:
            raise _OverLimitError(Absence.TOO_LARGE, text + member.size)
        content = _content(member)
        if _is_text(content):
            text += len(content)
            submission.files[normpath(member.name)] = content
        else:
            submission.skipped["other_files"] += 1
    if not submission.files:
        submission.absence = (
            Absence.PDF if documents[".pdf"] else Absence.POSTSCRIPT if documents[".ps"] else Absence.NO_TEX
        )


def _member_kind(member: Member) -> str:
    if member.kind == "directory":
        return "directories"
    if member.kind != "file":
        return "links"
    if member.name.startswith("/") or ".." in member.name.split("/") or not basename(member.name):
        return "unsafe_names"
    return "other_files" if splitext(member.name)[1].lower() in _OTHER_SUFFIXES else "tex"


def _content(member: Member) -> bytes:
    pieces = []
    while member.left:
        pieces.append(member.read(min(member.left, _PIECE)))
    return b"".join(pieces)


def _read_single(read: Read, name: str, submission: Submission, limits: Limits) -> None:
    pieces, size = [], 0
    while piece := read(_PIECE):
        size += len(piece)
        if size > limits.text:
            raise _OverLimitError(Absence.TOO_LARGE, size)
        pieces.append(piece)
    content = b"".join(pieces)
    if content.startswith((b"%!PS", b"%!\n", b"\x04%!")):
        submission.absence = Absence.POSTSCRIPT
    elif not _is_text(content):
        submission.absence = Absence.NO_TEX
    else:
        submission.files[name] = content


def _is_text(content: bytes) -> bool:
    return b"\0" not in content[:8192]


def _gunzip(read: Read) -> Read:
    """Decoded bytes of gzip members one behind the other; zero bytes behind the last are padding."""
    state = isal_zlib.decompressobj(wbits=31)
    ahead = b""
    ended = False

    def decoded(size: int) -> bytes:
        nonlocal state, ahead, ended
        pieces: list[bytes] = []
        while size > 0 and not ended:
            if not ahead:
                ahead = read(_CHUNK)
            try:
                piece = state.decompress(ahead, size)
            except _DECODE_ERROR as error:
                raise _CorruptError(str(error)) from None
            if not piece and not ahead and not state.eof:
                raise _CorruptError("the data ends inside a gzip member")
            ahead = state.unused_data if state.eof else state.unconsumed_tail
            if state.eof:
                ahead = ahead or read(_CHUNK)
                ended = not ahead.startswith(b"\x1f\x8b")
                state = isal_zlib.decompressobj(wbits=31)
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    return decoded


class _Limited:
    """Raises _OverLimitError behind `limit` bytes."""

    def __init__(self, read: Read, limit: int) -> None:
        self._read = read
        self._limit = limit
        self._given = 0

    def read(self, size: int) -> bytes:
        data = self._read(size)
        self._given += len(data)
        if self._given > self._limit:
            raise _OverLimitError(Absence.TOO_LARGE, self._given)
        return data


class _Joined:
    """`start`, then what `read` gives."""

    def __init__(self, start: bytes, read: Read) -> None:
        self._start = start
        self._read = read

    def read(self, size: int) -> bytes:
        if not self._start:
            return self._read(size)
        data, self._start = self._start[:size], self._start[size:]
        return data if len(data) == size else data + self._read(size - len(data))

    def peek(self, size: int) -> bytes:
        self._start = self.read(size)
        return self._start
