"""Tests of length: CCNet's first, pages with little text are not worth the work; and C4's, some are too long."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

import kernels
from corpus.document import keep
from corpus.errors import UsageError
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult


class LengthReason(DropReason):
    TOO_SHORT = "too_short", "The text has fewer characters than min_length."
    TOO_LONG = "too_long", "The text has more bytes than max_bytes."


class MaxLengthReason(DropReason):
    TOO_LONG = "too_long", "The text has more characters than max_length.characters."


@dataclass(frozen=True, kw_only=True)
class Length(Stage):
    """Drops documents by the length of their text as read, before any deduplication.

    min_length: characters, without the title (cc_net `Config.min_len`, 300). max_bytes: UTF-8 bytes; a memory limit
    of this tool, far above any page CommonCrawl holds (it cuts captures at 1 MiB).
    """

    name: ClassVar[str] = "read"
    reasons: ClassVar[type[DropReason]] = LengthReason

    min_length: int = 300
    max_bytes: int = 64 << 20

    def __post_init__(self) -> None:
        if self.min_length < 0 or self.max_bytes < 1:
            raise UsageError("read.min_length must be at least 0 and read.max_bytes at least 1")

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        text = batch.column("text")
        characters = kernels.count_characters(text)
        offsets = np.frombuffer(text.buffers()[1], dtype=np.int64)[text.offset : text.offset + len(text) + 1]
        size = np.diff(offsets)
        short = characters < self.min_length
        long = ~short & (size > self.max_bytes)
        dropped = Dropped.where(short, LengthReason.TOO_SHORT, characters)
        dropped += Dropped.where(long, LengthReason.TOO_LONG, size)
        return StageResult(keep(batch, ~(short | long)), dropped)


@dataclass(frozen=True, kw_only=True)
class MaxLength(Stage):
    """Drops documents over a number of characters (C4, `c4_utils.is_valid_length`: 190,000)."""

    name: ClassVar[str] = "max_length"
    reasons: ClassVar[type[DropReason]] = MaxLengthReason

    characters: int = 190_000

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        characters = kernels.count_characters(batch.column("text"))
        long = characters > self.characters
        return StageResult(keep(batch, ~long), Dropped.where(long, MaxLengthReason.TOO_LONG, characters))
