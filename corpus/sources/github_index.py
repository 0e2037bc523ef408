"""BigQuery's tables `licenses` and `files` made into an index from blobs to paths, each step within a task's memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import kernels
from corpus.dedup.key_files import KeyRange
from corpus.errors import UnreadableInputError
from corpus.identity import InputFile
from corpus.licences.spdx import from_bigquery, permitted
from corpus.pipeline.ledger import Ledger
from corpus.pipeline.plan import Progress
from corpus.pipeline.reading import ReadLog
from corpus.pipeline.store import Draft, Store
from corpus.quality.code_paths import Paths
from corpus.sources.github_tables import find_table, table_rows
from corpus.sources.sorted_rows import KEYS, SortedFile, Sorter, merged, run_path, write_sorted

REPOSITORIES, PATHS, INDEX = "licenses", "files", "index"
VERSION = 1
"""Of what these tasks make of their inputs; to be raised when that changes."""

INDEX_FILE = "index.arrow"
_STRING = pa.large_string()
REPOSITORY_SCHEMA = pa.schema([*KEYS, ("license", _STRING)])
PATH_SCHEMA = pa.schema(
    [*KEYS, ("rank", pa.uint8()), ("repo", _STRING), ("path", _STRING), ("ref", _STRING), ("license", _STRING)]
)
"""Of the paths of a blob the first stays, by rank, repo and path. rank: 0 where licence and path are both kept, 1 where
the licence is, 2 where the path is."""


@dataclass(frozen=True)
class Preference:
    """What decides the rank of a path: the families of licences that are kept, and the stage that keeps paths."""

    families: tuple[str, ...]
    paths: Paths

    def ranks(self, paths: pa.Array, licences: pa.Array) -> pa.Array:
        encoded = licences.dictionary_encode()
        kept = [permitted(from_bigquery(name), self.families) for name in encoded.dictionary.to_pylist()]
        licensed = pc.fill_null(pa.array(kept, pa.bool_()).take(encoded.indices), False)
        ranks = 2 * ~np.asarray(licensed) + ~self.paths.kept(paths)
        return pa.array(ranks.astype(np.uint8))


@dataclass(frozen=True)
class RepositoriesTask:
    """Sorts the licences of all repositories by the hash of the repository's name."""

    key: str
    tables: tuple[InputFile, ...]
    strict: bool
    step: str = REPOSITORIES

    @property
    def size(self) -> int:
        return sum(table.size for table in self.tables)

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        log = ReadLog(self.strict)
        sorter = Sorter(draft.directory, REPOSITORY_SCHEMA, draft.room)
        for table in self.tables:
            for values in _values(table.path, log, "licenses"):
                sorter.add(_keyed(values.column("repo"), {"license": values.column("license")}, REPOSITORY_SCHEMA))
            progress(0, table.size)
        runs = [run_path(draft.directory, number) for number in range(sorter.finish())]
        pieces = merged([SortedFile(run) for run in runs], KeyRange(), draft.room())
        count = write_sorted(draft.directory / INDEX_FILE, REPOSITORY_SCHEMA, pieces)
        for run in runs:
            run.unlink()
            run.with_suffix(".keys").unlink()
        draft.report = {"repositories": count, **_found(log)}


@dataclass(frozen=True)
class PathsTask:
    """Sorts the paths of one table by the hash of their blobs, each with its repository's licence.

    repositories: key of the task that sorted those, if there were any.
    """

    key: str
    table: InputFile
    preference: Preference
    repositories: str | None
    strict: bool
    step: str = PATHS

    @property
    def size(self) -> int:
        return self.table.size

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        log = ReadLog(self.strict)
        sorter = Sorter(draft.directory, PATH_SCHEMA, draft.room)
        licences = None
        if self.repositories is not None:
            licences = SortedFile(store.directory(REPOSITORIES, self.repositories) / INDEX_FILE)
        for values in _values(self.table.path, log, "files"):
            values = values.filter(
                pc.and_(pc.is_null(values.column("symlink_target")), pc.is_valid(values.column("path")))
            )
            found = licences_of(values.column("repo"), licences)
            columns = {name: values.column(name) for name in ("repo", "path", "ref")}
            columns |= {"rank": self.preference.ranks(values.column("path"), found), "license": found}
            sorter.add(_keyed(values.column("id"), columns, PATH_SCHEMA))
        draft.report = {"runs": sorter.finish(), **_found(log)}
        progress(0, self.size)


@dataclass(frozen=True)
class IndexTask:
    """Merges what PathsTask made of all tables, for one range of hashes."""

    key: str
    size: int
    paths: tuple[str, ...]
    part: KeyRange
    step: str = INDEX

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        runs = []
        for key in self.paths:
            count = store.record(PATHS, key)["report"]["runs"]
            runs += [SortedFile(run_path(store.directory(PATHS, key), number)) for number in range(count)]
        pieces = merged(runs, self.part, draft.room())
        draft.report = {"blobs": write_sorted(draft.directory / INDEX_FILE, PATH_SCHEMA, pieces)}
        progress(0, self.size)


def licences_of(repositories: pa.Array, licences: SortedFile | None) -> pa.Array:
    """BigQuery's names of the repositories' licences, null where there is none."""
    if licences is None or not len(repositories):
        return pa.nulls(len(repositories), _STRING)
    encoded = repositories.dictionary_encode()
    names = encoded.dictionary.cast(_STRING)
    rows = licences.find(*kernels.text_hashes(names))
    known = pa.nulls(len(names), _STRING)
    if (rows >= 0).any():
        found = licences.take(rows[rows >= 0]).column("license").combine_chunks()
        known = pc.replace_with_mask(known, pa.array(rows >= 0), found)
    return known.take(encoded.indices)


def _values(path: str, log: ReadLog, name: str) -> Iterator[pa.RecordBatch]:
    """The rows of a table, counted as passed over: they are no documents."""
    log.count("files")
    table = find_table(path)
    if table is None:
        raise UnreadableInputError(f"{path}: is no table any more; run the command again")
    for rows in table_rows(path, table, log):
        log.count("documents", -rows.values.num_rows)
        log.count(f"skipped.rows_of_{name}", rows.values.num_rows)
        yield rows.values


def _keyed(names: pa.Array, columns: dict[str, pa.Array], schema: pa.Schema) -> pa.Table:
    first, second = kernels.text_hashes(names)
    columns = {"key": pa.array(first), "second": pa.array(second), **columns}
    return pa.table([columns[field.name] for field in schema], schema=schema)


def _found(log: ReadLog) -> dict[str, Any]:
    ledger = Ledger()
    ledger.read.update(log.counts)
    return {"ledger": ledger.as_json(), "faults": [fault.as_json() for fault in log.faults]}
