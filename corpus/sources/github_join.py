"""Joins BigQuery's `contents` with its `files` and `licenses`: one path for each blob, and the repository's licence."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import kernels
from corpus.dedup.key_files import KeyRange, parts_for
from corpus.document import keep
from corpus.identity import InputFile, key_of
from corpus.pipeline.comparison import ComparingStage, Comparison
from corpus.pipeline.ledger import Ledger
from corpus.pipeline.plan import Step, Task
from corpus.pipeline.publication import ReadBefore
from corpus.pipeline.stage import Dropped, DropReason, Resources, StageFunction, StageResult
from corpus.pipeline.store import Store
from corpus.pipeline.upstream import TaskShare, Upstream
from corpus.sources.github_files import batch_of
from corpus.sources.github_index import (
    INDEX,
    INDEX_FILE,
    PATHS,
    REPOSITORIES,
    VERSION,
    IndexTask,
    PathsTask,
    Preference,
    RepositoriesTask,
    licences_of,
)
from corpus.sources.github_rows import licence_columns, revisions
from corpus.sources.sorted_rows import SortedFile


class JoinReason(DropReason):
    NO_PATH = "no_path", "No row of `files` names the blob as a file's: only a link's target, or nothing, has it."


@dataclass(frozen=True, kw_only=True)
class Join(ComparingStage):
    """Gives rows of `contents` the repository, path and licence that the other two tables have for them.

    A blob may be the content of many files. Of these the one stays whose licence and path are kept, or else its
    licence, or else its path; and among such the first by repository, then path. Rows that have a path already, and no
    licence, get their repository's.

    files, licences: the tables. preference: which licences and paths are kept. strict: see ReadLog.
    """

    name: ClassVar[str] = "join"
    version: ClassVar[int] = VERSION
    reasons: ClassVar[type[DropReason]] = JoinReason

    files: tuple[InputFile, ...]
    licences: tuple[InputFile, ...]
    preference: Preference
    strict: bool

    @property
    def _repositories(self) -> list[RepositoriesTask]:
        decided = {"step": REPOSITORIES, "version": VERSION, "tables": [table.as_json() for table in self.licences]}
        return [RepositoriesTask(key_of(decided), self.licences, self.strict)] if self.licences else []

    @property
    def _paths(self) -> list[PathsTask]:
        repositories = next((task.key for task in self._repositories), None)
        decided = {"step": PATHS, "version": VERSION, "repositories": repositories, "ranks": asdict(self.preference)}
        return [
            PathsTask(key_of({**decided, "table": file.as_json()}), file, self.preference, repositories, self.strict)
            for file in self.files
        ]

    @property
    def _index(self) -> list[IndexTask]:
        paths = tuple(task.key for task in self._paths)
        if not paths:
            return []
        size = sum(file.size for file in self.files)
        parts = parts_for(size)
        decided = {"step": INDEX, "version": VERSION, "paths": paths, "parts": parts}
        return [
            IndexTask(key_of({**decided, "part": part}), size // parts, paths, KeyRange(part, parts))
            for part in range(parts)
        ]

    def compare(self, documents: Sequence[Upstream]) -> Comparison:
        repositories, paths, index = self._repositories, self._paths, self._index
        shared: list[Task] = [*index, *repositories]
        made = tuple((task.step, task.key) for task in shared)
        steps: list[Step] = []
        for name, tasks in ((REPOSITORIES, repositories), (PATHS, paths), (INDEX, index)):
            if tasks:
                steps.append(Step(name, lambda store, tasks=tasks: tasks, weight=0.1))  # type: ignore[misc]
        everything: list[Task] = [*repositories, *paths, *index]
        return Comparison(steps, everything, [TaskShare(made, number) for number in range(len(documents))])

    def read(self, store: Store) -> ReadBefore:
        """What the tables gave besides rows: counts, and faults."""
        tasks: list[Task] = [*self._repositories, *self._paths]
        reports = [store.record(task.step, task.key)["report"] for task in tasks]
        return ReadBefore(
            [Ledger.from_json(report["ledger"]) for report in reports],
            [fault for report in reports for fault in report["faults"]],
        )

    def open(self, resources: Resources) -> StageFunction:
        directories = [directory / INDEX_FILE for directory in resources.shares[self.name].directories]
        count = len(directories) - bool(self.licences)
        repositories = SortedFile(directories[-1]) if self.licences else None
        return _Joined([SortedFile(path) for path in directories[:count]], repositories).apply


class _Joined:
    def __init__(self, parts: list[SortedFile], repositories: SortedFile | None) -> None:
        self._parts = parts
        self._repositories = repositories

    def apply(self, batch: pa.RecordBatch) -> StageResult:
        columns = {field.name: batch.column(field.name) for field in batch.schema}
        bare = np.asarray(pc.is_null(columns["path"]))
        lost = np.zeros(batch.num_rows, bool)
        if bare.any():
            found = self._paths_of(columns["blob"].filter(pa.array(bare)))
            for name in ("repo", "path", "revision", "license", "license_evidence"):
                columns[name] = pc.replace_with_mask(columns[name], pa.array(bare), found[name])
            lost[np.flatnonzero(bare)] = np.asarray(pc.is_null(found["path"]))
        without = np.asarray(pc.and_(pc.is_null(columns["license"]), pc.is_valid(columns["repo"]))) & ~bare
        if without.any() and self._repositories is not None:
            names = licences_of(columns["repo"].filter(pa.array(without)).cast(pa.large_string()), self._repositories)
            for name, values in licence_columns(names).items():
                columns[name] = pc.replace_with_mask(columns[name], pa.array(without), values)
        result = keep(batch_of(columns, batch.num_rows), ~lost) if bare.any() or without.any() else batch
        return StageResult(result, Dropped.where(lost, JoinReason.NO_PATH))

    def _paths_of(self, blobs: pa.Array) -> dict[str, pa.Array]:
        """Repository, path, revision and licence of each blob, null where no row of `files` names it."""
        first, second = kernels.text_hashes(blobs.cast(pa.large_string()))
        columns = {name: pa.nulls(len(blobs), pa.large_string()) for name in ("repo", "path", "ref", "license")}
        bits = (len(self._parts) - 1).bit_length()
        owners = first >> np.uint64(64 - bits) if bits else np.zeros(len(first), np.uint64)
        for owner in np.unique(owners):
            rows = np.full(len(blobs), -1)
            mine = owners == owner
            rows[mine] = self._parts[int(owner)].find(first[mine], second[mine])
            if (rows >= 0).any():
                found = self._parts[int(owner)].take(rows[rows >= 0])
                for name, values in columns.items():
                    replacement = found.column(name).combine_chunks()
                    columns[name] = pc.replace_with_mask(values, pa.array(rows >= 0), replacement)
        found_licences = licence_columns(columns["license"])
        return {
            "repo": columns["repo"].cast(pa.string()),
            "path": columns["path"].cast(pa.string()),
            "revision": revisions(columns["ref"]).cast(pa.string()),
            **found_licences,
        }
