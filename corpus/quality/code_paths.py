"""Which files of a project are taken, by their paths."""

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.document import keep
from corpus.errors import UsageError
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult
from corpus.quality.code_languages import LANGUAGE_OF


class PathsReason(DropReason):
    SUFFIX_NOT_KEPT = "suffix_not_kept", "The path ends with none of the suffixes that are kept."
    NAME_NOT_KEPT = "name_not_kept", "The file has a name, or a suffix, that is left out."


@dataclass(frozen=True, kw_only=True)
class Paths(Stage):
    """Keeps files by suffix, and leaves out some by name.

    suffixes: a kept path ends with one of them, in this case (RedPajama `github_run_filter.py`, where the names
    Dockerfile and Makefile stand among them). names: files called so are left out; skip_suffixes: and those that end so
    (`github_clean_dedup_local.py`: LICENSE and .crt).
    """

    name: ClassVar[str] = "paths"
    reasons: ClassVar[type[DropReason]] = PathsReason

    suffixes: tuple[str, ...] = tuple(LANGUAGE_OF)
    names: tuple[str, ...] = ("LICENSE",)
    skip_suffixes: tuple[str, ...] = (".crt",)

    def __post_init__(self) -> None:
        if not self.suffixes or not all((*self.suffixes, *self.names, *self.skip_suffixes)):
            raise UsageError("paths.suffixes must name at least one suffix, and no suffix or name may be empty")

    def kept(self, paths: pa.Array) -> np.ndarray:
        """bool[n]: which paths are kept, for any reason."""
        return _matches(paths, _ending(self.suffixes)) & ~self._left_out(paths)

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _left_out(self, paths: pa.Array) -> np.ndarray:
        patterns = [f"(?:^|/){_any(self.names)}$"] if self.names else []
        patterns += [_ending(self.skip_suffixes)] if self.skip_suffixes else []
        out = np.zeros(len(paths), bool)
        for pattern in patterns:
            out |= _matches(paths, pattern)
        return out

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        paths = batch.column("path")
        left_out = self._left_out(paths)
        other = ~left_out & ~_matches(paths, _ending(self.suffixes))
        dropped = Dropped.where(left_out, PathsReason.NAME_NOT_KEPT)
        dropped += Dropped.where(other, PathsReason.SUFFIX_NOT_KEPT)
        return StageResult(keep(batch, ~(left_out | other)), dropped)


def _ending(suffixes: tuple[str, ...]) -> str:
    return f"{_any(suffixes)}$"


def _any(words: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(map(re.escape, words))})"


def _matches(paths: pa.Array, pattern: str) -> np.ndarray:
    return np.asarray(pc.match_substring_regex(paths, pattern))
