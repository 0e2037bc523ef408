"""Project Gutenberg's own words around a book: headers, licences and credits of every era.

Three forms of header are in use. Since about 2003 a line `*** START OF THE PROJECT GUTENBERG EBOOK …` and its
counterpart `*** END OF …` enclose the book. In the 1990s a legal text came first and ended in a line
`*END*THE SMALL PRINT! …*END*`; around 2002 it came last. The end is also told by a line of its own, `End of (the)
Project Gutenberg …`, in the language of the book at times. Inside these marks come credits: who produced the file and
notes on the transcription.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import ClassVar

import numpy as np
import pyarrow as pa

from corpus.cleaning.edit import large_strings, rewritten, values, with_text
from corpus.document import keep
from corpus.pipeline.stage import Dropped, DropReason, Resources, Stage, StageFunction, StageResult


class _LinePattern:
    """A pattern of what a line begins with. It is searched for behind newlines, which is several times faster than to
    let `^` look for them."""

    def __init__(self, pattern: str) -> None:
        self._first = re.compile(pattern, re.MULTILINE | re.IGNORECASE)
        self._later = re.compile(rf"\n(?:{pattern})", re.MULTILINE | re.IGNORECASE)

    def spans(self, text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
        """Where matches in text[begin:end] begin and end."""
        if begin == 0 and (first := self._first.match(text, 0, end)):
            yield first.span()
            begin = first.end()
        for match in self._later.finditer(text, max(begin - 1, 0), end):
            yield match.start() + 1, match.end()


_END_OF = r"(?:End|Ende|Fin|Fine|Fim|Einde|Slut)\b[^\n]{0,40}\bProje[ck]t Gutenberg"
_START = _LinePattern(
    r"[ \t]*\*(?:"
    r"\*\*[ \t]*START OF (?:TH(?:E|IS) )?PROJECT GUTENBERG[^\n]*(?:(?:\n[^\n*]+){0,3}?\*{3}[^\n]*)?$"
    r"|END\*?[ \t]*THE SMALL PRINT[^\n]*$)"
)
_BOOK_END = _LinePattern(rf"[ \t*]*{_END_OF}")
_END = _LinePattern(rf"[ \t*]*(?:{_END_OF}|START\*\*THE SMALL PRINT)")
_SELF = re.compile(
    r"Project Gutenberg|\be-?texts?\b|Distributed Proofread|\bpgdp\.net|\bgallica\.bnf\.fr|\bpage images\b",
    re.IGNORECASE,
)
_SELF_WORDS = ("gutenberg", "etext", "e-text", "distributed proofread", "pgdp.net", "gallica.bnf.fr", "page images")
"""In lower case, one of them in whatever _SELF matches; far faster to look for."""
_SIGNATURE = re.compile(r"\W*Michael S\. Hart\b.{0,200}$", re.DOTALL)
_RULE = re.compile(r"\W+$")
_COURTESY = re.compile(r"\n[ \t]*[(\[][^\n)\]]{0,300}\be-?text\b[^\n)\]]{0,300}[)\]][ \t]*(?=\n)", re.IGNORECASE)
"""A line in brackets about the file. It begins with its newline, which the search finds fast."""
_CREDIT = re.compile(
    r"\W*(?:(?:this |the )?(?:e-?text|e-?book|file|text|html version|online text)s? (?:was |were |is )?|)"
    r"(?:originally )?(?:produced|prepared|scanned|transcribed|proofed|proofread|converted|digiti[sz]ed|typed|entered|"
    r"created|updated|corrected)(?:,? (?:and )?(?:scanned|proofed|proofread|produced|corrected|edited|updated|"
    r"converted))* (?:by|from|for)\b"
    r"|\W*(?:(?:e-?text|html) (?:prepared|produced|version|conversion|transcription|editor))\b"
    r"|\W*(?:updated editions will replace|character set for|produced from (?:images|scans|page images))"
    r"|\W*additional (?:editing|proofing|proofreading) by\b"
    r"|\W*(?:an? )?(?:updated|illustrated|html|corrected|more recent) (?:\w+ )?(?:edition|version) of this",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\W{0,12}(?:transcriber|preparer|e-?text editor|producer)(?:'|\u2019)?s?(?:'|\u2019)? notes?\b", re.IGNORECASE
)
_TECHNICAL = re.compile(r"\W*technical notes?\W*$", re.IGNORECASE)
"""A heading at the end of some files of the 1990s; what is under it tells of the file."""
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_VISIBLE = re.compile(r"\S")
_LOOKED_AT = 1 << 14
"""Characters at the end of a book in which its last paragraphs are looked for at first."""
_HEADER_FIELD = re.compile(r"^(Title|Author|Language|Character set encoding): *(.+)$", re.MULTILINE | re.IGNORECASE)
_NUMBER = re.compile(r"\[(?:EBook|EText) ?#(\d+)\]", re.IGNORECASE)

HEAD = 1 << 16
"""A start mark further down is part of a book about Project Gutenberg, or of a collection."""
TAIL = 1 << 16
"""Characters at the end in which the end mark is looked for; the longest licence has a third of that."""
CREDITS_PARAGRAPHS = 40
"""Paragraphs at either end in which credits are looked for."""
CREDIT_CHARACTERS = 1 << 14
"""A longer paragraph is of the book: some files have no empty lines."""
NOTE_HEADING_CHARACTERS = 40
SAME_END_CHARACTERS = 10_000
"""Two end marks closer than this tell of one end."""


class GutenbergReason(DropReason):
    NOTHING_LEFT = "nothing_left", "Without Project Gutenberg's own words the file is empty."


@dataclass(frozen=True, kw_only=True)
class Gutenberg(Stage):
    """Takes Project Gutenberg's header, licence and credits off a book; other texts stay as they are."""

    name: ClassVar[str] = "gutenberg"
    version: ClassVar[int] = 3
    reasons: ClassVar[type[DropReason]] = GutenbergReason

    def open(self, resources: Resources) -> StageFunction:
        return _strip_batch


def _strip_batch(batch: pa.RecordBatch) -> StageResult:
    stripped = [strip_gutenberg(text.decode("utf-8", "replace")).encode() for text in values(batch.column("text"))]
    text = large_strings(stripped)
    empty = np.array([not one for one in stripped])
    after = keep(with_text(batch, text), ~empty)
    return rewritten(batch, after, Dropped.where(empty, GutenbergReason.NOTHING_LEFT))


@dataclass(frozen=True)
class Header:
    """What a header tells of its book; empty strings and None where it does not."""

    title: str = ""
    author: str = ""
    language: str = ""
    encoding: str = ""
    number: int | None = None


def read_header(text: str) -> Header:
    """The fields of a Project Gutenberg header; those of a text without one are empty."""
    head = text[:HEAD]
    if "gutenberg" not in head.lower():
        return Header()
    head = head[: next((begin for begin, _ in _START.spans(head, 0, HEAD)), None)]
    fields = {name.lower(): value.strip() for name, value in reversed(_HEADER_FIELD.findall(head))}
    number = _NUMBER.search(head)
    return Header(
        fields.get("title", ""),
        fields.get("author", ""),
        fields.get("language", ""),
        fields.get("character set encoding", ""),
        int(number[1]) if number else None,
    )


def strip_gutenberg(text: str) -> str:
    """The book without Project Gutenberg's header, footer and credits; any other text as it is.

    text: lines end in "\\n". Only whole paragraphs go, from the two ends; nothing in the middle is touched.
    """
    before = next((begin for begin, _ in _BOOK_END.spans(text, 0, HEAD)), HEAD)
    start = max((end for _, end in _START.spans(text, 0, before)), default=0)
    end = _end(text, start)
    if start == 0 and end == len(text):
        return text
    body = _without_credits(text[start:end].strip("\n"))
    return _COURTESY.sub("", "\n" + body)[1:]


def _end(text: str, start: int) -> int:
    """Where the last run of end marks begins; earlier ones close parts of a collection."""
    end = len(text)
    for begin, _ in reversed(list(_END.spans(text, max(start, len(text) - TAIL), len(text)))):
        if end < len(text) and end - begin > SAME_END_CHARACTERS:
            break
        end = begin
    return end


def _without_credits(body: str) -> str:
    """Leaves out credits and transcription notes among the first and the last paragraphs."""
    head = [0, *(match.end() for match in islice(_PARAGRAPH.finditer(body), CREDITS_PARAGRAPHS))]
    if len(head) <= CREDITS_PARAGRAPHS:
        head.append(len(body))
    cuts = [0]
    for edges in (head, _last_edges(body, head[-1])):
        paragraphs = [body[begin:end] for begin, end in pairwise(edges)]
        for number in _credits(paragraphs, signed=edges is head, to_the_end=edges[-1:] == [len(body)]):
            cuts += edges[number : number + 2]
    cuts.append(len(body))
    return "".join(body[begin:end] for begin, end in zip(cuts[::2], cuts[1::2], strict=True)).strip("\n")


def _last_edges(body: str, begin: int) -> list[int]:
    """Where the last paragraphs, from the one at `begin` on, begin, and where the book ends."""
    size = _LOOKED_AT
    while begin < len(body):
        # From within a paragraph on, the search finds the same ends of others as from the first one.
        inside = _VISIBLE.search(body, len(body) - size) if len(body) - size > begin else None
        at = inside.start() if inside else begin
        edges = [
            *([begin] if at == begin else []),
            *(match.end() for match in _PARAGRAPH.finditer(body, at)),
            len(body),
        ]
        if at == begin or len(edges) > CREDITS_PARAGRAPHS:
            return edges[-CREDITS_PARAGRAPHS - 1 :]
        size *= 4
    return []


def _credits(paragraphs: list[str], signed: bool, to_the_end: bool) -> Iterator[int]:
    """Numbers of the paragraphs that are about the file and not of the book, in order.

    signed: all up to a signature of Project Gutenberg's founder are. to_the_end: the last paragraph is the book's.
    """
    number, last = 0, len(paragraphs)
    lowered = "".join(paragraphs).lower()
    tell = any(word in lowered for word in _SELF_WORDS)
    signatures = [n for n in range(last) if _is_short(paragraphs[n]) and _SIGNATURE.match(paragraphs[n].strip())]
    if signed and signatures:
        number = signatures[-1] + 1
        yield from range(number)
    while number < last:
        text = paragraphs[number].strip() if _is_short(paragraphs[number]) else ""
        if _NOTE.match(text):
            after = _note_end(paragraphs, number)
            yield from range(number, after)
            number = after
            continue
        if to_the_end and _TECHNICAL.match(text) and any(map(_SELF.search, filter(_is_short, paragraphs[number:]))):
            yield from range(number, last)
            return
        if (tell and _SELF.search(text)) or _CREDIT.match(text):
            yield number
            if number + 1 < last and _RULE.match(paragraphs[number + 1].strip()):
                yield number + 1
                number += 1
        number += 1


def _is_short(paragraph: str) -> bool:
    return len(paragraph) <= CREDIT_CHARACTERS


def _note_end(paragraphs: list[str], number: int) -> int:
    """The paragraph after a transcriber's note: up to its closing bracket, or the one paragraph under its heading."""
    text = paragraphs[number].strip()
    if text.startswith("["):
        return next((end + 1 for end in range(number, len(paragraphs)) if "]" in paragraphs[end]), number + 1)
    heading_only = "\n" not in text and len(text) < NOTE_HEADING_CHARACTERS
    return min(number + 2 if heading_only else number + 1, len(paragraphs))
