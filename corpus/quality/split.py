"""C4's validation split: one page in a thousand, chosen by the MD5 of its URL."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from corpus.dedup.urls import normalize_url
from corpus.document import keep, with_column
from corpus.errors import UsageError
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult

COLUMN = pa.field("split", pa.string())
SPLITS = ("train", "validation")


class SplitReason(DropReason):
    NOT_KEPT = "not_kept", "The page is in a split that is not kept."


@dataclass(frozen=True, kw_only=True)
class Split(Stage):
    """Names each page's split, `validation` if the MD5 of its normalised URL divides by `modulus`, else `train`.

    keep: the splits kept.
    """

    name: ClassVar[str] = "split"
    reasons: ClassVar[type[DropReason]] = SplitReason

    modulus: int = 1000
    keep: tuple[str, ...] = SPLITS

    def __post_init__(self) -> None:
        if self.modulus < 1 or not set(self.keep) <= set(SPLITS):
            raise UsageError(f"split.modulus must be at least 1, split.keep some of {', '.join(SPLITS)}")

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        names = np.array([self.split_of(url) for url in batch.column("url").to_pylist()], dtype=object)
        gone = ~np.isin(names, self.keep)
        named = with_column(batch, COLUMN, pa.array(names, type=pa.string()))
        return StageResult(keep(named, ~gone), Dropped.where(gone, SplitReason.NOT_KEPT))

    def split_of(self, url: str | None) -> str:
        digest = hashlib.md5(normalize_url(url or "").encode(), usedforsecurity=False).hexdigest()
        return SPLITS[int(digest, 16) % self.modulus == 0]
