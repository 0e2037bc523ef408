"""The generated English: every kind of page, the facts of the world, how varied it is, and that it never changes."""

import gzip
import hashlib
import re
from collections import Counter, defaultdict

import pytest

from demo.encyclopedia import articles
from demo.english import KIND_WEIGHTS, Author, Page
from demo.stream import Stream
from demo.world import World

WORLD = World(11)


def text_of(page: Page) -> str:
    return "\n".join([page.title, *page.lines])


def pages(seed: int, megabytes: float, world: World = WORLD) -> list[Page]:
    author, written, size = Author(world, Stream(seed, "test")), [], 0
    while size < megabytes * 1e6:
        written.append(author.page())
        size += len(text_of(written[-1]))
    return written


SAMPLE = pages(1, 1.0)
TEXT = "\n".join(text_of(page) for page in SAMPLE)


def test_every_kind_of_page_can_be_written_and_is_drawn() -> None:
    kinds = {name.split()[0] for name in WORLD.grammar.layouts}
    assert kinds == set(KIND_WEIGHTS) | {kind for kind in kinds if kind.startswith("ency_")}
    assert {page.kind for page in SAMPLE} == set(KIND_WEIGHTS)


def test_every_rule_expands() -> None:
    """Also those of which the sample may have drawn none: no attribute of any entity is misspelt."""
    author = Author(WORLD, Stream(3, "rules"))
    for rule in WORLD.grammar.rules.values():
        for role in ("town", "region", "person", *WORLD.things):
            for option in rule.options:
                assert option(author.scene(role))


FAULTS = (
    *(r"[{}\[\]|@<]", r" ,", r"  ", r",,", r"\ba [aeio][a-z]+", r"\ban [bcdfgjklmnpqrstvwxz]", r"\.\."),
    *(r"\b(the|a|an) (the|a|an)\b", r"^[a-z]", r"^$", r"[.?!] [a-z]"),
)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_text_is_tidy(fault: str) -> None:
    found = re.finditer(f"(?:{fault}).{{0,20}}", TEXT, re.MULTILINE)
    assert not [match[0] for match in found if not re.match("a (one|uni|use)", match[0])][:5]


def test_paragraphs_are_sentences() -> None:
    paragraphs = [line for page in SAMPLE for line in page.lines if len(line) > 120]
    assert len(paragraphs) > 2000
    assert all(line.endswith((".", "?", "!", '."', '?"')) for line in paragraphs)


def test_the_text_is_varied() -> None:
    sentences = re.findall(r"[^.?!\n]+[.?!]", TEXT)
    words = re.findall(r"[a-z'-]+", TEXT.lower())
    assert len(sentences) > 12_000
    assert len(set(sentences)) > 0.93 * len(sentences)
    assert len(set(words)) > 3000
    assert len(TEXT) / len(gzip.compress(TEXT.encode(), 6)) < 3.4


def test_facts_are_the_same_on_every_page() -> None:
    """What is learnt of a town on one page holds on another, and in the encyclopaedia."""
    everything = TEXT + "\n".join(article.text for article in articles(WORLD))
    facts = defaultdict(set)
    for pattern in (
        r"(?P<of>[A-Z][a-z]+) lies on (?P<fact>the River [A-Z][a-z]+)",
        r"(?P<fact>[A-Z][a-z]+ [A-Z][a-z]+), the engineer, chose a way .*?(?P<of>)",
        r"with (?P<fact>[\d,]+) inhabitants, (?P<of>[A-Z][a-z]+) is",
        r"(?P<of>The [A-Z][a-z]+ [A-Z][a-z ]+) is a [a-z' ]+ of (?P<fact>\d+) pages",
    ):
        for match in re.finditer(pattern, everything):
            if match["of"]:
                facts[pattern, match["of"]].add(match["fact"])
    assert len(facts) > 80
    assert all(len(values) == 1 for values in facts.values())


def test_a_page_names_its_subject_again() -> None:
    """So that a model can learn to copy: the object of a story comes back again and again."""
    author = Author(WORLD, Stream(4, "story"))
    for _ in range(20):
        story = author.page("story")
        words = Counter(re.findall("[a-z]+", " ".join(story.lines)))
        assert max(words[name.split()[-1]] for name in WORLD.grammar.words("object")) >= 5


def test_the_same_seed_writes_the_same_and_another_does_not() -> None:
    assert pages(1, 0.2, World(11)) == pages(1, 0.2)
    assert pages(2, 0.05) != pages(1, 0.05)
    assert World(12).towns[0].name != WORLD.towns[0].name


def test_articles_are_about_everything_and_end_at_the_size_asked() -> None:
    everything = list(articles(WORLD, megabytes=100))
    titles = {article.title for article in everything}
    assert {town.name for town in WORLD.towns} | {person.name for person in WORLD.people} <= titles
    assert 1.5e6 < sum(len(article.text.encode()) for article in everything) < 3e6
    assert all("\n" not in article.text and len(article.text) > 200 for article in everything)
    size = sum(len(article.text.encode()) for article in articles(WORLD, megabytes=0.3))
    assert 0.3e6 <= size < 0.302e6


def test_the_text_of_a_seed_never_changes_unnoticed() -> None:
    """Raise the digest with every change of words, templates or code; Python versions must agree on it."""
    author = Author(World(1), Stream(1, "digest"))
    text = "\n".join(text_of(author.page(kind)) for kind in KIND_WEIGHTS)
    assert hashlib.sha256(text.encode()).hexdigest() == DIGEST


DIGEST = "c0cceb269a7151773e120f2c71d9a640a44ba6bc17bcf4c27e0e922ce89be029"
