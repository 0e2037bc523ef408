"""LLaMA, after Lewkowycz et al. 2022: "everything before the first section is removed, as well as the bibliography"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import pyarrow as pa

import kernels
from corpus.cleaning.edit import large_strings, rewritten, values, with_text
from corpus.document import keep, with_column
from corpus.errors import UsageError
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult
from kernels import TexPart

COLUMNS = (pa.field("title", pa.large_string()),)
"""title: as LaTeX source; null where the paper gives none."""

_BACK_MATTER = re.compile(rb"acknowledg|references|bibliography|literature\s+cited|remerciements|danksagung", re.I)
_NOTHING = re.compile(rb"(?:\s|[{}]|\\[a-zA-Z]+\b)*")
_TITLE = re.compile(rb"\\title\s*\*?\s*(?:\[[^\]]*\])?\s*\{(.*)\}", re.DOTALL)


class BodyReason(DropReason):
    NO_HEADING = "no_heading", "The paper has no section heading, and require_heading is set."


class Mark(NamedTuple):
    part: int
    begin: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Body(Stage):
    r"""Keeps what lies between the first heading and the end of the document, without the list of references.

    The first heading is the first \part, \chapter, \section, \subsection or \subsubsection (or plain TeX's
    \beginsection and the like) behind \begin{document}, else the first \paragraph; headings of acknowledgements and
    references do not count. A paper without any begins behind its abstract, else behind \begin{document}, else (plain
    TeX) where the file begins.

    references: "remove" takes the list of references out, with its heading; "cut" takes everything from it on, as
    RedPajama does. appendix: "keep", or "cut" from \appendix on (RedPajama, Minerva); LLaMA does not say.
    title_and_abstract: puts them in front (Minerva; LLaMA does not say). require_heading: drops papers without headings
    (RedPajama).
    """

    name: ClassVar[str] = "body"
    reasons: ClassVar[type[DropReason]] = BodyReason

    references: str = "remove"
    appendix: str = "keep"
    title_and_abstract: bool = False
    require_heading: bool = False

    def __post_init__(self) -> None:
        if self.references not in ("remove", "cut"):
            raise UsageError(f'body.references must be "remove" or "cut", not {self.references!r}')
        if self.appendix not in ("keep", "cut"):
            raise UsageError(f'body.appendix must be "keep" or "cut", not {self.appendix!r}')

    def open(self, resources: Resources) -> StageFunction:
        return self._apply

    def _apply(self, batch: pa.RecordBatch) -> StageResult:
        structure = kernels.tex_structure(batch.column("text"), batch.column("styles"))
        bounds = structure.offsets.tolist()
        marks = [
            Mark(*each)
            for each in zip(structure.parts.tolist(), structure.begins.tolist(), structure.ends.tolist(), strict=True)
        ]
        texts, titles, headless = [], [], np.zeros(batch.num_rows, bool)
        for row, source in enumerate(values(batch.column("text"))):
            own = marks[bounds[row] : bounds[row + 1]]
            title = _title(source, own)
            text, headed = self._body(source, own)
            if self.title_and_abstract:
                text = b"\n\n".join(filter(None, (title, _abstract(source, own), text)))
            texts.append(text)
            titles.append(title.decode("utf-8", "replace") if title else None)
            headless[row] = not headed
        after = with_column(with_text(batch, large_strings(texts)), COLUMNS[0], pa.array(titles, pa.large_string()))
        if not self.require_heading:
            return rewritten(batch, after)
        return rewritten(batch, keep(after, ~headless), Dropped.where(headless, BodyReason.NO_HEADING))

    def _body(self, source: bytes, marks: Sequence[Mark]) -> tuple[bytes, bool]:
        """What is kept of a paper, and whether it has a heading."""
        opening = next((mark.end for mark in marks if mark.part == TexPart.BEGIN_DOCUMENT), 0)
        closings = [mark.begin for mark in marks if mark.part == TexPart.END_DOCUMENT and mark.begin >= opening]
        end = closings[-1] if closings else len(source)
        inside = [mark for mark in marks if opening <= mark.begin < end]
        start = _first_heading(source, inside)
        headed = start is not None
        if start is None:
            abstracts = [mark.end for mark in inside if mark.part == TexPart.END_ABSTRACT]
            start = abstracts[0] if abstracts else opening
        left_out = _references(source, inside, end)
        if self.references == "cut" and (cuts := [begin for begin, _ in left_out if begin >= start]):
            end = min(end, cuts[0])
        appendices = [mark.begin for mark in inside if mark.part == TexPart.APPENDIX and mark.begin >= start]
        if self.appendix == "cut" and appendices:
            end = min(end, appendices[0])
        pieces, position = [], start
        for begin, stop in left_out:
            if position <= begin < end:
                pieces.append(source[position:begin])
                position = stop
        pieces.append(source[position:end])
        return b"".join(pieces), headed


def _first_heading(source: bytes, marks: Sequence[Mark]) -> int | None:
    for part in (TexPart.HEADING, TexPart.PARAGRAPH):
        for mark in marks:
            if mark.part == part and not _BACK_MATTER.search(source, mark.begin, mark.end):
                return mark.begin
    return None


def _references(source: bytes, marks: Sequence[Mark], end: int) -> list[tuple[int, int]]:
    """Where lists of references, and the commands that stand for them, begin and end, with a heading of their own."""
    found: list[tuple[int, int]] = []
    for number, mark in enumerate(marks):
        if found and mark.begin < found[-1][1]:
            continue
        if mark.part == TexPart.BIBLIOGRAPHY:
            stop = mark.end
        elif mark.part == TexPart.BEGIN_REFERENCES:
            ends = (TexPart.END_REFERENCES, TexPart.BEGIN_REFERENCES, TexPart.APPENDIX, TexPart.HEADING)
            closing = next((other for other in marks[number + 1 :] if other.part in ends), None)
            stop = end if closing is None else closing.begin
            if closing and closing.part == TexPart.END_REFERENCES:
                stop = closing.end
        else:
            continue
        begin = mark.begin
        before = marks[number - 1] if number else None
        if (
            before
            and before.part in (TexPart.HEADING, TexPart.PARAGRAPH)
            and _BACK_MATTER.search(source, before.begin, before.end)
            and _NOTHING.fullmatch(source, before.end, begin)
        ):
            begin = before.begin
        found.append((begin, stop))
    return found


def _title(source: bytes, marks: Sequence[Mark]) -> bytes | None:
    for mark in marks:
        if mark.part == TexPart.TITLE and (match := _TITLE.fullmatch(source, mark.begin, mark.end)):
            return b" ".join(match[1].split()) or None
    return None


def _abstract(source: bytes, marks: Sequence[Mark]) -> bytes | None:
    for number, mark in enumerate(marks):
        if mark.part != TexPart.BEGIN_ABSTRACT:
            continue
        closing = next((other for other in marks[number + 1 :] if other.part == TexPart.END_ABSTRACT), None)
        if closing:
            return source[mark.end : closing.begin].strip() or None
    return None
