"""Archives of projects: tar, compressed by gzip, bzip2, xz or not, and zip. Nothing is unpacked to disk."""

import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import BinaryIO

import fsspec

from corpus.errors import UserError
from corpus.faults import FaultKind
from corpus.sources.code_streams import StreamDamageError, unpacked
from corpus.sources.code_tree import DamagedFileError, DamagedTreeError, Entry, EntryKind, Project
from corpus.sources.input_stream import InputStream
from corpus.sources.tar_stream import BLOCK, Member, TarError, tar_members

ARCHIVE_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".zip", ".whl")

_COMMIT = re.compile(rb"\b[0-9a-f]{40}\b")
_FETCHED = re.compile(r"(?:^|/)github\.com/([^/]+/[^/]+)/[^/]+\Z")
"""Where `download github` puts a repository's tarballs."""
_OWNER_NAME_COMMIT = re.compile(r"([^-/]+)-([^-/]+)-([0-9a-f]{7,40})")
_TAR_KINDS = {"file": EntryKind.FILE, "link": EntryKind.LINK}
_ENCRYPTED = 1
_UNIX = 3
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    IndexError,
    NotImplementedError,
)


def archive_project(path: str, top: str | None, commit: str | None) -> Project:
    """The project an archive holds: by the folder github.com/OWNER/NAME that it lies in, else by its own top folder,
    else by its name.

    GitHub's top folder `owner-name-commit` says both parts of the repository's name where the archive states the same
    commit and neither part has a hyphen.
    """
    if fetched := _FETCHED.search(path):
        return Project(fetched[1], commit)
    found = _OWNER_NAME_COMMIT.fullmatch(top or "")
    if found and commit and commit.startswith(found[3]):
        return Project(f"{found[1]}/{found[2]}", commit)
    name = PurePosixPath(path).name
    suffix = next((suffix for suffix in ARCHIVE_SUFFIXES if name.endswith(suffix)), "")
    return Project(top or name.removesuffix(suffix), commit)


class TarTree:
    """A tar archive, of which no more than `max_unpacked` bytes are unpacked."""

    def __init__(self, path: str, max_unpacked: int) -> None:
        self.path = path
        self._max_unpacked = max_unpacked
        self._stream: InputStream | None = None
        self._commit: str | None = None

    def entries(self) -> Iterator[Entry]:
        with InputStream(self.path) as stream:
            self._stream = stream
            pieces = unpacked(stream, self._max_unpacked)
            with _damage_told():
                start = pieces.read(2 * BLOCK)
                pieces.unread(start)
                if start[156:157] == b"g" and (found := _COMMIT.search(start, BLOCK)):  # git archive's comment
                    self._commit = found[0].decode()
                for member in tar_members(pieces.read):
                    if member.kind != "directory":
                        kind = _TAR_KINDS.get(member.kind, EntryKind.OTHER)
                        yield Entry(member.name.removeprefix("./"), kind, member.size, member.offset, _content(member))

    def position(self) -> int:
        return self._stream.offset if self._stream else 0

    def project(self, top: str | None) -> Project:
        return archive_project(self.path, top, self._commit)


def _content(member: Member) -> Callable[[int], bytes]:
    def read(size: int) -> bytes:
        try:
            return member.read(size)
        except (TarError, StreamDamageError) as error:
            raise _damage(error) from None

    return read


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (TarError, StreamDamageError) as error:
        raise _damage(error) from None


def _damage(error: TarError | StreamDamageError) -> DamagedTreeError:
    if isinstance(error, TarError):
        return DamagedTreeError(FaultKind.TRUNCATED, str(error))
    return DamagedTreeError(error.kind, error.detail)


class ZipTree:
    """A zip archive, of whose members no more than `max_unpacked` bytes are unpacked in all."""

    def __init__(self, path: str, max_unpacked: int) -> None:
        self.path = path
        self._max_unpacked = max_unpacked
        self._commit: str | None = None
        self._position = 0

    def entries(self) -> Iterator[Entry]:
        left = self._max_unpacked
        with _opened(self.path) as file:
            try:
                archive = zipfile.ZipFile(file)
            except _ZIP_ERRORS as error:
                raise DamagedTreeError(FaultKind.CORRUPT, f"zip archive: {error}") from None
            found = _COMMIT.fullmatch(archive.comment)  # git archive's
            self._commit = found[0].decode() if found else None
            for info in archive.infolist():
                if info.is_dir():
                    continue

                def content(size: int, info: zipfile.ZipInfo = info) -> bytes:
                    nonlocal left
                    data = _extract(archive, info, size)
                    left -= len(data)
                    if left < 0:
                        detail = f"unpacks to more than {self._max_unpacked:,} bytes"
                        raise DamagedTreeError(FaultKind.TOO_LARGE, detail)
                    return data

                self._position = max(self._position, info.header_offset)
                yield Entry(info.filename, _zip_kind(info), info.file_size, info.header_offset, content)

    def position(self) -> int:
        return self._position

    def project(self, top: str | None) -> Project:
        return archive_project(self.path, top, self._commit)


def _opened(path: str) -> BinaryIO:
    try:
        return fsspec.open(path, "rb").open() if "://" in path else open(path, "rb")
    except OSError as error:
        raise UserError(f"{path}: cannot be opened ({error.strerror or error}); check the path") from None


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> bytes:
    if info.flag_bits & _ENCRYPTED:
        raise DamagedFileError("encrypted")
    try:
        with archive.open(info) as member:
            return member.read(size)
    except _ZIP_ERRORS as error:
        raise DamagedFileError(str(error)) from None


def _zip_kind(info: zipfile.ZipInfo) -> EntryKind:
    mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
    if stat.S_ISLNK(mode):
        return EntryKind.LINK
    return EntryKind.FILE if stat.S_IFMT(mode) in (0, stat.S_IFREG) else EntryKind.OTHER
