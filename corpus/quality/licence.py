"""Keeps files under the licences the paper names, by what the file says of itself, else by what was found around it.

LLaMA (arXiv 2302.13971, section 2.1): "we only kept projects that are distributed under the Apache, BSD and MIT
licenses".
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from corpus.cleaning.comment_syntax import SYNTAXES, syntax_numbers
from corpus.cleaning.edit import values
from corpus.cleaning.licence_phrases import PHRASES
from corpus.document import keep, with_column
from corpus.licences.families import members
from corpus.licences.file_headers import own_licence
from corpus.licences.spdx import NOASSERTION, permitted
from corpus.licences.tree import Finding
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult
from kernels import LeadingComments

LICENCE_FIELDS = (pa.field("license", pa.string()), pa.field("license_evidence", pa.string()))
"""An SPDX expression, null where none is known, and what it was found by."""


class LicenceReason(DropReason):
    NOT_PERMITTED = "licence_not_permitted", "Its licence is none of the families kept."
    UNKNOWN = "licence_unknown", "Nothing says, or not clearly, which licence it is under."


@dataclass(frozen=True, kw_only=True)
class Licence(Stage):
    """Drops files that are not under a licence of `families` (Apache, BSD, MIT: `corpus.licences.families`).

    Reads the columns `text`, `path`, `license` and `license_evidence`. What a file says of itself in its leading
    comments replaces the two: an SPDX tag, a licence in full, or a notice that grants one.
    """

    name: ClassVar[str] = "licence"
    reasons: ClassVar[type[DropReason]] = LicenceReason

    families: tuple[str, ...] = ("Apache", "BSD", "MIT")

    def __post_init__(self) -> None:
        members(self.families)

    def open(self, resources: Resources) -> StageFunction:
        comments = LeadingComments(SYNTAXES, PHRASES)

        def apply(batch: pa.RecordBatch) -> StageResult:
            return self._apply(batch, comments.words(batch.column("text"), syntax_numbers(batch.column("path"))))

        return apply

    def _apply(self, batch: pa.RecordBatch, words: pa.LargeStringArray) -> StageResult:
        stated = zip(*(batch.column(field.name).to_pylist() for field in LICENCE_FIELDS), strict=True)
        around = [Finding(expression, evidence or "") for expression, evidence in stated]
        found = [
            (own_licence(comments.decode("utf-8", "replace"), finding) if comments else None) or finding
            for comments, finding in zip(values(words), around, strict=True)
        ]
        columns = [one.expression for one in found], [one.evidence for one in found]
        for field, column in zip(LICENCE_FIELDS, columns, strict=True):
            batch = with_column(batch, field, pa.array(column, pa.string()))
        unknown = np.array([one.expression in (None, NOASSERTION) for one in found], dtype=bool)
        allowed = np.array([permitted(one.expression or "", self.families) for one in found], dtype=bool)
        dropped = Dropped.where(unknown, LicenceReason.UNKNOWN)
        dropped += Dropped.where(~unknown & ~allowed, LicenceReason.NOT_PERMITTED)
        return StageResult(keep(batch, allowed & ~unknown), dropped)
