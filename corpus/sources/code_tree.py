"""A project's files, wherever they lie: in an archive or in a checkout."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from corpus.faults import FaultKind


class EntryKind(Enum):
    FILE = "file"
    LINK = "link"
    OTHER = "other"


class DamagedFileError(Exception):
    """One file of a tree cannot be read: its data is damaged or encrypted; the others can."""


class DamagedTreeError(Exception):
    """Nothing more can be read of the tree."""

    def __init__(self, kind: FaultKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


@dataclass(slots=True)
class Entry:
    """A file, a link or a device; directories are none.

    path: as the archive has it, or below the checkout's root. size: bytes, as the archive claims. offset: in the input
    file, where its record begins. read: at most so many bytes of its content, from its beginning; to be called once,
    before the next entry is asked for; raises DamagedFileError or DamagedTreeError.
    """

    path: str
    kind: EntryKind
    size: int
    offset: int
    read: Callable[[int], bytes]


@dataclass(frozen=True)
class Project:
    """repo: `owner/name` where that is known, else what the tree is called. revision: the commit, in hex."""

    repo: str
    revision: str | None


class Tree(Protocol):
    """Can be gone through any number of times, always in the same order."""

    def entries(self) -> Iterator[Entry]:
        """Raises DamagedTreeError where a tree ends early."""

    def position(self) -> int:
        """Bytes of the input gone through, for progress."""

    def project(self, top: str | None) -> Project:
        """What this is a tree of; known once it was gone through. top: the one folder that everything lies in."""


def is_safe(path: str) -> bool:
    """Whether a path stays where it is unpacked: it is relative and does not climb."""
    parts = path.replace("\\", "/").split("/")
    return bool(parts[-1]) and parts[0] != "" and ".." not in parts and parts[0][1:2] != ":" and "\0" not in path
