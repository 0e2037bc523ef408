r"""arXiv, 2.5 % of LLaMA's training tokens (arXiv 2302.13971, section 2.1).

The paper: arXiv LaTeX files, to add scientific data. Following Lewkowycz et al. (2022), everything before the first
section is removed, as well as the bibliography. The comments of the .tex files are removed too, and definitions and
macros written by users are expanded where they are used, to increase consistency across papers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from corpus.cleaning import latex_body, latex_macros
from corpus.cleaning.latex_body import Body
from corpus.cleaning.latex_comments import Comments
from corpus.cleaning.latex_layout import Layout
from corpus.cleaning.latex_macros import Macros
from corpus.document import document_schema
from corpus.identity import InputFile
from corpus.models.files import ModelFiles
from corpus.pipeline.plan import Plan
from corpus.pipeline.reading import Reading
from corpus.pipeline.source_plan import source_plan
from corpus.pipeline.stage import Stage
from corpus.pipeline.upstream import Upstream
from corpus.sources import arxiv_papers
from corpus.sources.arxiv_papers import ReadPapers
from corpus.sources.arxiv_read import Papers
from corpus.sources.provenance import provenance

SCHEMA = document_schema([*arxiv_papers.COLUMNS, *latex_body.COLUMNS, *latex_macros.COLUMNS])


@dataclass(frozen=True, kw_only=True)
class Arxiv:
    """The stages in their order, with their parameters."""

    name: ClassVar[str] = "arxiv"
    suffixes: ClassVar[tuple[str, ...]] = (".tar", ".tar.gz", ".tgz", ".gz", ".pdf")

    read: Papers = field(default_factory=Papers)
    comments: Comments = field(default_factory=Comments)
    macros: Macros = field(default_factory=Macros)
    body: Body = field(default_factory=Body)
    layout: Layout = field(default_factory=Layout)

    @property
    def stages(self) -> tuple[Stage, ...]:
        return (self.read, self.comments, self.macros, self.body, self.layout)

    def plan(self, inputs: Sequence[InputFile], models: ModelFiles, limit: int | None, strict: bool) -> Plan:
        """Read every file and pass its papers through the stages."""
        reading = Reading(ReadPapers(self.read.limits), limit, strict)
        reader = {"reader": arxiv_papers.VERSION, "limit": limit}
        return source_plan(
            self.stages,
            [Upstream(file, reading, models, reader) for file in inputs],
            provenance(self, self.stages, inputs, models, limit, ("isal", "pyarrow")),
            SCHEMA,
            strict=strict,
            categories=("encoding", "year"),
        )
