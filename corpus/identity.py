"""Names for content: fingerprints of input files, and keys of tasks made from everything that decides their output."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

import fsspec

from corpus.errors import UserError

WHOLE_FILE_BYTES = 16 << 20
SAMPLE_BYTES = 64 << 10
SAMPLES = 64


@dataclass(frozen=True)
class InputFile:
    """One raw input: the path as the user gave it, its size in bytes, and a fingerprint of its content.

    The fingerprint is the SHA-256 of the whole file up to 16 MiB; above, of its size and 64 evenly spaced blocks of
    64 KiB, first and last included (a dump of many terabytes is not read twice to find out that it is the same).
    """

    path: str
    size: int
    fingerprint: str

    @property
    def files(self) -> "tuple[InputFile, ...]":
        return (self,)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class InputGroup:
    """Files that one task reads, one after another."""

    files: tuple[InputFile, ...]

    @property
    def path(self) -> str:
        """What to call the group: its first file."""
        return self.files[0].path

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256("".join(file.fingerprint for file in self.files).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


Input = InputFile | InputGroup
GROUP_BYTES = 16 << 20
"""Bytes of the files of a group, on average."""


def grouped(files: Iterable[InputFile]) -> list[InputGroup]:
    """The files, in their order, in groups of about GROUP_BYTES; larger ones stand alone or end a group.

    Where a group ends depends on the content of its last file alone, so files that come and go later change the groups
    they are in, not those before and behind them.
    """
    groups: list[list[InputFile]] = [[]]
    for file in files:
        groups[-1].append(file)
        if int(file.fingerprint[:16], 16) * GROUP_BYTES < file.size << 64:
            groups.append([])
    return [InputGroup(tuple(group)) for group in groups if group]


def identify(path: str) -> InputFile:
    """Reads as much of `path` (local, or any fsspec URL) as its fingerprint needs.

    Raises UserError when it cannot be opened.
    """
    try:
        with fsspec.open(path, "rb") as stream:
            stream.seek(0, 2)
            size = stream.tell()
            return InputFile(path, size, _fingerprint(stream, size))
    except OSError as error:
        raise UserError(
            f"{path}: cannot be read ({error.strerror or error}); check the path and its permissions"
        ) from None


def _fingerprint(stream: BinaryIO, size: int) -> str:
    digest = hashlib.sha256(str(size).encode())
    if size <= WHOLE_FILE_BYTES:
        stream.seek(0)
        digest.update(stream.read())
        return digest.hexdigest()
    for i in range(SAMPLES):
        stream.seek((size - SAMPLE_BYTES) * i // (SAMPLES - 1))
        digest.update(stream.read(SAMPLE_BYTES))
    return digest.hexdigest()


def key_of(parts: Mapping[str, Any]) -> str:
    """A 32-digit key that changes whenever anything in `parts` (plain JSON values) changes."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def file_sha256(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()
