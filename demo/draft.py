"""Pages on their way into a crawl, and the desk at which they are put together."""

from dataclasses import dataclass, replace

from demo.english import Author, Page
from demo.planted import Expectation
from demo.sites import Site, new_site, slug

ENGLISH = "eng"
# Kinds of page whose rules the encyclopaedia uses too: a language model trained on it finds them likely, and planted
# lines in them meet no other fate than the planned one, whatever the cut-offs.
ENCYCLOPEDIC = (
    *("town_history", "town_guide", "region_page", "railway_page", "species_page", "mineral_page", "machine_page"),
    *("person_life", "history_event", "law_explainer", "concert_review", "book_review"),
)


@dataclass(frozen=True)
class Draft:
    """A page that is not written yet.

    Attributes:
        text: what its record holds.
        languages: what the crawl's language header would say.
        length_error: see `WetRecord`.
        followers: pages that must come right after it in the same file.
        cut: whether it must be the last of the last file, and cut.
    """

    url: str
    text: bytes
    expected: Expectation | None = None
    languages: str = ENGLISH
    length_error: int = 0
    followers: tuple["Draft", ...] = ()
    cut: bool = False


class Desk:
    """Makes pages of one block of a crawl, on the sites of that block.

    Args:
        author: writes the English of the block.
        block: number of the block; sites and URLs of different blocks differ.
        sites: how many sites the ordinary pages are spread over.
    """

    def __init__(self, author: Author, block: int, sites: int) -> None:
        self.author = author
        self.stream = author.stream
        self.block = block
        self._numbers = 0
        self._groups = 0
        self.sites = [self.site() for _ in range(sites)]

    def site(self) -> Site:
        return new_site(self.author, self._number())

    def group(self, case: str) -> str:
        """A new name for pages planted together."""
        self._groups += 1
        return f"{case}/{self.block}/{self._groups}"

    def ordinary(self, site: Site | None = None, kind: str | None = None) -> Page:
        """A page of plain English as a site shows it."""
        return (site or self.stream.pick(self.sites)).framed(self.author.page(kind))

    def with_lines(self, page: Page, lines: list[str]) -> Page:
        """The page with further lines, each somewhere inside it."""
        body = list(page.lines)
        for line in lines:
            body.insert(self.stream.between(1, len(body) - 1), line)
        return replace(page, lines=body)

    def draft(self, page: Page, expected: Expectation | None = None, *, site: Site | None = None) -> Draft:
        """The page at an address of its own: on `site`, or on a domain that has no other page."""
        number = self._number()
        if site:
            url = site.url(page, number)
        else:
            url = f"https://{slug(page.title)[:30] or 'page'}-{number}.example/{slug(page.kind)}"
        return Draft(url, "\n".join([page.title, *page.lines, ""]).encode(), expected)

    def planted(self, lines: list[str], expected: Expectation, *, site: Site | None = None) -> Draft:
        """A page of an encyclopaedic kind that also has these lines."""
        site = site or self.stream.pick(self.sites)
        page = self.ordinary(site, self.stream.pick(ENCYCLOPEDIC))
        return self.draft(self.with_lines(page, lines), expected, site=site)

    def exact_text(self, characters: int, *, wide: bool = False) -> list[str]:
        """Lines of whole sentences that are, joined by newlines, exactly so many characters long (at least 250);
        `wide` ones hold letters of more than one byte."""
        first = self.author.paragraph("town_land", role="town", sentences=1)
        if wide:
            first += " The café in the old façade serves crème brûlée."
        while True:
            rest = self.author.paragraph("town_land", "town_history", role="town", sentences=1)
            while len(first) + 1 + len(rest) < characters - 40:
                rest += " " + self.author.paragraph("town_economy", role="town", sentences=1)
            if len(first) + 1 + len(rest) == characters:
                return [first, rest]

    def _number(self) -> int:
        """Numbers that no other page or site of the crawl has."""
        self._numbers += 1
        return self.block * 1_000_000 + self._numbers
