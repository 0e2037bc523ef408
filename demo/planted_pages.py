"""Planted pages: too short, in another language, not worth reading, or odd but good."""

from collections.abc import Callable

from demo.draft import Desk, Draft
from demo.english import Page
from demo.foreign import LANGUAGES, foreign_page, language_soup
from demo.gibberish import invented_words, product_numbers, word_salad
from demo.planted import DROPPED, KEPT, Expectation

TOO_SHORT = ("read/too_short",)
BELOW_THRESHOLD = ("language/below_threshold",)
NOT_KEPT = ("language/not_kept",)
UNLIKELY = ("perplexity/bucket_not_kept",)
HUGE_LINE = 200_000


def ordinary(desk: Desk) -> list[Draft]:
    """Pages like many others, to see that nothing else goes missing."""
    expected = Expectation("ordinary", desk.group("ordinary"), KEPT)
    return [desk.planted([], expected) for _ in range(10)]


def short_pages(desk: Desk) -> list[Draft]:
    drafts = [_bare(desk, "short_page", [desk.author.paragraph(sentences=1)], DROPPED, TOO_SHORT) for _ in range(3)]
    return [*drafts, _bare(desk, "title_only", [], DROPPED, TOO_SHORT)]


def pages_at_the_limit(desk: Desk) -> list[Draft]:
    """Bodies of 299 and 300 characters, without the title; of the wide ones 300 and more are bytes."""
    kept = desk.exact_text(300)
    return [
        _bare(desk, "page_of_299", desk.exact_text(299), DROPPED, TOO_SHORT),
        _bare(desk, "page_of_299_wide", desk.exact_text(299, wide=True), DROPPED, TOO_SHORT),
        _bare(desk, "page_of_300", kept, KEPT, kept=tuple(kept)),
    ]


def foreign_pages(desk: Desk) -> list[Draft]:
    """One page in every language."""
    drafts = []
    for language, (code, _) in LANGUAGES.items():
        expected = Expectation(f"foreign_{language}", desk.group("foreign"), DROPPED, NOT_KEPT)
        draft = desk.draft(foreign_page(desk.stream, language), expected)
        drafts.append(Draft(draft.url, draft.text, expected, code))
    return drafts


def language_soups(desk: Desk) -> list[Draft]:
    return [_nonsense(desk, language_soup(desk.stream), BELOW_THRESHOLD) for _ in range(2)]


def nonsense(desk: Desk) -> list[Draft]:
    """English to a language identifier, unlikely to a language model; lists of numbers may fail at either."""
    return [
        _nonsense(desk, word_salad(desk.stream, desk.author.world.grammar), UNLIKELY),
        _nonsense(desk, invented_words(desk.stream), UNLIKELY),
        _nonsense(desk, product_numbers(desk.stream), BELOW_THRESHOLD + NOT_KEPT + UNLIKELY),
    ]


def control_tokens(desk: Desk) -> list[Draft]:
    """Text that spells a tokenizer's control tokens: ordinary characters, to be kept as they are."""
    line = f"<s> {desk.author.paragraph(sentences=1)} </s> <unk> {desk.author.paragraph(sentences=1)} <pad>"
    return [desk.planted([line], Expectation("control_tokens", desk.group("control_tokens"), KEPT, kept=(line,)))]


def other_scripts(desk: Desk) -> list[Draft]:
    """Lines in emoji, Chinese, Arabic and Greek in an English page."""
    name = desk.author.paragraph(sentences=1)
    lines = [
        f"🎻🌧️👩‍🌾 {name} 🐑🐑",
        f"{desk.stream.between(2, 9)} 个孩子在桥边等船 ({name})",
        f"وصل القطار إلى المدينة قبل الفجر ({name})",
        f"Ο άνεμος άλλαξε το βράδυ ({name})",
    ]
    expected = Expectation("other_scripts", desk.group("other_scripts"), KEPT, kept=tuple(lines))
    return [desk.planted(lines, expected)]


def huge_line(desk: Desk) -> list[Draft]:
    """A page whose body is one line of 200,000 characters."""
    paragraphs: list[str] = []
    length = 0
    while length < HUGE_LINE:
        paragraphs.append(desk.author.paragraph(sentences=8))
        length += len(paragraphs[-1]) + 1
    line = " ".join(paragraphs)
    contains = (paragraphs[0], paragraphs[-1])
    return [_bare(desk, "huge_line", [line], KEPT, contains=contains)]


def _bare(
    desk: Desk,
    case: str,
    lines: list[str],
    outcome: str,
    reasons: tuple[str, ...] = (),
    kept: tuple[str, ...] = (),
    contains: tuple[str, ...] = (),
) -> Draft:
    """A page of these lines alone, without a site around it."""
    expected = Expectation(case, desk.group(case), outcome, reasons, kept=kept, contains=contains)
    return desk.draft(Page(case, desk.author.page().title, lines), expected)


def _nonsense(desk: Desk, page: Page, reasons: tuple[str, ...]) -> Draft:
    return desk.draft(page, Expectation(page.kind, desk.group(page.kind), DROPPED, reasons))


PAGE_CASES: tuple[Callable[[Desk], list[Draft]], ...] = (
    *(
        ordinary,
        short_pages,
        pages_at_the_limit,
        foreign_pages,
        language_soups,
        nonsense,
        control_tokens,
        other_scripts,
    ),
)
PAGE_CASES_ONCE: tuple[Callable[[Desk], list[Draft]], ...] = (huge_line,)
