"""Reads one input of GitHub, whatever it is: an archive, a table, a checkout."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from corpus.errors import UnreadableInputError
from corpus.faults import Fault
from corpus.licences.tree import MOST_BYTES, LicenceTree
from corpus.pipeline.filtering import ReadLog
from corpus.sources.code_archives import TarTree, ZipTree
from corpus.sources.code_checkout import CheckoutTree
from corpus.sources.code_streams import StreamDamageError, unpacked
from corpus.sources.code_text import BinaryFileError, UndecodableError, decode_code
from corpus.sources.code_tree import DamagedFileError, DamagedTreeError, Entry, EntryKind, Tree, is_safe
from corpus.sources.github_files import FileBatch, blob_id
from corpus.sources.github_read import Absence, Limits
from corpus.sources.github_rows import documents_of
from corpus.sources.github_tables import TableKind, find_table, table_rows
from corpus.sources.input_stream import InputStream, describe_content
from corpus.sources.tar_stream import BLOCK, is_tar_header

VERSION = 1
"""Of what this reader makes of an input; to be raised when that changes."""

_ZIP = b"PK"
_LICENCE_BYTES = 256 << 20
"""Of the licence files and package metadata of one project, at most; those behind are not looked at."""


@dataclass(frozen=True)
class ReadProjects:
    """Reader of inputs of every kind. Picklable."""

    limits: Limits

    def __call__(self, path: str, log: ReadLog) -> Iterator[pa.RecordBatch]:
        """The files of an input as batches of READ_SCHEMA, in the input's order, those without text with the reason.

        Raises UserError when the input cannot be read, UnreadableInputError when it is none of what is read here.
        """
        tree = open_tree(path, self.limits.unpacked)
        if tree is not None:
            yield from _tree_files(path, tree, self.limits, log)
            return
        table = find_table(path)
        if table is None or table.kind not in (TableKind.JOINED, TableKind.CONTENTS):
            raise UnreadableInputError(f"{path}: {_refusal(path)}")
        for rows in table_rows(path, table, log):
            yield documents_of(rows, path, self.limits.file)


def open_tree(path: str, max_unpacked: int) -> Tree | None:
    """The tree of files that an input is, None for what is not one."""
    if "://" not in path and Path(path).is_dir():
        return CheckoutTree(path)
    with InputStream(path) as stream:
        start = stream.read(len(_ZIP))
    if start == _ZIP:
        return ZipTree(path, max_unpacked)
    with InputStream(path) as stream:
        try:
            return TarTree(path, max_unpacked) if is_tar_header(unpacked(stream, max_unpacked)(BLOCK)) else None
        except StreamDamageError:
            return None


def _refusal(path: str) -> str:
    with InputStream(path) as stream:
        start = stream.read(64)
    looks = describe_content(start)
    return f"{looks}, not an archive or a table of files; give tar or zip archives, tables of BigQuery, or checkouts"


def _tree_files(path: str, tree: Tree, limits: Limits, log: ReadLog) -> Iterator[pa.RecordBatch]:
    licences, top = _licences(tree)
    project = tree.project(top)
    batch, prefix = FileBatch(path, project.repo, project.revision), f"{top}/" if top else ""
    record = 0
    try:
        for entry in tree.entries():
            _add(batch, entry, entry.path.removeprefix(prefix), record, licences, limits)
            record += 1
            log.count("records")
            log.count("documents")
            log.count("payload_bytes", entry.size if entry.kind is EntryKind.FILE else 0)
            if batch.full:
                log.position = tree.position()
                yield batch.take()
    except DamagedTreeError as error:
        detail = f"{error.detail}; {record:,} files were read before it"
        log.fault(Fault(path, None, None, error.kind, detail))
    if not record:
        raise UnreadableInputError(f"{path}: holds no files; give archives, tables or checkouts of source code")
    yield batch.take()


def _licences(tree: Tree) -> tuple[LicenceTree, str | None]:
    """What there is to know of the project's licences; and the folder that everything lies in, if there is one."""
    noted: list[tuple[str, bytes]] = []
    tops: set[str] = set()
    left = _LICENCE_BYTES
    licences = LicenceTree()
    try:
        for entry in tree.entries():
            if not is_safe(entry.path):
                continue
            if len(tops) < 2:
                top, _, below = entry.path.partition("/")
                tops.add(top if below else "")
            if entry.kind is EntryKind.FILE and licences.notable(entry.path) and left > 0:
                try:
                    content = entry.read(MOST_BYTES)
                except DamagedFileError:
                    continue
                left -= len(content)
                noted.append((entry.path, content))
    except DamagedTreeError:
        pass  # told when the files are read
    [top] = tops if len(tops) == 1 else {""}
    for name, content in noted:
        licences.add(name.removeprefix(f"{top}/") if top else name, content)
    return licences, top or None


def _add(batch: FileBatch, entry: Entry, path: str, record: int, licences: LicenceTree, limits: Limits) -> None:
    size, absence = entry.size, None
    if not is_safe(entry.path):
        absence = Absence.UNSAFE_PATH
    elif entry.kind is not EntryKind.FILE:
        absence = Absence.LINK if entry.kind is EntryKind.LINK else Absence.NOT_A_FILE
    elif size == 0:
        absence = Absence.EMPTY
    elif size > limits.file:
        absence = Absence.TOO_LARGE
    if absence is None:
        try:
            data = entry.read(limits.file + 1)
            size = max(size, len(data))
            if len(data) > limits.file:
                absence = Absence.TOO_LARGE
            elif not data:
                absence = Absence.EMPTY
            else:
                decoded = decode_code(data)
                found = licences.nearest(path)
                content = decoded.text, decoded.encoding, blob_id(data)
                licence = found.expression, found.evidence
                batch.add(path, record, entry.offset, size, content=content, licence=licence)
                return
        except BinaryFileError:
            absence = Absence.BINARY
        except UndecodableError:
            absence = Absence.UNDECODABLE
        except DamagedFileError:
            absence = Absence.DAMAGED
    batch.add(path, record, entry.offset, size, absence=absence)
