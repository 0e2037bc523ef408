"""Planted lines: repeats that must vanish, look-alikes that must stay."""

import re
from collections.abc import Callable

from demo.draft import Desk, Draft
from demo.planted import DROPPED, KEPT, LINES_REMOVED, Expectation

COPIES = 3
NO_LINES_LEFT = ("dedup/no_lines_left",)


def repeated_paragraph(desk: Desk) -> list[Draft]:
    """The same paragraph on three pages: gone from all, the first included."""
    return _everywhere(desk, "repeated_paragraph", [desk.author.paragraph()] * COPIES)


def repeated_but_for_case(desk: Desk) -> list[Draft]:
    line = desk.author.paragraph()
    return _everywhere(desk, "repeated_but_for_case", [line, line.upper(), line.title()])


def repeated_but_for_digits(desk: Desk) -> list[Draft]:
    line = f"{desk.author.paragraph()} (Page {desk.stream.between(10, 99)} of {desk.stream.between(100, 999)})"
    others = [re.sub(r"\d", lambda _: str(desk.stream.below(10)), line) for _ in range(2)]
    wide = line.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    return _everywhere(desk, "repeated_but_for_digits", [line, *others, wide])


def repeated_but_for_punctuation(desk: Desk) -> list[Draft]:
    """Quotation marks, dashes and ellipses outside ASCII, which the normal form deletes."""
    line = desk.author.paragraph()
    first, rest = line.split(" ", 1)
    variants = [line, f"“{first}” {rest}…", f"{first}’ «{rest}»", f"—{first}– {rest}"]
    return _everywhere(desk, "repeated_but_for_punctuation", variants)


def repeated_but_for_spaces(desk: Desk) -> list[Draft]:
    """White space around the line."""
    line = desk.author.paragraph()
    return _everywhere(desk, "repeated_but_for_spaces", [line, f"\t  {line}", f"{line} \u00a0\u3000 "])


def repeated_but_for_control_characters(desk: Desk) -> list[Draft]:
    line = desk.author.paragraph()
    first, rest = line.split(" ", 1)
    variants = [line, f"{first}\x02 {rest}", f"{first} \t{rest}\x7f", f"{first}\u009f {rest}"]
    return _everywhere(desk, "repeated_but_for_control_characters", variants)


def one_word_differs(desk: Desk) -> list[Draft]:
    line = desk.author.paragraph()
    return _nowhere(desk, "one_word_differs", [f"{line} Nobody objected.", f"{line} Everybody objected."])


def one_mark_differs(desk: Desk) -> list[Draft]:
    """What the normal form tells apart: ASCII punctuation, accents, inner spaces, digits that are no decimal digits."""
    line = f"{desk.author.paragraph()} The cafe has 1 table"
    changed = [line.replace("cafe", "café"), line.replace(" has", "  has"), line.replace("has 1", "has ①")]
    return _nowhere(desk, "one_mark_differs", [line, f"{line}.", f"{line}!", *changed])


def repeated_in_page(desk: Desk) -> list[Draft]:
    """A line three times in one page and in no other: the first copy stays."""
    line = desk.author.paragraph()
    expected = Expectation("repeated_in_page", desk.group("repeated_in_page"), KEPT, kept=(line,))
    return [desk.planted([line] * COPIES, expected)]


def site_boilerplate(desk: Desk) -> list[Draft]:
    """Navigation, cookie notice and footer of a site with four pages."""
    site, group = desk.site(), desk.group("site_boilerplate")
    expected = Expectation("site_boilerplate", group, LINES_REMOVED, removed=tuple(site.boilerplate))
    return [desk.planted([], expected, site=site) for _ in range(4)]


def all_lines_repeated(desk: Desk) -> list[Draft]:
    """A page that quotes a paragraph of each of four others and says nothing itself."""
    site, group = desk.site(), desk.group("all_lines_repeated")
    lines = [desk.author.paragraph() for _ in range(4)]
    quoted = [
        desk.planted([line], Expectation("all_lines_repeated_quoted", group, LINES_REMOVED, removed=(line,)), site=site)
        for line in lines
    ]
    page = site.framed(desk.author.page())
    quoting = type(page)(page.kind, page.title, [*site.head, *lines, *site.foot])
    expected = Expectation("all_lines_repeated", group, DROPPED, NO_LINES_LEFT)
    return [desk.draft(quoting, expected, site=site), *quoted]


def duplicate_page(desk: Desk) -> list[Draft]:
    """The same page at three addresses, one block digest for all: every copy loses every line."""
    page = desk.ordinary()
    expected = Expectation("duplicate_page", desk.group("duplicate_page"), DROPPED, NO_LINES_LEFT)
    return [desk.draft(page, expected) for _ in range(COPIES)]


def _everywhere(desk: Desk, case: str, lines: list[str]) -> list[Draft]:
    """One page for each line, all of one normal form: every page loses its own."""
    group = desk.group(case)
    return [desk.planted([line], Expectation(case, group, LINES_REMOVED, removed=(line.strip(),))) for line in lines]


def _nowhere(desk: Desk, case: str, lines: list[str]) -> list[Draft]:
    group = desk.group(case)
    return [desk.planted([line], Expectation(case, group, KEPT, kept=(line,))) for line in lines]


LINE_CASES: tuple[Callable[[Desk], list[Draft]], ...] = (
    *(repeated_paragraph, repeated_but_for_case, repeated_but_for_digits, repeated_but_for_punctuation),
    *(repeated_but_for_spaces, repeated_but_for_control_characters, one_word_differs, one_mark_differs),
    *(repeated_in_page, site_boilerplate, all_lines_repeated, duplicate_page),
)
