"""Invented web sites: a domain, and the lines it repeats on every page."""

import re
from dataclasses import dataclass

from demo.english import Author, Page

NAMES = (
    "The {town} Gazette",
    "{town} Today",
    "{last} & {other}",
    "{region} Heritage",
    "The {first} {last} Pages",
    "{town} and District Society",
    "Notes from {town}",
    "{last}'s Workshop",
    "The {town} Table",
    "{region} Review",
)
SECTIONS = (
    *("News", "Recipes", "Letters", "Machines", "Nature", "History", "Weather", "Sport", "Music", "Law", "Books"),
    *("Travel", "Stories", "Forum", "Shop", "Interviews", "Archive", "Photographs"),
)


@dataclass(frozen=True)
class Site:
    """`head` and `foot` are the lines around the body of every page: navigation, cookie notice, address, copyright."""

    name: str
    domain: str
    head: list[str]
    foot: list[str]

    @property
    def boilerplate(self) -> list[str]:
        return self.head + self.foot

    def url(self, page: Page, number: int) -> str:
        """The address of a page; different for every `number`."""
        return f"https://www.{self.domain}/{slug(page.kind)}/{slug(page.title)}-{number}.html"

    def framed(self, page: Page) -> Page:
        """The page as the site shows it."""
        return Page(page.kind, f"{page.title} - {self.name}", [*self.head, page.title, *page.lines, *self.foot])


def new_site(author: Author, number: int) -> Site:
    """A site whose lines no other site has; `number` sets apart those that would have the same name."""
    stream, world = author.stream, author.world
    town, region = stream.pick(world.towns), stream.pick(world.regions)
    person, other = stream.pick(world.people), stream.pick(world.people)
    pattern = stream.pick(NAMES)
    name = pattern.format(town=town.name, region=region.name, first=person.first, last=person.last, other=other.last)
    name = name.replace("The the ", "The ")
    domain = f"{slug(name)}-{_letters(number)}.example"
    sections = list(SECTIONS)
    stream.shuffle(sections)
    head = [f"Skip to the main text of {domain}", " | ".join(["Home", *sections[: stream.between(4, 8)], domain])]
    if stream.chance(0.6):
        head.append(f"{domain} uses cookies to remember what you have read. Accept all Decline Settings")
    if stream.chance(0.5):
        head.append(f"Search {name} ({domain})")
    weekday = stream.pick(world.grammar.words("weekday"))
    year, house = stream.between(2009, 2023), stream.between(1, 90)
    foot = [
        f"Subscribe to the letters of {domain}: one every {weekday}, no advertising",
        f"© {year} {name}, {house} {town.street}, {town.name}. Write to post@{domain}",
    ]
    if stream.chance(0.5):
        foot.append(f"About {domain} | Privacy | Terms of use | Contact")
    return Site(name, domain, head, foot)


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]


def _letters(number: int) -> str:
    """A number as letters: normal forms of lines know no difference between digits."""
    letters = ""
    while True:
        number, digit = divmod(number, 26)
        letters = chr(ord("a") + digit) + letters
        if number == 0:
            return letters
