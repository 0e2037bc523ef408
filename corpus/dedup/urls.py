"""One page for each URL, as C4 does it: of pages with the same normalised URL the newest stays."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from corpus.dedup.claims import Claiming, Claims, won
from corpus.document import keep
from corpus.pipeline.stage import Dropped, DropReason, Resources, StageFunction, StageResult

_SCHEME = re.compile(r"https?://(www\.)?")
_TRACKING = re.compile(r"\?(utm_|ref|feed).*")
_OLDEST = np.uint64((1 << 64) - 1)


def normalize_url(url: str) -> str:
    """tensorflow_datasets `c4_utils.normalize_url`: no scheme, no www., no query that begins as those of trackers and
    feeds do, no slash at the end."""
    return _TRACKING.sub("", _SCHEME.sub("", url)).rstrip("/")


class UrlReason(DropReason):
    NO_URL = "no_url", "The page has no URL."
    OLDER_COPY = "older_copy", "A newer page, or an earlier one of the same age, has the same normalised URL."


@dataclass(frozen=True, kw_only=True)
class UrlDedup(Claiming):
    """Keeps one page of each URL over the whole input: the newest, of equally new ones the first. normalize: whether
    URLs are compared by `normalize_url`; else as they are."""

    name: ClassVar[str] = "urls"
    reasons: ClassVar[type[DropReason]] = UrlReason
    weight: ClassVar[float] = 0.2

    normalize: bool = True

    def claimer(self, resources: Resources) -> Callable[[pa.RecordBatch, int], Claims]:
        return self._claims

    def _claims(self, batch: pa.RecordBatch, first_row: int) -> Claims:
        urls = batch.column("url").to_pylist()
        named = np.array([url is not None for url in urls], dtype=bool)
        keys = [self._key(url) for url in urls if url is not None]
        rows = first_row + np.flatnonzero(named)
        return Claims(np.array(keys, dtype=np.uint64), _ranks(batch)[named], rows)

    def _key(self, url: str) -> int:
        compared = normalize_url(url) if self.normalize else url
        return int.from_bytes(hashlib.sha1(compared.encode()).digest()[:8], "little")

    def open(self, resources: Resources) -> StageFunction:
        winners = np.sort(won(resources.shares[self.name])[1])
        row = 0

        def apply(batch: pa.RecordBatch) -> StageResult:
            nonlocal row
            begin, end = np.searchsorted(winners, [row, row + batch.num_rows])
            wins = np.zeros(batch.num_rows, dtype=bool)
            wins[winners[begin:end] - row] = True
            row += batch.num_rows
            nameless = batch.column("url").is_null().to_numpy(zero_copy_only=False)
            dropped = Dropped.where(nameless, UrlReason.NO_URL)
            dropped += Dropped.where(~wins & ~nameless, UrlReason.OLDER_COPY)
            return StageResult(keep(batch, wins), dropped)

        return apply


def _ranks(batch: pa.RecordBatch) -> np.ndarray:
    """Less for newer pages; pages without a time stamp are the oldest."""
    stamps = batch.column("timestamp")
    missing = stamps.is_null().to_numpy(zero_copy_only=False)
    seconds = stamps.cast(pa.int64()).fill_null(0).to_numpy()
    return np.where(missing, _OLDEST, np.uint64(1 << 63) - seconds.astype(np.uint64))
