r"""LLaMA: "inline-expanded definitions and macros written by users to increase consistency across papers".

Definitions are those of the paper's files: \newcommand and its kin, \def and its kin with delimited parameters,
\let, \DeclareMathOperator, \newenvironment and others. They are removed, and uses are replaced as TeX would. Commands
that make the structure of a paper (\section, \cite, \title, ...) stay, whatever the paper redefines them to look like.
Of the packages and classes that come with a paper, abbreviations count; what is programmed with TeX's own means stays
a command of that package.

A use that cannot be replaced (recursion, expansions beyond `growth`, arguments that do not match) loses its name, its
arguments stay where they are; `macros_unexpanded` counts them. Tests inside definitions (\ifmmode, \ifx, \@ifnextchar,
\ifthenelse, ...) are decided where the text decides them, and count as false elsewhere.
"""

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

import kernels
from corpus.cleaning.edit import rewritten, with_text
from corpus.document import with_column
from corpus.errors import UsageError
from corpus.pipeline.stage import DropReason, Resources, Stage, StageFunction, StageResult

COLUMNS = (
    pa.field("macros_defined", pa.int32()),
    pa.field("macros_expanded", pa.int32()),
    pa.field("macros_unexpanded", pa.int32()),
)
"""Definitions removed, uses replaced, and uses removed without a replacement."""


class MacrosReason(DropReason):
    """Nothing is dropped here."""


@dataclass(frozen=True, kw_only=True)
class Macros(Stage):
    """Expands the macros of the paper in place.

    depth: of macros in macros. growth: bytes that expansions may write and read again, as a multiple of the paper's.
    """

    name: ClassVar[str] = "macros"
    reasons: ClassVar[type[DropReason]] = MacrosReason
    version: ClassVar[int] = 2

    depth: int = 100
    growth: int = 20

    def __post_init__(self) -> None:
        if self.depth < 1 or self.growth < 1:
            raise UsageError("macros.depth and macros.growth must be at least 1")

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        result = kernels.expand_tex(batch.column("text"), batch.column("styles"), self.depth, self.growth)
        expanded = with_text(batch, result.text)
        for field, counts in zip(COLUMNS, (result.definitions, result.expanded, result.unexpanded), strict=True):
            expanded = with_column(expanded, field, pa.array(counts).cast(field.type))
        return rewritten(batch, expanded)
