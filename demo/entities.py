"""The kinds of things a seeded world holds. Every attribute is text ready for a template, or another entity.

Each has a full `name`, a `short` form for later mentions, and the pronouns `he` and `his`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(eq=False)
class Thing:
    """Whatever is spoken of as "it"."""

    name: str
    short: str
    he: str = dataclasses.field(default="it", init=False)
    his: str = dataclasses.field(default="its", init=False)


@dataclass(eq=False)
class Region(Thing):
    landscape: str
    climate: str
    wind: str
    stone: str
    crop: str
    crop2: str
    product: str
    rain: str
    river: str
    capital: Town = dataclasses.field(init=False)


@dataclass(eq=False)
class Town(Thing):
    kind: str
    region: Region
    river: str
    hill: str
    population: str
    founded: str
    product: str
    product2: str
    trades: str
    landmark: str
    landmark2: str
    landmark_year: str
    stone: str
    market_day: str
    fair_month: str
    street: str
    street2: str
    direction: str
    miles: str
    near: Town = dataclasses.field(init=False)
    mayor: Person = dataclasses.field(init=False)
    notable: Person = dataclasses.field(init=False)
    dish: Dish = dataclasses.field(init=False)


@dataclass(eq=False)
class Person:
    name: str
    first: str
    last: str
    short: str
    he: str
    him: str
    his: str
    himself: str
    title: str
    born: str
    died: str
    prime: str
    trade: str
    field: str
    hobby: str
    trait: str
    home: Town
    friend: Person = dataclasses.field(init=False)
    teacher: Person = dataclasses.field(init=False)


@dataclass(eq=False)
class Species(Thing):
    plain: str
    plural: str
    base: str
    habitat: str
    food: str
    food2: str
    length: str
    colour: str
    feature: str
    season: str
    young: str
    nest: str
    threat: str
    pairs: str
    year: str
    region: Region
    finder: Person


@dataclass(eq=False)
class Dish(Thing):
    kind: str
    main: str
    mains: str
    second: str
    seconds: str
    protein: str
    herb: str
    herb2: str
    liquid: str
    vessel: str
    minutes: str
    serves: str
    season: str
    taste: str
    done: str
    town: Town
    cook: Person


@dataclass(eq=False)
class Machine(Thing):
    kind: str
    kinds: str
    maker: Person
    year: str
    use: str
    part: str
    part2: str
    material: str
    fuel: str
    fault: str
    price: str
    built: str
    town: Town


@dataclass(eq=False)
class Work(Thing):
    form: str
    key: str
    year: str
    composer: Person
    instrument: str
    instrument2: str
    tempo: str
    tempo2: str
    minutes: str
    town: Town


@dataclass(eq=False)
class Club(Thing):
    town: Town
    colour: str
    colour2: str
    ground: str
    founded: str
    capacity: str
    captain: Person
    coach: Person
    rival: Club = dataclasses.field(init=False)


@dataclass(eq=False)
class Law(Thing):
    subject: str
    year: str
    duty: str
    penalty: str
    court: str
    party: str
    party2: str
    dispute: str
    judge: Person
    region: Region


@dataclass(eq=False)
class Event(Thing):
    kind: str
    year: str
    month: str
    days: str
    houses: str
    town: Town
    leader: Person


@dataclass(eq=False)
class Book(Thing):
    kind: str
    author: Person
    year: str
    pages: str
    style: str
    theme: str
    place: Town
    hero: str


@dataclass(eq=False)
class Railway(Thing):
    start: Town
    end: Town
    opened: str
    closed: str
    miles: str
    stations: str
    tunnels: str
    cost: str
    engineer: Person


@dataclass(eq=False)
class Mineral(Thing):
    plain: str
    colour: str
    hardness: str
    lustre: str
    crystal: str
    use: str
    year: str
    region: Region
    town: Town
    finder: Person
