"""LLaMA: "we also removed the comments from the .tex files"."""

from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

import kernels
from corpus.cleaning.edit import rewritten, with_text
from corpus.pipeline.stage import DropReason, Resources, Stage, StageFunction, StageResult


class CommentsReason(DropReason):
    """Nothing is dropped here."""


@dataclass(frozen=True, kw_only=True)
class Comments(Stage):
    """Removes comments and comment environments; in verbatim text and URLs % is a character like others."""

    name: ClassVar[str] = "comments"
    reasons: ClassVar[type[DropReason]] = CommentsReason

    def open(self, resources: Resources) -> StageFunction:
        return _apply


def _apply(batch: pa.RecordBatch) -> StageResult:
    text = kernels.remove_tex_comments(batch.column("text"), batch.column("styles"))
    return rewritten(batch, with_text(batch, text))
