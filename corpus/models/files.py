"""Where model files are kept, found by name, and identified."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corpus.errors import UserError
from corpus.identity import file_sha256


def default_directory() -> Path:
    """Where `models pull` puts files: $LLAMA_CORPUS_MODELS, else llama-corpus/models in the user's data directory."""
    chosen = os.environ.get("LLAMA_CORPUS_MODELS")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "llama-corpus" / "models"


@dataclass(frozen=True)
class ModelFiles:
    """An ordered search path of directories holding model files."""

    directories: tuple[Path, ...]

    @classmethod
    def search(cls, given: Sequence[Path] = ()) -> "ModelFiles":
        """`given` directories first, then the default one; raises UserError for a given one that does not exist."""
        for directory in given:
            if not directory.is_dir():
                raise UserError(f"{directory}: no such directory of models; check --models")
        return cls((*given, default_directory()))

    def find(self, name: str) -> Path | None:
        return next((path for directory in self.directories if (path := directory / name).is_file()), None)

    def require(self, name: str, remedy: str) -> Path:
        """The path of `name`; raises UserError ending in `remedy` when no directory has it."""
        path = self.find(name)
        if path is None:
            places = ", ".join(str(directory) for directory in self.directories)
            raise UserError(f"{name}: model not found in {places}; {remedy}")
        return path

    def names(self, suffix: str) -> list[str]:
        """Names of all files ending in `suffix`, sorted, each once."""
        found = {path.name for directory in self.directories for path in directory.glob(f"*{suffix}")}
        return sorted(found)

    def sha256(self, name: str) -> str:
        """SHA-256 of a model file's content, in hexadecimal."""
        path = self.find(name)
        if path is None:
            raise UserError(f"{name}: model not found")
        stat = path.stat()
        return _sha256(path, stat.st_size, stat.st_mtime_ns)


@cache
def _sha256(path: Path, size: int, mtime_ns: int) -> str:
    with open(path, "rb") as stream:
        return file_sha256(stream)
