"""Books, 4.5 % of LLaMA's training tokens (arXiv 2302.13971, section 2.1).

The paper: the Gutenberg project, which holds books in the public domain, and the Books3 section of ThePile. Books are
deduplicated at the book level: those with more than 90 % content overlap are removed. Books3 is no longer published, so
this reads what there is: Gutenberg's files, and anyone's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from corpus.cleaning.gutenberg import Gutenberg
from corpus.dedup.containment import Containment
from corpus.identity import InputFile, grouped
from corpus.models.files import ModelFiles
from corpus.pipeline.plan import Plan
from corpus.pipeline.reading import Reading
from corpus.pipeline.source_plan import source_plan
from corpus.pipeline.stage import Stage
from corpus.pipeline.upstream import Upstream
from corpus.quality.length import Length
from corpus.quality.prose import Prose
from corpus.sources import book_files
from corpus.sources.book_files import book_reader
from corpus.sources.provenance import provenance


@dataclass(frozen=True, kw_only=True)
class Books:
    """The stages in their order, with their parameters."""

    name: ClassVar[str] = "books"
    suffixes: ClassVar[tuple[str, ...]] = book_files.SUFFIXES

    read: Length = field(default_factory=lambda: Length(min_length=1, max_bytes=64 << 20))
    gutenberg: Gutenberg = field(default_factory=Gutenberg)
    prose: Prose = field(default_factory=Prose)
    containment: Containment = field(default_factory=Containment)

    @property
    def stages(self) -> tuple[Stage, ...]:
        return (self.read, self.gutenberg, self.prose, self.containment)

    def plan(self, inputs: Sequence[InputFile], models: ModelFiles, limit: int | None, strict: bool) -> Plan:
        """Compare the books of all files with each other, then filter every file."""
        identity = provenance(self, self.stages, inputs, models, limit)
        reading = Reading(book_reader(self.read.max_bytes), limit, strict)
        reader = {"reader": book_files.VERSION, "limit": limit, "max_bytes": self.read.max_bytes}
        documents = [Upstream(group, reading, models, reader) for group in grouped(inputs)]
        return source_plan(
            self.stages,
            documents,
            identity,
            book_files.SCHEMA,
            strict=strict,
            categories=("language", "encoding"),
        )
