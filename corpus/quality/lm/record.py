"""A trained language model on disk, and its record."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from corpus.errors import UserError
from corpus.identity import file_sha256
from corpus.pipeline.store import sync_directory, write_json


@dataclass(frozen=True)
class LanguageModel:
    """A trained model: `DIRECTORY/LANGUAGE.sp.model`, `.arpa`, and `.json`, whose content is `record`.

    already_complete: whether it was found there, made by the same command.
    """

    directory: Path
    language: str
    record: Mapping[str, Any]
    already_complete: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"directory": str(self.directory), "already_complete": self.already_complete, **self.record}

    def print(self) -> None:
        console = Console(highlight=False, soft_wrap=True)
        if self.already_complete:
            console.print(f"{self.directory}: already complete, nothing to do")
        texts, pieces, ngrams = (self.record[part] for part in ("texts", "sentencepiece", "ngrams"))
        console.print(f"{texts['texts']:,} texts of {texts['bytes'] / 1e6:,.1f} MB, normalised")
        table = Table(box=None, pad_edge=False)
        for column in ("order", "n-grams"):
            table.add_column(column, justify="right")
        for order, counted in enumerate(ngrams["orders"], 1):
            table.add_row(str(order), f"{counted['ngrams']:,}")
        console.print(table)
        console.print(f"{self.directory / pieces['path']}: {pieces['pieces']:,} pieces")
        console.print(f"{self.directory / ngrams['path']}: {ngrams['bytes'] / 1e6:,.1f} MB")
        console.print(
            f"next: llama-corpus lm cutoffs TEXTS --language {self.language} --models {self.directory}, "
            f"then llama-corpus filter SOURCE INPUT --models {self.directory} --out DIR"
        )


@contextmanager
def scratch_directory(out: Path, language: str) -> Iterator[Path]:
    """A directory beside the model to make it in, for one command at a time.

    What a killed command left in it is removed. Raises UserError when `out` is not usable or another command is at it.
    """
    path = out / f".{language}.partial"
    try:
        path.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None
    try:
        _lock(handle, out, language)
        for left in path.iterdir():
            left.unlink()
        try:
            yield path
        finally:
            shutil.rmtree(path)
    finally:
        os.close(handle)


def _lock(handle: int, out: Path, language: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise UserError(
            f"{out}: another command is making the model {language}; wait for it or choose another --out"
        ) from None


def publish(out: Path, language: str, made: tuple[Path, Path], record: Mapping[str, Any]) -> None:
    """Puts the files of a model in place, then its record: whoever finds the record finds the files it speaks of."""
    with suppress(FileNotFoundError):
        (out / f"{language}.json").unlink()
    for path in made:
        os.replace(path, out / path.name)
    write_json(out / f"{language}.json", record)
    sync_directory(out)


def find_finished(out: Path, language: str, request: Mapping[str, Any]) -> LanguageModel | None:
    """The model that the same request made, if all of it is still there."""
    try:
        record: dict[str, Any] = json.loads((out / f"{language}.json").read_text("utf-8"))
        if any(record.get(key) != value for key, value in request.items()):
            return None
        parts = [record["sentencepiece"], record["ngrams"]]
        same = all(sha256_of(out / part["path"]) == part["sha256"] for part in parts)
    except (OSError, ValueError, KeyError):
        return None
    return LanguageModel(out, language, record, already_complete=True) if same else None


def sha256_of(path: Path) -> str:
    with open(path, "rb") as stream:
        return file_sha256(stream)
