"""From wikitext to prose: what a reader of the article sees, without what is no prose."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import kernels
from corpus.cleaning.wiki_site import parse_namespaces, site
from corpus.document import keep, with_column
from corpus.errors import UsageError
from corpus.pipeline.ledger import Measured
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult

_TEXT = pa.field("text", pa.large_string(), nullable=False)


class WikitextReason(DropReason):
    DISAMBIGUATION = "disambiguation", "The page only lists articles of similar names."
    TOO_SHORT = "too_short", "The article's text has fewer characters than min_length."


@dataclass(frozen=True, kw_only=True)
class Wikitext(Stage):
    """Renders articles as text and drops what has none.

    templates: render those that carry prose (measures, dates, foreign words, quotations); otherwise drop all of them,
    as mwparserfromhell's strip_code does. end_sections: drop references, external links, further reading and their like
    in the wiki's language. list_markers: write list items with "- " or their number. category_names: leave the names of
    the page's categories where they stand. title: begin the text with the title. disambiguation: keep pages that only
    tell apart articles of similar names. min_length: characters.
    """

    name: ClassVar[str] = "wikitext"
    reasons: ClassVar[type[DropReason]] = WikitextReason
    version: ClassVar[int] = 2

    templates: bool = True
    end_sections: bool = True
    list_markers: bool = True
    category_names: bool = False
    title: bool = False
    disambiguation: bool = True
    min_length: int = 1

    def __post_init__(self) -> None:
        if self.min_length < 0:
            raise UsageError("wikitext.min_length must be at least 0")

    def open(self, resources: Resources) -> StageFunction:
        @lru_cache(maxsize=64)
        def renderer(language: str, namespaces: str) -> kernels.WikitextRenderer:
            tables = site(language, parse_namespaces(namespaces))
            options = {
                "render_templates": self.templates,
                "list_markers": self.list_markers,
                "category_names": self.category_names,
            }
            if not self.end_sections:
                tables["end_sections"] = []
            return kernels.WikitextRenderer(tables | options)

        return lambda batch: self._apply(batch, renderer)

    def _apply(self, batch: pa.RecordBatch, renderer: Callable[[str, str], kernels.WikitextRenderer]) -> StageResult:
        text, disambiguation = self._render(batch, renderer)
        characters = kernels.count_characters(text)
        short = characters < self.min_length
        unwanted = disambiguation & (not self.disambiguation)
        dropped = Dropped.where(unwanted, WikitextReason.DISAMBIGUATION)
        dropped += Dropped.where(short & ~unwanted, WikitextReason.TOO_SHORT, characters)
        kept = ~(short | unwanted)
        if self.title:
            text = pc.binary_join_element_wise(batch.column("title"), text, pa.scalar("\n\n", pa.large_string()))
        result = keep(with_column(batch, _TEXT, text), kept)
        before, after = Measured.of(batch.column("text")), Measured.of(result.column("text"))
        return StageResult(
            result,
            dropped,
            int(before.bytes[kept].sum() - after.bytes.sum()),
            int(before.lines[kept].sum() - after.lines.sum()),
        )

    def _render(
        self, batch: pa.RecordBatch, renderer: Callable[[str, str], kernels.WikitextRenderer]
    ) -> tuple[pa.LargeStringArray, np.ndarray]:
        """The text of every row and whether it is a disambiguation; rows that are text already stay as they are."""
        namespaces = (batch.schema.metadata or {}).get(b"namespaces", b"{}").decode()
        pages, titles, languages = batch.column("text"), batch.column("title"), batch.column("language")
        is_wikitext = np.asarray(pc.equal(batch.column("model"), "wikitext"))
        parts, rows = [pages.filter(pa.array(~is_wikitext))], [np.flatnonzero(~is_wikitext)]
        disambiguation = np.zeros(len(pages), bool)
        for language in pc.unique(languages).to_pylist():
            mask = is_wikitext & np.asarray(pc.equal(languages, language))
            chosen = pa.array(mask)
            rendered, found = renderer(language, namespaces).render(pages.filter(chosen), titles.filter(chosen))
            parts.append(rendered)
            rows.append(np.flatnonzero(mask))
            disambiguation[mask] = found
        order = np.argsort(np.concatenate(rows), kind="stable")
        return pa.concat_arrays(parts).take(pa.array(order)), disambiguation
