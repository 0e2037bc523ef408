"""Which pages of a wiki are articles."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.document import keep
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult


class ArticlesReason(DropReason):
    LANGUAGE = "language", "The wiki's language is not among the languages wanted."
    NAMESPACE = "namespace", "The page is no article but a talk, template, category or other page."
    REDIRECT = "redirect", "The page only leads to another page."
    NOT_WIKITEXT = "not_wikitext", "The page holds code or data instead of wikitext."


@dataclass(frozen=True, kw_only=True)
class Articles(Stage):
    """Keeps articles: pages of the wanted namespaces that are wikitext and no redirects.

    namespaces: MediaWiki's numbers; 0 is that of articles. languages: codes of the wikis wanted; all, when empty.
    """

    name: ClassVar[str] = "articles"
    reasons: ClassVar[type[DropReason]] = ArticlesReason

    namespaces: tuple[int, ...] = (0,)
    languages: tuple[str, ...] = ()

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        namespaces = batch.column("namespace")
        unwanted = {
            ArticlesReason.LANGUAGE: ~_among(batch.column("language"), self.languages)
            if self.languages
            else np.zeros(batch.num_rows, bool),
            ArticlesReason.NAMESPACE: ~_among(namespaces, self.namespaces),
            ArticlesReason.REDIRECT: np.asarray(batch.column("redirect").cast(pa.uint8())).astype(bool),
            ArticlesReason.NOT_WIKITEXT: ~_among(batch.column("model"), ("wikitext", "text")),
        }
        dropped = Dropped.where(np.zeros(batch.num_rows, bool), ArticlesReason.LANGUAGE)
        gone = np.zeros(batch.num_rows, bool)
        for reason, mask in unwanted.items():
            values = np.asarray(namespaces, np.float64) if reason is ArticlesReason.NAMESPACE else None
            dropped += Dropped.where(mask & ~gone, reason, values)
            gone |= mask
        return StageResult(keep(batch, ~gone), dropped)


def _among(column: pa.Array, values: tuple[int, ...] | tuple[str, ...]) -> np.ndarray:
    return np.asarray(pc.is_in(column, value_set=pa.array(values, column.type)).cast(pa.uint8())).astype(bool)
