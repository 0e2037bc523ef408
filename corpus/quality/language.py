"""Language identification as CCNet does it: fastText on the whole document, best label, score rounded, then tested."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.document import keep, with_column
from corpus.errors import UsageError, UserError
from corpus.models.files import ModelFiles
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult
from corpus.quality.rounding import round_each

COLUMNS = (pa.field("language", pa.string()), pa.field("language_score", pa.float64()))
"""language: fastText label (ISO 639 code); language_score: its probability, rounded to two decimals."""


class LanguageReason(DropReason):
    BELOW_THRESHOLD = "below_threshold", "The best language's score, rounded to two decimals, is under threshold."
    NOT_KEPT = "not_kept", "The document's language is not one of the languages kept."


@dataclass(frozen=True, kw_only=True)
class Language(Stage):
    """Names each document's language; drops documents in doubt and in languages not wanted.

    model: fastText lid.176 as `.bin` or quantised `.ftz`. threshold: smallest score kept (cc_net
    `Config.lang_threshold`, 0.5; the score is rounded to two decimals first, so 0.495 passes). keep: languages kept,
    all when empty.
    """

    name: ClassVar[str] = "language"
    reasons: ClassVar[type[DropReason]] = LanguageReason

    model: str = "lid.176.ftz"
    threshold: float = 0.5
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise UsageError("language.threshold must lie between 0 and 1")

    def model_names(self, models: ModelFiles) -> list[str]:
        models.require(self.model, "get it with: llama-corpus models pull lid.176")
        return [self.model]

    def open(self, resources: Resources) -> StageFunction:
        path = resources.models.require(self.model, "get it with: llama-corpus models pull lid.176")
        identifier = load_identifier(path)
        return lambda batch: self._apply(identifier, batch)

    def _apply(self, identifier: kernels.FastText, batch: pa.RecordBatch) -> StageResult:
        languages, scores = identify(identifier, batch.column("text"))
        doubtful = scores < self.threshold
        foreign = ~doubtful & ~np.isin(languages, self.keep) if self.keep else np.zeros(len(scores), dtype=bool)
        labelled = with_column(batch, COLUMNS[0], pa.array(languages, type=pa.string()))
        labelled = with_column(labelled, COLUMNS[1], pa.array(scores))
        dropped = Dropped.where(doubtful, LanguageReason.BELOW_THRESHOLD, scores)
        dropped += Dropped.where(foreign, LanguageReason.NOT_KEPT, scores)
        return StageResult(keep(labelled, ~(doubtful | foreign)), dropped)


@lru_cache(maxsize=1)
def load_identifier(path: Path) -> kernels.FastText:
    """A fastText model; raises UserError when the file is not one."""
    try:
        return kernels.FastText(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    except ValueError as error:
        raise UserError(
            f"{path}: not a fastText model ({error}); get one with: llama-corpus models pull lid.176"
        ) from None


def identify(identifier: kernels.FastText, text: pa.LargeStringArray) -> tuple[np.ndarray, np.ndarray]:
    """Best label and its score, rounded to two decimals, per document: object[n] of str, float64[n].

    Line breaks are deleted, not replaced by spaces, as cc_net `split_by_lang.py` does. A text in which fastText finds
    no known token has no label; it gets "" and score 0.
    """
    labels, probabilities = identifier.predict(text, delete_newlines=True)
    languages = np.array([label.removeprefix("__label__") for label in identifier.labels] + [""], dtype=object)
    return languages[labels], round_each(np.asarray(probabilities, dtype=np.float64), 2)
