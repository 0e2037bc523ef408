"""C4, 15 % of LLaMA's training tokens (arXiv 2302.13971, section 2.1).

LLaMA took the data set as released, and so does the recipe `llama1`: its JSON lines become documents as they are. The
recipes `c4-released` and `c4-paper` make C4 anew from WET files, or WARC files, by the code that made the release
(tensorflow_datasets `c4.py` and `c4_utils.py`) or by the numbers of the paper (arXiv 1910.10683, section 2.2).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import ClassVar

import pyarrow as pa

from corpus.cleaning.html import Html
from corpus.dedup.c4_lines import C4Lines
from corpus.dedup.c4_spans import C4Spans
from corpus.dedup.urls import UrlDedup
from corpus.identity import InputFile
from corpus.models.files import ModelFiles
from corpus.pipeline.plan import Plan
from corpus.pipeline.reading import Reading
from corpus.pipeline.source_plan import source_plan
from corpus.pipeline.stage import Stage
from corpus.pipeline.upstream import Upstream
from corpus.quality import language, split
from corpus.quality.bad_words import BadWords
from corpus.quality.c4_rules import C4Rules
from corpus.quality.fineweb import FineWeb
from corpus.quality.gopher import GopherQuality, GopherRepetition
from corpus.quality.langdetect import Langdetect
from corpus.quality.length import Length, MaxLength
from corpus.quality.rules import STATISTICS_FIELD
from corpus.quality.split import Split
from corpus.quality.word_rules import word_rules
from corpus.sources import c4_pages
from corpus.sources.provenance import provenance


@dataclass(frozen=True, kw_only=True)
class C4:
    """The stages in their order, with their parameters; without any but the first, pages are taken as they are."""

    name: ClassVar[str] = "c4"
    suffixes: ClassVar[tuple[str, ...]] = (*c4_pages.JSON_SUFFIXES, *c4_pages.CRAWL_SUFFIXES)

    html: Html = field(default_factory=lambda: Html(content="all"))
    read: Length = field(default_factory=lambda: Length(min_length=0))
    max_length: MaxLength | None = None
    urls: UrlDedup | None = None
    c4_rules: C4Rules | None = None
    lines: C4Lines | None = None
    spans: C4Spans | None = None
    langdetect: Langdetect | None = None
    bad_words: BadWords | None = None
    gopher_repetition: GopherRepetition | None = None
    gopher_quality: GopherQuality | None = None
    fineweb: FineWeb | None = None
    split: Split | None = None

    @property
    def stages(self) -> tuple[Stage, ...]:
        pages = (self.read, self.max_length, self.urls, self.c4_rules, self.lines, self.spans)
        chosen = (*pages, self.langdetect, self.bad_words, *self._word_rules, self.split)
        return tuple(stage for stage in chosen if stage is not None)

    @property
    def _word_rules(self) -> tuple[Stage, ...]:
        return word_rules(self.gopher_repetition, self.gopher_quality, self.fineweb)

    @property
    def schema(self) -> pa.Schema:
        """Of the documents: the common columns, and those of the stages chosen."""
        columns = [
            *(language.COLUMNS if self.langdetect else ()),
            *((STATISTICS_FIELD,) if self._word_rules else ()),
            *((split.COLUMN,) if self.split else ()),
        ]
        return pa.schema([*c4_pages.SCHEMA, *columns])

    def plan(self, inputs: Sequence[InputFile], models: ModelFiles, limit: int | None, strict: bool) -> Plan:
        """Claim and share out URLs, then lines or spans, over the whole input, as the recipe asks; filter every file.

        Raises UserError when a model the recipe needs is missing.
        """
        reading = Reading(c4_pages.PageReader(self.html), limit, strict)
        identity = provenance(self, self.stages, inputs, models, limit, ("langdetect", "pyarrow"))
        html = {"version": Html.version, **asdict(self.html)}
        reader = {"reader": c4_pages.VERSION, "html": html, "limit": limit}
        return source_plan(
            self.stages,
            [Upstream(file, reading, models, reader, keep=True) for file in inputs],
            identity,
            self.schema,
            strict=strict,
            categories=("language",) if self.langdetect else (),
        )
