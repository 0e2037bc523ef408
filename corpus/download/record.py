"""What a directory of downloads holds: `download.json`, and beside it a journal while a command runs."""

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.download.remote import JOURNAL, LOCK, RECORD
from corpus.errors import UserError

FORMAT, FORMAT_VERSION = "llama-corpus download", 1


@dataclass(frozen=True)
class Entry:
    """A finished file. checked: see Verdict. damage: what is wrong with it at its source, None for a whole file."""

    path: str
    url: str
    bytes: int
    sha256: str
    etag: str | None
    checked: str
    damage: str | None = None


class Record:
    """The finished files below `root`, by path. Entries may be added by several threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self.entries: dict[str, Entry] = {}
        self.commands: dict[str, dict[str, Any]] = {}
        self._read()

    def has(self, path: str) -> bool:
        """Whether the file was finished and is still there with its size."""
        entry, file = self.entries.get(path), self._root / path
        return entry is not None and file.is_file() and file.stat().st_size == entry.bytes

    def add(self, entry: Entry) -> None:
        """Writes the entry down before its file gets its final name, so that no finished file is ever unknown."""
        with self._lock:
            self.entries[entry.path] = entry
            with open(self._root / JOURNAL, "a", encoding="utf-8") as journal:
                journal.write("\n" + json.dumps(asdict(entry)) + "\n")

    def publish(self, command: Mapping[str, Any]) -> None:
        """Writes `download.json`: every finished file, and the commands that asked for them by source and title."""
        with self._lock:
            self.commands[f"{command['source']} {command['title']}"] = dict(command)
            entries = [asdict(self.entries[path]) for path in sorted(self.entries) if self.has(path)]
            data = {
                "format": FORMAT,
                "version": FORMAT_VERSION,
                "commands": list(self.commands.values()),
                "files": entries,
            }
            draft = self._root / (RECORD + ".new")
            draft.write_text(json.dumps(data, indent=1, default=str) + "\n", "utf-8")
            os.replace(draft, self._root / RECORD)
            (self._root / JOURNAL).unlink(missing_ok=True)

    def _read(self) -> None:
        path = self._root / RECORD
        if path.exists():
            try:
                data = json.loads(path.read_text("utf-8"))
                self.entries = {file["path"]: Entry(**file) for file in data["files"]}
                self.commands = {f"{command['source']} {command['title']}": command for command in data["commands"]}
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise UserError(
                    f"{path}: is no record of downloads ({error}); remove it, and files will be checked again"
                ) from None
        for entry in _journal(self._root / JOURNAL):
            self.entries[entry.path] = entry


def _journal(path: Path) -> Iterator[Entry]:
    """A line is cut where a kill came while it was written; that file is fetched again."""
    if not path.exists():
        return
    for line in path.read_text("utf-8").splitlines():
        with suppress(ValueError, TypeError):
            yield Entry(**json.loads(line))


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Holds the directory for one command. Raises UserError when it cannot be written or another command has it."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = open(root / LOCK, "w")  # noqa: SIM115 (held until the end of the block)
    except OSError as error:
        raise UserError(f"{root}: cannot be written ({error.strerror}); choose another --out") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(f"{root}: another download is writing here; wait for it or choose another --out") from None
        yield
