"""Telling books from tables, listings and other files that are no running text."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from corpus.document import keep
from corpus.errors import UsageError
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult

_A, _SPACE, _TAB = np.frombuffer(b"a \t", np.uint8)
"""Subtracting wraps around, so that one comparison tells a range of bytes: white space is the tab and the four after
it, and the space."""
_PIECE = 1 << 16
"""Bytes that stay in the processor's cache while they are looked at in several ways."""


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
        letters = visible = 0
        for at in range(begin, end, _PIECE):
            piece = data[at : min(at + _PIECE, end)]
            letters += np.count_nonzero(((piece | 0x20) - _A < 26) | (piece >= 0x80))
            visible += len(piece) - np.count_nonzero((piece == _SPACE) | (piece - _TAB < 5))
        shares[row] = letters / visible if visible else 0.0
    return shares
