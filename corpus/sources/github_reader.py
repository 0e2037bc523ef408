"""Reads one input of GitHub, whatever it is: an archive, a table, a checkout."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from corpus.errors import UnreadableInputError
from corpus.faults import Fault
from corpus.pipeline.reading import ReadLog
from corpus.sources.code_archives import TarTree, ZipTree
from corpus.sources.code_checkout import CheckoutTree
from corpus.sources.code_streams import StreamDamageError, unpacked
from corpus.sources.code_survey import SourceFile, read_file, survey
from corpus.sources.code_tree import DamagedTreeError, Tree
from corpus.sources.github_files import FileBatch
from corpus.sources.github_read import Limits
from corpus.sources.github_rows import documents_of
from corpus.sources.github_tables import TableKind, find_table, table_rows
from corpus.sources.input_stream import InputStream, describe_content
from corpus.sources.tar_stream import BLOCK, is_tar_header

VERSION = 2
"""Of what this reader makes of an input; to be raised when that changes."""

_ZIP = b"PK"
_ANY = 1 << 62


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
            return TarTree(path, max_unpacked) if is_tar_header(unpacked(stream, _ANY).read(BLOCK)) else None
        except StreamDamageError:
            return None


def _refusal(path: str) -> str:
    with InputStream(path) as stream:
        start = stream.read(64)
    looks = describe_content(start)
    return f"{looks}, not an archive or a table of files; give tar or zip archives, tables of BigQuery, or checkouts"


def _tree_files(path: str, tree: Tree, limits: Limits, log: ReadLog) -> Iterator[pa.RecordBatch]:
    surveyed = survey(tree, limits.file)
    project, prefix = tree.project(surveyed.top), f"{surveyed.top}/" if surveyed.top else ""
    batch = FileBatch(path, project.repo, project.revision)
    files: Iterable[SourceFile] = surveyed.files or (read_file(entry, limits.file) for entry in tree.entries())
    record = 0
    try:
        for file in files:
            name = file.path.removeprefix(prefix)
            found = surveyed.licences.nearest(name) if file.content else None
            batch.add(name, record, file, (found.expression, found.evidence) if found else (None, None))
            record += 1
            log.count("payload_bytes", file.size)
            if batch.full:
                log.position = tree.position()
                yield _counted(batch.take(), log)
    except DamagedTreeError as error:
        surveyed.damage = error
    if surveyed.damage is not None:
        detail = f"{surveyed.damage.detail}; {record:,} files were read before it"
        log.fault(Fault(path, None, None, surveyed.damage.kind, detail))
    if not record:
        raise UnreadableInputError(f"{path}: holds no files; give archives, tables or checkouts of source code")
    yield _counted(batch.take(), log)


def _counted(batch: pa.RecordBatch, log: ReadLog) -> pa.RecordBatch:
    log.count("records", batch.num_rows)
    log.count("documents", batch.num_rows)
    return batch
