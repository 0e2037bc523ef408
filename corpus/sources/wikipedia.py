"""Wikipedia, 4.5 % of LLaMA's training tokens (arXiv 2302.13971, section 2.1).

The paper: dumps of June to August 2022, in twenty languages which use the Latin or Cyrillic scripts: bg, ca, cs, da,
de, en, es, fr, hr, hu, it, nl, pl, pt, ro, ru, sl, sr, sv, uk; processed to remove hyperlinks, comments and other
formatting boilerplate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import pyarrow as pa

from corpus.cleaning import wiki_site
from corpus.cleaning.wikitext import Wikitext
from corpus.document import document_schema
from corpus.identity import InputFile, key_of
from corpus.models.files import ModelFiles
from corpus.pipeline.filtering import FilterTask
from corpus.pipeline.plan import Plan, Step
from corpus.pipeline.publication import publish_documents
from corpus.pipeline.reading import Reading
from corpus.pipeline.stage import Stage, described
from corpus.pipeline.upstream import Upstream
from corpus.quality.articles import Articles
from corpus.sources import wiki_dump
from corpus.sources.provenance import provenance
from corpus.sources.wiki_dump import DumpReader

SCHEMA = document_schema(
    [
        pa.field("title", pa.large_string()),
        pa.field("page_id", pa.int64()),
        pa.field("revision_id", pa.int64()),
        pa.field("language", pa.string()),
    ]
)

PART_BYTES = 64 << 20
"""Bytes of a dump that one task reads: of bzip2, the streams that begin in them."""


@dataclass(frozen=True, kw_only=True)
class DumpFields:
    """cirrus_field: the field of CirrusSearch documents that is the text: "text", or "opening_text" for the lead."""

    cirrus_field: str = "text"


@dataclass(frozen=True, kw_only=True)
class Wikipedia:
    """How dumps are read, and the stages in their order, with their parameters."""

    name: ClassVar[str] = "wikipedia"
    suffixes: ClassVar[tuple[str, ...]] = (".xml.bz2", ".xml.gz", ".xml", "content.json.gz", "content.json.bz2")

    read: DumpFields = field(default_factory=DumpFields)
    articles: Articles = field(default_factory=Articles)
    wikitext: Wikitext = field(default_factory=Wikitext)

    @property
    def stages(self) -> tuple[Stage, ...]:
        return (self.articles, self.wikitext)

    def plan(self, inputs: Sequence[InputFile], models: ModelFiles, limit: int | None, strict: bool) -> Plan:
        """Filter every file, large ones in parts."""
        identity = provenance(self, self.stages, inputs, models, limit)
        filtering = [
            self._filter_task(file, span, models, limit, strict)
            for file in inputs
            for span in wiki_dump.parts(file, PART_BYTES if limit is None else file.size)
        ]
        return Plan(
            [Step("filter", lambda store: filtering)],
            lambda store, tasks: publish_documents(store, identity, filtering, [], strict),
        )

    def _filter_task(
        self, file: InputFile, span: tuple[int, int], models: ModelFiles, limit: int | None, strict: bool
    ) -> FilterTask:
        decided = {
            "step": "filter",
            "reader": wiki_dump.VERSION,
            "tables": wiki_site.fingerprint(),
            "cirrus_field": self.read.cirrus_field,
            "input": file.as_json(),
            "span": span,
            "limit": limit,
            "stages": [described(stage) for stage in self.stages],
        }
        reading = Reading(DumpReader(*span, self.read.cirrus_field), limit, strict)
        return FilterTask(
            key_of(decided),
            Upstream(file, reading, models, {"reader": wiki_dump.VERSION}, self.stages),
            SCHEMA,
            ("language",),
            span=span,
        )
