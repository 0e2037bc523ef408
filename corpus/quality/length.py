"""CCNet's first test: pages with little text are not worth the work."""

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
