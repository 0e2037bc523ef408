"""Goes through a project's files: what its licences are, and each file's text or the reason why it has none."""

from dataclasses import dataclass, field

from corpus.licences.tree import MOST_BYTES, LicenceTree
from corpus.sources.code_text import BinaryFileError, UndecodableError, decode_code
from corpus.sources.code_tree import DamagedFileError, DamagedTreeError, Entry, EntryKind, Tree, is_safe
from corpus.sources.github_read import Absence

HELD_BYTES = 32 << 20
"""Of text, held until the licences are known; a project with more is gone through twice."""

_HELD_FILES = 1 << 16
_LICENCE_BYTES = 256 << 20
"""Of the licence files and package metadata of one project, at most; those behind are not looked at."""


@dataclass(frozen=True, slots=True)
class Content:
    """text: UTF-8, decoded from `encoding`. data: as it was."""

    text: bytes
    encoding: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a tree, with either its content or the reason why there is none. size, offset: as in Entry."""

    path: str
    size: int
    offset: int
    content: Content | None
    absence: Absence | None


@dataclass
class Survey:
    """What is known of a tree before its files are given.

    licences: of all its folders, by paths below `top`, the one folder that everything lies in. files: all of them,
    where they were few enough to hold. damage: where the tree ends early.
    """

    licences: LicenceTree
    top: str | None
    files: list[SourceFile] = field(default_factory=list)
    damage: DamagedTreeError | None = None


def survey(tree: Tree, max_bytes: int) -> Survey:
    """Goes through a tree once. max_bytes: of a file that is read."""
    found = Survey(LicenceTree(), None)
    noted: list[tuple[str, bytes]] = []
    tops: set[str] = set()
    noted_bytes = held = 0
    holding = True
    try:
        for entry in tree.entries():
            data = None
            if is_safe(entry.path):
                top, _, below = entry.path.partition("/")
                tops.add(top if below else "")
                if _is_file(entry) and noted_bytes < _LICENCE_BYTES and found.licences.notable(entry.path):
                    data = _data(entry, max(max_bytes + 1, MOST_BYTES))
                    if data is not None:
                        noted.append((entry.path, data[:MOST_BYTES]))
                        noted_bytes += len(noted[-1][1])
            if holding:
                file = read_file(entry, max_bytes) if data is None else _from_data(entry, data, max_bytes)
                found.files.append(file)
                held += 2 * len(file.content.data) if file.content else 0
                if held > HELD_BYTES or len(found.files) > _HELD_FILES:
                    found.files, holding = [], False
    except DamagedTreeError as error:
        found.damage = error if holding else None  # told when the files are read
    found.top = next(iter(tops)) or None if len(tops) == 1 else None
    for name, data in noted:
        found.licences.add(name.removeprefix(f"{found.top}/") if found.top else name, data)
    return found


def read_file(entry: Entry, max_bytes: int) -> SourceFile:
    """Raises DamagedTreeError where the tree ends in the file."""
    absence = None
    if not is_safe(entry.path):
        absence = Absence.UNSAFE_PATH
    elif not _is_file(entry):
        absence = Absence.LINK if entry.kind is EntryKind.LINK else Absence.NOT_A_FILE
    elif entry.size == 0:
        absence = Absence.EMPTY
    elif entry.size > max_bytes:
        absence = Absence.TOO_LARGE
    if absence is not None:
        return SourceFile(entry.path, entry.size, entry.offset, None, absence)
    data = _data(entry, max_bytes + 1)
    if data is None:
        return SourceFile(entry.path, entry.size, entry.offset, None, Absence.DAMAGED)
    return _from_data(entry, data, max_bytes)


def _is_file(entry: Entry) -> bool:
    return entry.kind is EntryKind.FILE


def _data(entry: Entry, size: int) -> bytes | None:
    try:
        return entry.read(size)
    except DamagedFileError:
        return None


def _from_data(entry: Entry, data: bytes, max_bytes: int) -> SourceFile:
    """What an archive claims of a file's size may be wrong."""
    content, absence = None, None
    if not data:
        absence = Absence.EMPTY
    elif max(len(data), entry.size) > max_bytes:
        absence = Absence.TOO_LARGE
    else:
        try:
            decoded = decode_code(data)
            content = Content(decoded.text, decoded.encoding, data)
        except BinaryFileError:
            absence = Absence.BINARY
        except UndecodableError:
            absence = Absence.UNDECODABLE
    return SourceFile(entry.path, max(len(data), entry.size), entry.offset, content, absence)
