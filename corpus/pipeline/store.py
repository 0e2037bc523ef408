"""A run's directory: where tasks commit, where finished outputs are published, and how both survive a kill.

Every task works in a directory of its own under `DIR/tasks/STEP/` and commits by one rename of that directory, so a
task is either absent or whole. A task is named by the key of everything that decides its output, never by a worker or
its place in a queue: the same command finds what is done, whatever the number of workers, and a changed parameter or
input finds only what it does not affect.

When the last task is in, outputs move to their public names (`documents/part-00000.parquet`, ...). `published.json`
is written first and says what moves where; a kill in between leaves each file at one of two known places.
`run.json` is written last: a directory without it is not complete.
"""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import UserError
from corpus.identity import file_sha256
from corpus.memory import resident_memory
from corpus.pipeline.scratch import Scratch

RECORD = "record.json"
TIMINGS = "timings.json"
COMPLETE = "run.json"
PARTIAL = ".partial"


class NoSpaceError(UserError):
    """The disk is full."""


@dataclass(frozen=True)
class Artifact:
    """A file made by a task: the step and key of the task, and the file's name in the task's directory."""

    step: str
    key: str
    name: str


class Store:
    """The directory of one run. Cheap to create; workers and the main process each have their own.

    scratch: bytes that batches kept between tasks may take; see `Scratch`.
    """

    def __init__(self, root: Path, scratch: int | None = None) -> None:
        self.root = root
        self.tasks = root / "tasks"
        self.scratch = Scratch(self.tasks / "kept", scratch)
        self._published = self._read_published()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the directory for one command; raises UserError when it is not usable or another command has it."""
        try:
            self.tasks.mkdir(parents=True, exist_ok=True)
            lock = open(self.tasks / ".lock", "w")  # noqa: SIM115 (held until the end of the block)
        except OSError as error:
            raise UserError(f"{self.root}: cannot be written ({error.strerror}); choose another --out") from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UserError(
                    f"{self.root}: another command is writing here; wait for it or choose another --out"
                ) from None
            for partial in self.tasks.glob(f"*/*{PARTIAL}-*"):
                shutil.rmtree(partial)
            yield

    def is_complete(self) -> bool:
        return (self.root / COMPLETE).exists()

    def is_done(self, step: str, key: str) -> bool:
        """Whether the task has committed and every file it made is still there with its size."""
        record = self.directory(step, key) / RECORD
        if not record.exists():
            return False
        files = json.loads(record.read_text())["files"]
        paths = {self.path(Artifact(step, key, name)): file["bytes"] for name, file in files.items()}
        return all(path.exists() and path.stat().st_size == size for path, size in paths.items())

    def record(self, step: str, key: str) -> dict[str, Any]:
        """A committed task's record: `report` as the task gave it, and `files` (name -> bytes, sha256)."""
        data: dict[str, Any] = json.loads((self.directory(step, key) / RECORD).read_text())
        return data

    def timings(self, step: str, key: str) -> dict[str, float]:
        data: dict[str, float] = json.loads((self.directory(step, key) / TIMINGS).read_text())
        return data

    def directory(self, step: str, key: str) -> Path:
        """Where the files of a task are that are not published."""
        return self.tasks / step / key

    def path(self, artifact: Artifact) -> Path:
        """Where a task's file is now: at its public name, or still in the task's directory."""
        own = self.directory(artifact.step, artifact.key) / artifact.name
        public = self._published.get(artifact)
        return own if public is None or own.exists() else self.root / public

    @contextmanager
    def task(self, step: str, key: str, memory: int) -> Iterator["Draft"]:
        """A directory to work in; committed when the block ends well, removed when it does not.

        memory: bytes the process may hold while it works.
        """
        partial = self.tasks / step / f"{key}{PARTIAL}-{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        draft = Draft(partial, memory)
        try:
            partial.mkdir(parents=True)
            yield draft
            self._commit(draft, self.directory(step, key))
            self.scratch.discard(draft.spent)
        except OSError as error:
            shutil.rmtree(partial, ignore_errors=True)
            if error.errno == errno.ENOSPC:
                raise NoSpaceError(
                    f"{self.root}: no space left on the device; finished tasks are kept, "
                    "so free some space and run the same command again"
                ) from None
            raise
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise

    def _commit(self, draft: "Draft", target: Path) -> None:
        files = {}
        for file in sorted(draft.directory.iterdir()):
            with open(file, "rb") as stream:
                files[file.name] = {"bytes": file.stat().st_size, "sha256": file_sha256(stream)}
                os.fsync(stream.fileno())
        write_json(draft.directory / TIMINGS, draft.timings)
        write_json(draft.directory / RECORD, {"report": draft.report, "files": files})
        if target.exists():
            shutil.rmtree(target)
        os.rename(draft.directory, target)
        sync_directory(target.parent)

    def clear(self) -> None:
        """Forgets every task and removes what was published."""
        self.reopen()
        for name in self._published.values():
            (self.root / name).unlink(missing_ok=True)
        (self.tasks / "published.json").unlink(missing_ok=True)
        self._published = {}
        self.discard_tasks_except(set())

    def reopen(self) -> None:
        """Marks the run as not complete, before anything in it changes."""
        (self.root / COMPLETE).unlink(missing_ok=True)

    def publish(self, public: Mapping[str, Artifact], documents: Mapping[str, Any], run: Mapping[str, Any]) -> None:
        """Moves outputs to their public names, then writes the JSON `documents` (name -> content), `run.json` last.

        Tasks that are not part of this run any more, and public files of an earlier run, are removed.
        """
        wanted = {artifact: name for name, artifact in public.items()}
        if wanted != self._published:
            self.reopen()
            self._retract()
            entries = [[name, artifact.step, artifact.key, artifact.name] for name, artifact in sorted(public.items())]
            write_json(self.tasks / "published.json", entries)
            self._published = wanted
        for artifact, name in wanted.items():
            own, target = self.directory(artifact.step, artifact.key) / artifact.name, self.root / name
            if own.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                os.rename(own, target)
        for directory in {(self.root / name).parent for name in public}:
            sync_directory(directory)
        for name, content in documents.items():
            write_json(self.root / name, content)
        write_json(self.root / COMPLETE, run)

    def discard_tasks_except(self, keep: set[tuple[str, str]]) -> None:
        """Removes committed tasks of other recipes or inputs."""
        for directory in self.tasks.glob("*/*/"):
            if (directory.parent.name, directory.name) not in keep:
                shutil.rmtree(directory)

    def _retract(self) -> None:
        for artifact, name in self._published.items():
            public, home = self.root / name, self.directory(artifact.step, artifact.key)
            if public.exists():
                if home.exists():
                    os.rename(public, home / artifact.name)
                else:
                    public.unlink()

    def _read_published(self) -> dict[Artifact, str]:
        file = self.tasks / "published.json"
        entries = json.loads(file.read_text()) if file.exists() else []
        return {Artifact(step, key, own): name for name, step, key, own in entries}


@dataclass
class Draft:
    """A task's working directory, and what it has to say when it commits.

    memory: bytes the process may hold. report: plain JSON, the same for the same task whenever it runs. timings:
    seconds by activity, free to vary. spent: keys of what is kept in the scratch for nobody else once this task is in.
    """

    directory: Path
    memory: int
    report: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    spent: tuple[str, ...] = ()

    def room(self) -> int:
        """Bytes the task may still take. Never less than an eighth of all: what the process holds may be memory that
        earlier tasks gave back and that can be used again."""
        return max(self.memory - resident_memory(), self.memory // 8)


def write_json(path: Path, content: Any) -> None:
    """Writes `content` so that a reader sees the old file or the new one, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(temporary, "w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=1, sort_keys=True, ensure_ascii=False)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)


def sync_directory(path: Path) -> None:
    """Makes renames inside `path` survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
