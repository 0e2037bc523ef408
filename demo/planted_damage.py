"""Planted damage: bytes that are no text, lengths that are wrong, lines that end strangely, a file cut short."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from demo.draft import Desk, Draft
from demo.planted import KEPT, UNREADABLE, Expectation

# The declared length ends this many bytes before the text does, or after it.
TOO_SHORT_BY, TOO_LONG_BY = 400, 3000
BROKEN_LINE = b"The clerk wrote caf\xe9 in Latin-1, cut a letter (\xc3) and left \xed\xa0\x80 and \xff behind."


def broken_utf8(desk: Desk) -> list[Draft]:
    lines = _paragraphs(desk, 3)
    draft = _bare(
        desk, "broken_utf8", b"\n".join([*_encoded(lines[:2]), BROKEN_LINE, *_encoded(lines[2:])]), kept=lines
    )
    return [draft]


def crlf_lines(desk: Desk) -> list[Draft]:
    lines = _paragraphs(desk, 4)
    return [_bare(desk, "crlf_lines", b"\r\n".join(_encoded(lines)) + b"\r", kept=lines)]


def lone_cr_lines(desk: Desk) -> list[Draft]:
    """Lines that end in a carriage return alone: one line or four, the text must be there."""
    lines = _paragraphs(desk, 4)
    return [_bare(desk, "lone_cr_lines", b"\r".join(_encoded(lines)), contains=lines)]


def wrong_content_length(desk: Desk) -> list[Draft]:
    """A record said to be shorter than it is, another said to be longer; the good one after each must not be lost."""
    drafts = []
    for case, error in (("length_too_small", -TOO_SHORT_BY), ("length_too_large", TOO_LONG_BY)):
        lines = _paragraphs(desk, 6)
        last = [desk.author.paragraph(sentences=12)] if error < 0 else []
        draft = _bare(desk, case, b"\n".join(_encoded(lines + last)), outcome=UNREADABLE)
        neighbour = Expectation("after_wrong_length", desk.group(case), KEPT)
        drafts.append(replace(draft, length_error=error, followers=(desk.planted([], neighbour),)))
    return drafts


def truncated_record(desk: Desk) -> list[Draft]:
    """The last record of the last file, of which a part is missing."""
    expected = Expectation("truncated_record", desk.group("truncated_record"), UNREADABLE)
    return [replace(desk.planted([], expected), cut=True)]


def _bare(
    desk: Desk,
    case: str,
    body: bytes,
    *,
    outcome: str = KEPT,
    kept: Sequence[str] = (),
    contains: Sequence[str] = (),
) -> Draft:
    """A page of this body alone."""
    page = desk.author.page()
    expected = Expectation(case, desk.group(case), outcome, kept=tuple(kept), contains=tuple(contains))
    draft = desk.draft(page, expected)
    return replace(draft, text=page.title.encode() + b"\n" + body + b"\n")


def _paragraphs(desk: Desk, count: int) -> list[str]:
    return [desk.author.paragraph("town_land", "town_history", role="town", sentences=2) for _ in range(count)]


def _encoded(lines: list[str]) -> list[bytes]:
    return [line.encode() for line in lines]


DAMAGE_CASES: tuple[Callable[[Desk], list[Draft]], ...] = (broken_utf8, crlf_lines, lone_cr_lines, wrong_content_length)
DAMAGE_CASES_ONCE: tuple[Callable[[Desk], list[Draft]], ...] = (truncated_record,)
