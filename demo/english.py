"""English web pages of a seeded world, made from templates and word lists alone: no corpus, no network."""

from dataclasses import dataclass
from typing import Any

from demo.layout import PageKind
from demo.prose import paragraph
from demo.scene import Entity, Scene
from demo.stream import Stream
from demo.world import World

# How often each kind of page is written, relative to the others.
KIND_WEIGHTS = {
    **dict.fromkeys(("story", "person_life"), 9),
    **dict.fromkeys(("town_guide", "town_history", "town_news", "history_event"), 6),
    **dict.fromkeys(("letter", "species_page", "recipe", "machine_page", "travel_journal"), 5),
    **dict.fromkeys(("interview", "field_diary", "kitchen_blog", "repair_howto", "forum"), 4),
    **dict.fromkeys(("concert_review", "match_report", "book_review", "court_report"), 4),
    **dict.fromkeys(("railway_page", "weather_report", "shop", "law_explainer"), 3),
    **dict.fromkeys(("region_page", "mineral_page"), 2),
}


@dataclass(frozen=True)
class Page:
    """A page of plain text: its `kind` in the grammar files, its title, its body (a paragraph or heading a line)."""

    kind: str
    title: str
    lines: list[str]


class Author:
    """Writes pages about one world. Two authors with streams of the same seed and names write the same."""

    def __init__(self, world: World, stream: Stream) -> None:
        self.world = world
        self.stream = stream
        kinds = (PageKind(world.grammar, *block) for block in world.grammar.layouts.items())
        self._kinds = {kind.name: kind for kind in kinds}
        self._urn = [kind for kind, weight in KIND_WEIGHTS.items() for _ in range(weight)]

    def page(self, kind: str | None = None, subject: Entity | None = None) -> Page:
        """A page of the named kind, or of one drawn by `KIND_WEIGHTS`; about `subject`, or one drawn from the world."""
        layout = self._kinds[kind or self.stream.pick(self._urn)]
        title, *lines = layout.lines(self.scene(layout.subject, subject))
        return Page(layout.name, title, lines)

    def paragraph(self, *rules: str, role: str = "person", sentences: int = 3) -> str:
        """A paragraph on a new subject of the given role: `sentences` sentences of each rule, which may be any of the
        grammar that speak of that role; small happenings by default."""
        items = [(rule, sentences, sentences) for rule in rules or ("common_past",)]
        return paragraph(self.world.grammar, self.scene(role), items)

    def scene(self, role: str, subject: Entity | None = None) -> Scene:
        """A new page's state whose subject, drawn unless given, has `role`, with a cast of related entities."""
        scene = Scene(self.stream)
        cast = _cast(self.world, self.stream, role, subject)
        scene.__dict__.update(cast)
        scene.subject = cast[role]
        return scene


def _cast(world: World, stream: Stream, role: str, subject: Any) -> dict[str, Any]:
    """All roles: those the subject implies (its town, its inventor...) follow it, the others are drawn."""
    cast: dict[str, Any] = {name: stream.pick(entities) for name, entities in world.things.items()}
    cast["other"] = stream.pick(world.things["species"])
    if role == "town":
        town = subject or stream.skewed(world.towns)
        hero = town.notable
    elif role == "region":
        region = subject or stream.pick(world.regions)
        town, hero = region.capital, region.capital.notable
    elif role == "person":
        hero = subject or stream.skewed(world.people)
        town = hero.home
    else:
        thing = cast[role] = subject or cast[role]
        town = _first(thing, "town", "place", "start") or thing.region.capital
        hero = _first(thing, "finder", "cook", "maker", "composer", "author", "leader", "engineer") or town.notable
    cast.update(town=town, near=town.near, region=town.region, hero=hero, friend=hero.friend, person=hero)
    return cast


def _first(entity: object, *names: str) -> Any:
    return next((getattr(entity, name) for name in names if hasattr(entity, name)), None)
