"""A tiny plan for tests: copy words to files in one step, join them in the next."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import UserError
from corpus.identity import key_of
from corpus.pipeline.plan import Plan, Progress, Publication, Step, Task
from corpus.pipeline.store import Artifact, Draft, Store


@dataclass(frozen=True)
class Copy:
    """Writes one word; logs every run so that tests can count them; fails on the word `fail`, dies on `die`."""

    word: str
    log: Path
    version: int = 1
    step: str = "copy"

    @property
    def key(self) -> str:
        return key_of({"copy": self.word, "version": self.version})

    @property
    def size(self) -> int:
        return len(self.word)

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        with open(self.log, "a") as log:
            log.write(f"copy {self.word}\n")
        (draft.directory / "word.txt").write_text(self.word)
        if self.word == "fail":
            raise UserError("fail: this word cannot be copied; choose another")
        if self.word == "die":
            os._exit(9)
        draft.report = {"letters": len(self.word)}
        progress(1, self.size)


@dataclass(frozen=True)
class Join:
    words: tuple[Copy, ...]
    log: Path
    separator: str = " "
    step: str = "join"

    @property
    def key(self) -> str:
        return key_of({"join": [word.key for word in self.words], "separator": self.separator})

    @property
    def size(self) -> int:
        return sum(word.size for word in self.words)

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        with open(self.log, "a") as log:
            log.write("join\n")
        texts = [store.path(Artifact(word.step, word.key, "word.txt")).read_text() for word in self.words]
        (draft.directory / "joined.txt").write_text(self.separator.join(texts))


def plan(words: Sequence[str], log: Path, separator: str = " ", version: int = 1) -> Plan:
    copies = [Copy(word, log, version) for word in words]
    joins = [Join(tuple(copies[i : i + 2]), log, separator) for i in range(0, len(copies), 2)]

    def publish(store: Store, tasks: Mapping[str, Sequence[Task]]) -> Publication:
        files = {f"joined/part-{i}.txt": Artifact(t.step, t.key, "joined.txt") for i, t in enumerate(tasks["join"])}
        return Publication(files, {"counts.json": {"words": len(copies)}}, {"separator": separator})

    return Plan([Step("copy", lambda store: copies), Step("join", lambda store: joins)], publish)


class Silent:
    """A monitor that remembers what it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.bytes = 0

    def step(self, name: str, tasks: int, done: int, size: int, size_done: int) -> None: ...

    def advance(self, documents: int, size: int, dropped: int = 0) -> None:
        self.bytes += size

    def note(self, message: str) -> None:
        self.notes.append(message)


def public_files(root: Path) -> dict[str, bytes]:
    """Everything a run shows, timings apart."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.relative_to(root).parts[0] != "tasks" and path.name != "timings.json"
    }


def log_lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def shown(root: Path) -> list[str]:
    return [file.read_text() for file in sorted((root / "joined").glob("*"))]


def run_json(root: Path) -> dict[str, str]:
    data: dict[str, str] = json.loads((root / "run.json").read_text())
    return data
