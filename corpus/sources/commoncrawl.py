"""CommonCrawl, 67 % of LLaMA's training tokens (arXiv 2302.13971, section 2.1).

The paper: five dumps from 2017 to 2020, preprocessed with the CCNet pipeline, which deduplicates at the line level,
identifies languages with a fastText linear classifier and filters low-quality content with an n-gram language model;
then pages not classified as references of Wikipedia are discarded. CCNet's order and numbers are those of its code,
cc_net `mine.py`: pages under 300 characters are dropped as they are read; lines are compared within groups of files;
then language, perplexity and buckets.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import ClassVar

import pyarrow as pa

from corpus.cleaning.html import Html
from corpus.dedup import lines
from corpus.dedup.exact import ExactDedup
from corpus.dedup.lines import LineDedup
from corpus.document import document_schema
from corpus.identity import InputFile
from corpus.models.files import ModelFiles
from corpus.pipeline.plan import Plan
from corpus.pipeline.reading import Reading
from corpus.pipeline.source_plan import source_plan
from corpus.pipeline.stage import Stage
from corpus.pipeline.upstream import Upstream
from corpus.quality import language, perplexity, reference
from corpus.quality.c4_rules import C4Rules
from corpus.quality.fineweb import FineWeb
from corpus.quality.gopher import GopherQuality, GopherRepetition
from corpus.quality.language import Language
from corpus.quality.length import Length
from corpus.quality.perplexity import Perplexity
from corpus.quality.reference import Reference
from corpus.quality.rules import STATISTICS_FIELD
from corpus.quality.word_rules import word_rules
from corpus.sources import crawl
from corpus.sources.crawl import CrawlReader
from corpus.sources.provenance import provenance

SCHEMA = document_schema(
    [
        pa.field("title", pa.large_string()),
        pa.field("digest", pa.string()),
        *lines.COLUMNS,
        *language.COLUMNS,
        *perplexity.COLUMNS,
        *reference.COLUMNS,
    ]
)


@dataclass(frozen=True, kw_only=True)
class CommonCrawl:
    """The stages in their order, with their parameters. The last four are not LLaMA's and left out by default."""

    name: ClassVar[str] = "commoncrawl"
    suffixes: ClassVar[tuple[str, ...]] = (*crawl.WET_SUFFIXES, *crawl.WARC_SUFFIXES)

    html: Html = field(default_factory=Html)
    read: Length = field(default_factory=Length)
    dedup: LineDedup = field(default_factory=LineDedup)
    language: Language = field(default_factory=Language)
    perplexity: Perplexity = field(default_factory=Perplexity)
    exact: ExactDedup = field(default_factory=ExactDedup)
    reference: Reference | None = None
    c4_rules: C4Rules | None = None
    gopher_repetition: GopherRepetition | None = None
    gopher_quality: GopherQuality | None = None
    fineweb: FineWeb | None = None

    @property
    def stages(self) -> tuple[Stage, ...]:
        exact = (self.exact,) if self.exact.enabled else ()
        reference = (self.reference,) if self.reference is not None and self.reference.apply else ()
        rules = () if self.c4_rules is None else (self.c4_rules,)
        scored = (self.read, self.dedup, self.language, self.perplexity, *exact, *reference)
        return (*scored, *rules, *self._word_rules)

    @property
    def _word_rules(self) -> tuple[Stage, ...]:
        return word_rules(self.gopher_repetition, self.gopher_quality, self.fineweb)

    def plan(self, inputs: Sequence[InputFile], models: ModelFiles, limit: int | None, strict: bool) -> Plan:
        """Raises UserError when a model the recipe needs is missing."""
        identity = provenance(self, self.stages, inputs, models, limit)
        reading = Reading(CrawlReader(self.html), limit, strict)
        reader = {"reader": crawl.VERSION, "html": {"version": Html.version, **asdict(self.html)}, "limit": limit}
        return source_plan(
            self.stages,
            [Upstream(file, reading, models, reader, keep=True) for file in inputs],
            identity,
            SCHEMA.append(STATISTICS_FIELD) if self._word_rules else SCHEMA,
            strict=strict,
            categories=("language", "bucket"),
            magnitudes=("length", "perplexity"),
        )
