"""Makes the entities of a world one by one, each from words drawn for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.entities import (
    Book,
    Club,
    Dish,
    Event,
    Law,
    Machine,
    Mineral,
    Person,
    Railway,
    Region,
    Species,
    Town,
    Work,
)
from demo.inflection import plural
from demo.stream import Stream

if TYPE_CHECKING:
    from demo.world import World

# Centimetres; animals not named here are between a wren and a hare.
LENGTHS = {
    "heron": (70, 98),
    "crane": (80, 115),
    "otter": (60, 95),
    "hare": (45, 70),
    "beetle": (1, 5),
    "moth": (2, 7),
    "newt": (7, 16),
}
HAMLETS = ("village", "small parish", "fishing village")
AT_A_PLACE = ("Siege", "Treaty", "Battle", "Charter")
BIRD_PARTS = ("beak", "wings", "tail", "breast")
BEAST_PARTS = ("back", "tail", "belly", "feet", "head")
FLYING = frozenset(("heron", "owl", "finch", "plover", "warbler", "thrush", "kestrel", "crane", "kingfisher"))


class Founder:
    """Draws the facts of new entities; regions, towns and people must exist before the things that need them."""

    def __init__(self, world: World, stream: Stream) -> None:
        self.world = world
        self._stream = stream

    def _word(self, rule: str) -> str:
        return self._stream.pick(self.world.grammar.words(rule))

    def _two(self, rule: str) -> tuple[str, str]:
        words = self.world.grammar.words(rule)
        first = self._stream.below(len(words))
        return words[first], words[(first + 1 + self._stream.below(len(words) - 1)) % len(words)]

    def _year(self, low: int, high: int) -> str:
        return str(self._stream.between(low, high))

    def region(self, name: str) -> Region:
        crop, crop2 = self._two("crop")
        return Region(
            name=name,
            short="the region",
            landscape=self._word("landscape"),
            climate=self._word("climate"),
            wind=self._word("direction") + " wind",
            stone=self._word("building_stone"),
            crop=crop,
            crop2=crop2,
            product=self._word("product"),
            rain=str(self._stream.between(45, 140) * 10),
            river=self._word("river_name"),
        )

    def town(self, name: str) -> Town:
        inhabitants = int(300 + self._stream.random() * self._stream.random() * 64000)
        product, product2 = self._two("product")
        landmark, landmark2 = self._two("landmark")
        founded = self._stream.between(870, 1690)
        region = self._stream.pick(self.world.regions)
        head, tail = self._word("street_head"), self._word("street_tail")
        return Town(
            name=name,
            short="the village" if inhabitants < 2500 else "the town",
            kind=self._word("settlement") if inhabitants >= 2500 else self._stream.pick(HAMLETS),
            region=region,
            river=region.river if self._stream.chance(0.3) else self._word("river_name"),
            hill=f"{self._word('hill_head')} {self._word('hill_tail')}",
            population=f"{inhabitants:,}",
            founded=str(founded),
            product=product,
            product2=product2,
            trades=self._word("trade_group"),
            landmark=landmark,
            landmark2=landmark2,
            landmark_year=self._year(founded + 30, 1890),
            stone=region.stone if self._stream.chance(0.6) else self._word("building_stone"),
            market_day=self._word("weekday"),
            fair_month=self._word("month"),
            street=f"{head} {tail}",
            street2=f"{self._word('street_head')} {self._word('street_tail')}",
            direction=self._word("direction"),
            miles=str(self._stream.between(3, 28)),
        )

    def person(self) -> Person:
        female = self._stream.chance(0.5)
        first, last = self._word("female_name" if female else "male_name"), self._word("surname")
        born = self._stream.between(1730, 1935)
        return Person(
            name=f"{first} {last}",
            first=first,
            last=last,
            short=last,
            he="she" if female else "he",
            him="her" if female else "him",
            his="her" if female else "his",
            himself="herself" if female else "himself",
            title="Mrs" if female else "Mr",
            born=str(born),
            died=str(born + self._stream.between(58, 89)),
            prime=str(born + self._stream.between(27, 52)),
            trade=self._word("trade"),
            field=self._word("science"),
            hobby=self._word("hobby"),
            trait=self._word("person_adj"),
            home=self._stream.pick(self.world.towns),
        )

    def species(self, plain: str) -> Species:
        base = plain.split()[-1]
        food, food2 = self._two("animal_food")
        finder = self._stream.pick(self.world.people)
        return Species(
            name=f"the {plain}",
            short=f"the {base}",
            plain=plain,
            plural=plural(plain),
            base=base,
            habitat=self._word("habitat"),
            food=food,
            food2=food2,
            length=str(self._stream.between(*LENGTHS.get(base, (8, 40)))),
            colour=self._word("colour"),
            feature=self._stream.pick(BIRD_PARTS if base in FLYING else BEAST_PARTS),
            season=self._word("season"),
            young=str(self._stream.between(2, 9)),
            nest=self._word("nest_material"),
            threat=self._word("threat"),
            pairs=str(self._stream.between(3, 90) * 20),
            year=finder.prime,
            region=self._stream.pick(self.world.regions),
            finder=finder,
        )

    def dish(self, name: str) -> Dish:
        main, _, kind = name.rpartition(" ")
        second = main
        while second == main:
            second = self._word("ingredient")
        herb, herb2 = self._two("herb")
        return Dish(
            name=name,
            short=f"the {kind}",
            kind=kind,
            main=main,
            mains=plural(main),
            second=second,
            seconds=plural(second),
            protein=self._word("protein"),
            herb=herb,
            herb2=herb2,
            liquid=self._word("liquid"),
            vessel=self._word("vessel"),
            minutes=str(self._stream.between(4, 30) * 5),
            serves=self._word("number_word"),
            season=self._word("season"),
            taste=self._word("taste"),
            done=self._word("done_sign"),
            town=self._stream.pick(self.world.towns),
            cook=self._stream.pick(self.world.people),
        )

    def machine(self) -> Machine:
        maker, kind = self._stream.pick(self.world.people), self._word("machine_kind")
        part, part2 = self._two("machine_part")
        return Machine(
            name=f"the {maker.last} {kind}",
            short=f"the {kind}",
            kind=kind,
            kinds=plural(kind),
            maker=maker,
            year=maker.prime,
            use=self._word("machine_use"),
            part=part,
            part2=part2,
            material=self._word("metal"),
            fuel=self._word("fuel"),
            fault=self._word("fault"),
            price=str(self._stream.between(4, 95) * 5),
            built=str(self._stream.between(3, 90) * 10),
            town=maker.home,
        )

    def work(self, name: str) -> Work:
        composer = self._stream.pick(self.world.people)
        instrument, instrument2 = self._two("instrument")
        tempo, tempo2 = self._two("tempo")
        form, _, key = name.partition(" in ")
        return Work(
            name=f"the {name}",
            short=f"the {form}",
            form=form,
            key=key,
            year=composer.prime,
            composer=composer,
            instrument=instrument,
            instrument2=instrument2,
            tempo=tempo,
            tempo2=tempo2,
            minutes=str(self._stream.between(6, 70)),
            town=self._stream.pick(self.world.towns),
        )

    def book(self, name: str) -> Book:
        author = self._stream.pick(self.world.people)
        return Book(
            name=name,
            short="the book",
            kind=self._word("book_kind"),
            author=author,
            year=author.prime,
            pages=str(self._stream.between(90, 620)),
            style=self._word("style_adj"),
            theme=self._word("feeling"),
            place=self._stream.pick(self.world.towns),
            hero=self._word("female_name"),
        )

    def club(self, town: Town) -> Club:
        tail = self._word("club_tail")
        colour, colour2 = self._two("colour")
        return Club(
            name=f"{town.name} {tail}",
            short=tail if tail not in ("Town", "City") else town.name,
            town=town,
            colour=colour,
            colour2=colour2,
            ground=f"{self._word('street_head')} {self._word('street_tail')}",
            founded=self._year(1862, 1930),
            capacity=str(self._stream.between(8, 250) * 100),
            captain=self._stream.pick(self.world.people),
            coach=self._stream.pick(self.world.people),
        )

    def law(self) -> Law:
        judge, subject = self._stream.pick(self.world.people), self._word("law_subject")
        party, party2 = self._two("legal_party")
        return Law(
            name=f"the {subject} Act of {judge.prime}",
            short="the Act",
            subject=subject.lower(),
            year=judge.prime,
            duty=self._word("law_duty"),
            penalty=self._word("penalty"),
            court=self._word("court"),
            party=party,
            party2=party2,
            dispute=self._word("dispute"),
            judge=judge,
            region=self._stream.pick(self.world.regions),
        )

    def event(self) -> Event:
        kind, town = self._word("event_kind"), self._stream.pick(self.world.towns)
        leader = self._stream.pick(self.world.people)
        where = town.name if kind in AT_A_PLACE or self._stream.chance(0.4) else leader.prime
        return Event(
            name=f"the {kind} of {where}",
            short=f"the {kind.split()[-1].lower()}",
            kind=kind,
            year=leader.prime,
            month=self._word("month"),
            days=str(self._stream.between(2, 60)),
            houses=str(self._stream.between(3, 90)),
            town=town,
            leader=leader,
        )

    def railway(self) -> Railway:
        start, end = self._stream.pick(self.world.towns), self._stream.pick(self.world.towns)
        while end is start:
            end = self._stream.pick(self.world.towns)
        engineer = self._stream.pick([person for person in self.world.people if 1838 <= int(person.prime) <= 1905])
        opened = int(engineer.prime)
        return Railway(
            name=f"the {start.name} and {end.name} Railway",
            short="the line",
            start=start,
            end=end,
            opened=str(opened),
            closed=str(opened + self._stream.between(40, 110)),
            miles=str(self._stream.between(6, 64)),
            stations=self._word("number_word"),
            tunnels=self._stream.pick(("one tunnel", "two tunnels", "three tunnels", "no tunnels")),
            cost=f"{self._stream.between(20, 400) * 1000:,}",
            engineer=engineer,
        )

    def mineral(self, plain: str) -> Mineral:
        region = self._stream.pick(self.world.regions)
        finder = self._stream.pick(self.world.people)
        return Mineral(
            name=plain,
            short="the mineral",
            plain=plain,
            colour=plain.split()[0],
            hardness=self._stream.pick(("two", "three", "four", "five", "six", "seven")),
            lustre=self._word("lustre"),
            crystal=self._word("crystal"),
            use=self._word("mineral_use"),
            year=finder.prime,
            region=region,
            town=self._stream.pick([town for town in self.world.towns if town.region is region] or self.world.towns),
            finder=finder,
        )
