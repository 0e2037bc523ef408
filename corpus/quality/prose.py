"""Telling books from tables, listings and other files that are no running text."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from corpus.document import keep
from corpus.errors import UsageError
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult

_IS_VISIBLE = np.ones(256, bool)
_IS_VISIBLE[list(b" \t\n\r\x0b\x0c")] = False
_IS_LETTER = np.zeros(256, bool)
_IS_LETTER[[code for code in range(256) if code >= 0x80 or chr(code).isalpha()]] = True


class ProseReason(DropReason):
    FEW_LETTERS = "few_letters", "Less of the text than min_letters is letters; it is a table or a listing, not prose."


@dataclass(frozen=True, kw_only=True)
class Prose(Stage):
    """Drops what is not made of words.

    min_letters: smallest share of letters among the bytes that are not white space; bytes beyond ASCII count as
    letters. Novels lie at 0.94 to 0.97, plays and verse hardly lower, an index of files at 0.4.
    """

    name: ClassVar[str] = "prose"
    reasons: ClassVar[type[DropReason]] = ProseReason

    min_letters: float = 0.6

    def __post_init__(self) -> None:
        if not 0 <= self.min_letters <= 1:
            raise UsageError("prose.min_letters must lie between 0 and 1")

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        share = letter_share(batch.column("text"))
        few = share < self.min_letters
        return StageResult(keep(batch, ~few), Dropped.where(few, ProseReason.FEW_LETTERS, share))


def letter_share(text: pa.LargeStringArray) -> np.ndarray:
    """Letters among the bytes that are not white space, float64[n]; 0 for a text without any."""
    offsets = np.frombuffer(text.buffers()[1], np.int64)[text.offset : text.offset + len(text) + 1]
    data = np.frombuffer(text.buffers()[2] or b"", np.uint8)
    shares = np.zeros(len(text))
    for row, (begin, end) in enumerate(zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)):
        visible = np.count_nonzero(_IS_VISIBLE[data[begin:end]])
        shares[row] = np.count_nonzero(_IS_LETTER[data[begin:end]]) / visible if visible else 0.0
    return shares
