"""Takes licence headers off code: only a leading comment that looks like a licence goes."""

import re
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from corpus.cleaning.edit import large_strings, rewritten, values, with_text
from corpus.pipeline.stage import DropReason, Resources, Stage, StageFunction, StageResult
from corpus.quality.rules import NoReason

_LEADING = re.compile(rb"\A(#![^\n]*\n)?\s*(/\*.*?\*/[ \t]*\n?|(?:(?:#|//)(?!!)[^\n]*\n)+)", re.DOTALL)
_LICENCE = re.compile(rb"copyright|spdx-license-identifier|licen[sc]ed under|permission is hereby", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class LicenceHeaders(Stage):
    """Removes leading licence comments of the column `text`, by the language the column `path` tells."""

    name: ClassVar[str] = "headers"
    reasons: ClassVar[type[DropReason]] = NoReason

    def open(self, resources: Resources) -> StageFunction:
        return _apply


def _apply(batch: pa.RecordBatch) -> StageResult:
    cut = [_without_header(text) for text in values(batch.column("text"))]
    return rewritten(batch, with_text(batch, large_strings(cut)))


def _without_header(text: bytes) -> bytes:
    match = _LEADING.match(text)
    if match is None or not _LICENCE.search(match[2]):
        return text
    return (match[1] or b"") + text[match.end() :]
