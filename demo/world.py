"""One seeded world: its regions, towns, people and things, whose facts are the same on every page that names them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from demo.entities import Club, Dish, Person, Thing
from demo.founding import Founder
from demo.grammar import Grammar, grammar_texts
from demo.stream import Stream

ROLES = (
    *("town", "near", "region", "hero", "friend", "species", "other", "dish", "machine", "work", "club"),
    *("law", "event", "book", "railway", "mineral", "subject"),
)

Named = TypeVar("Named", Thing, Person)


class World:
    """Everything the pages of one seed speak of; `grammar` holds its words and templates."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.grammar = Grammar(grammar_texts(), ROLES)
        self._stream = Stream(seed, "world")
        make = Founder(self, self._stream)
        self.regions = [make.region(name) for name in self.grammar.words("region_name")]
        self.towns = [make.town(name) for name in self._names(160, "town_head", "town_tail", "{}{}")]
        self.people = _distinct(420, make.person)
        self._befriend()
        dishes = [make.dish(name) for name in self._names(100, "ingredient", "dish_kind", "{} {}")]
        clubs = [make.club(town) for town in self.towns[:40]]
        # By the role they play on a page.
        self.things: dict[str, Sequence[Thing]] = {
            "species": [make.species(name) for name in self._names(110, "animal_head", "animal_base", "{} {}")],
            "dish": dishes,
            "machine": _distinct(90, make.machine),
            "work": [make.work(name) for name in self._names(90, "music_form", "music_key", "{} in {}")],
            "club": clubs,
            "law": _distinct(60, make.law),
            "event": _distinct(80, make.event),
            "book": [make.book(name) for name in self._names(90, "title_adj", "title_noun", "The {} {}")],
            "railway": _distinct(40, make.railway),
            "mineral": [make.mineral(name) for name in self._names(40, "mineral_head", "mineral_tail", "{} {}")],
        }
        self._settle(dishes, clubs)

    def _names(self, count: int, head: str, tail: str, pattern: str) -> list[str]:
        """`count` different names made of a word of each list."""
        heads, tails = self.grammar.words(head), self.grammar.words(tail)
        names: dict[str, None] = {}
        while len(names) < count:
            first, second = self._stream.pick(heads), self._stream.pick(tails)
            if first.lower() != second.lower():
                names[pattern.format(first, second)] = None
        return list(names)

    def _befriend(self) -> None:
        """Friends are of one age, teachers about a generation older: in order of birth a fixed distance away."""
        self.people.sort(key=lambda person: (person.born, person.name))
        for i, person in enumerate(self.people):
            person.friend = self.people[i ^ 1]
            person.teacher = self.people[i - 50] if i >= 50 else self.people[i ^ 1]

    def _settle(self, dishes: list[Dish], clubs: list[Club]) -> None:
        """Ties the knots that need both ends to exist: neighbours, mayors, capitals, rivals."""
        for i, town in enumerate(self.towns):
            near = [other for other in self.towns if other.region is town.region and other is not town]
            town.near = self._stream.pick(near or [self.towns[i - 1]])
            town.mayor, town.notable = self._stream.pick(self.people), self._stream.pick(self.people)
            town.dish = self._stream.pick(dishes)
        for person in self.people:
            person.home.notable = person
        for region in self.regions:
            inside = [town for town in self.towns if town.region is region] or self.towns
            region.capital = max(inside, key=lambda town: int(town.population.replace(",", "")))
        for i, club in enumerate(clubs):
            club.rival = clubs[i ^ 1]
            if club.short == club.rival.short:
                club.short, club.rival.short = club.town.name, club.rival.town.name


def _distinct(count: int, make: Callable[[], Named]) -> list[Named]:
    """`count` entities of different names: what is said of a name must be true of one entity."""
    found: dict[str, Named] = {}
    while len(found) < count:
        entity = make()
        found.setdefault(entity.name, entity)
    return list(found.values())
