"""Encyclopaedia articles about the world of the web pages: clean prose to train a language model on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from demo.english import Author
from demo.entities import Person, Thing
from demo.stream import Stream
from demo.world import World


@dataclass(frozen=True)
class Article:
    """An entry: its title and its opening text, one paragraph."""

    title: str
    text: str


def articles(world: World, *, megabytes: float = 1.5) -> Iterator[Article]:
    """Entries about everything in the world, then a second one about the past of each, until their text reaches
    `megabytes` (10^6 bytes); ends earlier, at about 2 MB, when there is nothing left to write about."""
    author = Author(world, Stream(world.seed, "encyclopedia"))
    subjects: dict[str, Sequence[Thing] | Sequence[Person]] = {
        "town": world.towns,
        "region": world.regions,
        "person": world.people,
        **world.things,
    }
    written = 0
    for suffix in ("", "_past"):
        for role, entities in subjects.items():
            for entity in entities:
                page = author.page(f"ency_{role}{suffix}", subject=entity)
                article = Article(page.title, " ".join(page.lines))
                yield article
                written += len(article.text.encode())
                if written >= megabytes * 1e6:
                    return
