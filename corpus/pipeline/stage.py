"""What a stage is: typed parameters, a version, and a pure function over batches of documents."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from corpus.models.files import ModelFiles
from corpus.pipeline.scratch import Kept


class DropReason(str, Enum):
    """Why a stage drops a document: a short name, and the sentence shown to people.

    Members are written `TOO_SHORT = "too_short", "The text has fewer characters than min_length."`.
    """

    sentence: str

    def __new__(cls, value: str, sentence: str) -> "DropReason":
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member


@dataclass(frozen=True)
class Dropped:
    """The documents a stage dropped from one batch, in batch order.

    rows: int64[n], row numbers in the stage's input batch. reasons: one per row. values: float64[n], the measured
    value behind each decision (NaN where there is none).
    """

    rows: np.ndarray
    reasons: list[DropReason]
    values: np.ndarray

    @classmethod
    def where(cls, mask: np.ndarray, reason: DropReason, values: np.ndarray | None = None) -> "Dropped":
        """Drops the rows where the bool[n] `mask` is set, for one reason; `values` has one entry per input row."""
        rows = np.flatnonzero(mask)
        measured = np.full(len(rows), np.nan) if values is None else np.asarray(values, dtype=np.float64)[rows]
        return cls(rows, [reason] * len(rows), measured)

    def __add__(self, other: "Dropped") -> "Dropped":
        rows = np.concatenate([self.rows, other.rows])
        reasons = self.reasons + other.reasons
        order = np.argsort(rows, kind="stable")
        return Dropped(rows[order], [reasons[i] for i in order], np.concatenate([self.values, other.values])[order])


def nothing_dropped() -> Dropped:
    return Dropped(np.empty(0, dtype=np.int64), [], np.empty(0, dtype=np.float64))


@dataclass(frozen=True)
class StageResult:
    """What a stage made of one batch: every input row is in `kept` (in order) or in `dropped`.

    removed_bytes, removed_lines: UTF-8 bytes and lines taken out of the text of kept documents (negative when a stage
    adds text). The runner checks that input = kept + dropped + removed. counters: other things the stage counted, for
    the ledger.
    """

    kept: pa.RecordBatch
    dropped: Dropped = field(default_factory=nothing_dropped)
    removed_bytes: int = 0
    removed_lines: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Share:
    """What earlier steps made for many inputs together, and which of those inputs it is wanted for.

    directories: of the tasks that made it. number: of the input, in the order those tasks were given. kept: what was
    kept for this input alone, if it was and still is.
    """

    directories: tuple[Path, ...]
    number: int
    kept: Kept | None = None


@dataclass(frozen=True)
class Resources:
    """What a stage may open besides its parameters: model files, and what earlier steps made for it, by stage."""

    models: ModelFiles
    shares: Mapping[str, Share]


StageFunction = Callable[[pa.RecordBatch], StageResult]


@dataclass(frozen=True, kw_only=True)
class Stage(ABC):
    """A step in a document's life; the dataclass fields of a subclass are its parameters.

    name: as it appears in recipes, ledgers and the dropped table. version: raised whenever the same parameters give
    another result, so that finished tasks of the older version are not taken for current ones.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    reasons: ClassVar[type[DropReason]]

    def model_names(self, models: ModelFiles) -> list[str]:
        """Model files this stage will open; raises UserError when a required one is missing."""
        return []

    @abstractmethod
    def open(self, resources: Resources) -> StageFunction:
        """Loads what the stage needs and returns the function applied to each batch."""


def described(stage: Stage) -> dict[str, Any]:
    """What decides a stage's behaviour, as plain JSON: name, version and parameters."""
    return {"stage": stage.name, "version": stage.version, **asdict(stage)}
