"""CommonCrawl, 67 % of LLaMA's training tokens (arXiv 2302.13971, section 2.1).

The paper: five dumps from 2017 to 2020, preprocessed with the CCNet pipeline, which deduplicates at the line level,
identifies languages with a fastText linear classifier and filters low-quality content with an n-gram language model;
then pages not classified as references of Wikipedia are discarded. CCNet's order and numbers are those of its code,
cc_net `mine.py`: pages under 300 characters are dropped as they are read; lines are compared within groups of files;
then language, perplexity and buckets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import pyarrow as pa

from corpus.cleaning.html import Html
from corpus.dedup import line_tasks, lines
from corpus.dedup.lines import LineDedup
from corpus.document import document_schema
from corpus.identity import InputFile, key_of
from corpus.models.files import ModelFiles
from corpus.pipeline.filtering import FilterTask, Reading, TaskShare
from corpus.pipeline.plan import Plan, Step, distinct
from corpus.pipeline.publication import publish_documents, software_versions
from corpus.pipeline.stage import Stage, described
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
from corpus.recipes.build import as_table
from corpus.sources import crawl
from corpus.sources.crawl import CrawlReader

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
    reference: Reference | None = None
    c4_rules: C4Rules | None = None
    gopher_repetition: GopherRepetition | None = None
    gopher_quality: GopherQuality | None = None
    fineweb: FineWeb | None = None

    @property
    def stages(self) -> tuple[Stage, ...]:
        stages: tuple[Stage, ...] = (self.read, self.dedup, self.language, self.perplexity)
        if self.reference is not None and self.reference.apply:
            stages = (*stages, self.reference)
        if self.c4_rules is not None:
            stages = (*stages, self.c4_rules)
        return (*stages, *self._word_rules)

    @property
    def _word_rules(self) -> tuple[Stage, ...]:
        return word_rules(self.gopher_repetition, self.gopher_quality, self.fineweb)

    def plan(self, inputs: Sequence[InputFile], models: ModelFiles, limit: int | None, strict: bool) -> Plan:
        """Hash the lines of every file, compare the hashes of every group, filter every file.

        Raises UserError when a model the recipe needs is missing.
        """
        reading = Reading(CrawlReader(self.html), limit, strict)
        fingerprints = {name: models.sha256(name) for stage in self.stages for name in stage.model_names(models)}
        identity = {
            "source": self.name,
            "recipe": as_table(self),
            "inputs": [file.as_json() for file in inputs],
            "limit": limit,
            "models": fingerprints,
            "software": software_versions(("pyarrow",)),
        }
        read = {
            "reader": crawl.VERSION,
            "html": {"version": Html.version, **asdict(self.html)},
            "limit": limit,
            "read": described(self.read),
        }
        hashing = {file: self._hash_task(file, reading, read) for file in inputs}
        comparing: list[line_tasks.CompareTask] = []
        duplicates: dict[InputFile, TaskShare] = {}
        for group in self.dedup.groups(inputs):
            tasks_of_group = line_tasks.compare_tasks([hashing[file] for file in group])
            comparing += tasks_of_group
            duplicates.update(zip(group, line_tasks.shares_of(tasks_of_group), strict=True))
        decided = {**read, "stages": [described(stage) for stage in self.stages], "models": fingerprints}
        filtering = [self._filter_task(file, reading, models, duplicates[file], decided) for file in inputs]
        hash_tasks, compare_tasks = distinct(hashing.values()), distinct(comparing)
        return Plan(
            [
                Step("hash", lambda store: hash_tasks, weight=0.1),
                Step("duplicates", lambda store: compare_tasks, weight=0.01),
                Step("filter", lambda store: filtering),
            ],
            lambda store, tasks: publish_documents(store, identity, filtering, [*hash_tasks, *compare_tasks], strict),
        )

    def _hash_task(self, file: InputFile, reading: Reading, read: Mapping[str, Any]) -> line_tasks.HashTask:
        key = key_of({"step": "hash", "input": file.fingerprint, "lines": line_tasks.VERSION, **read})
        return line_tasks.HashTask(key, file, reading, (self.read,))

    def _filter_task(
        self,
        file: InputFile,
        reading: Reading,
        models: ModelFiles,
        duplicates: TaskShare,
        decided: Mapping[str, Any],
    ) -> FilterTask:
        key = key_of({"step": "filter", "input": file.as_json(), "duplicates": duplicates.identity, **decided})
        return FilterTask(
            key,
            file,
            reading,
            self.stages,
            models,
            {self.dedup.name: duplicates},
            SCHEMA.append(STATISTICS_FIELD) if self._word_rules else SCHEMA,
            ("language", "bucket"),
            ("length", "perplexity"),
        )
