"""The last look at a paper: blank lines and blanks that removals left, and whether enough text is left."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import kernels
from corpus.cleaning.edit import rewritten, with_text
from corpus.document import keep
from corpus.errors import UsageError
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult


class LayoutReason(DropReason):
    TOO_SHORT = "too_short", "What is left of the paper has fewer characters than min_length."


@dataclass(frozen=True, kw_only=True)
class Layout(Stage):
    """Cuts blanks at line ends and more than one empty line, then drops papers of which little is left.

    min_length: characters.
    """

    name: ClassVar[str] = "layout"
    reasons: ClassVar[type[DropReason]] = LayoutReason

    min_length: int = 200

    def __post_init__(self) -> None:
        if self.min_length < 0:
            raise UsageError("layout.min_length must be at least 0")

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        text = pc.replace_substring_regex(batch.column("text"), r"[ \t\f\v]+\n", "\n")
        text = pc.utf8_trim(pc.replace_substring_regex(text, r"\n{3,}", "\n\n"), " \t\n\f\v")
        characters = kernels.count_characters(text)
        short = characters < self.min_length
        after = keep(with_text(batch, text), ~short)
        return rewritten(batch, after, Dropped.where(short, LayoutReason.TOO_SHORT, np.asarray(characters)))
