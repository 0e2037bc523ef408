"""What fastText's language identifier makes of the generated pages, asked as the pipeline asks: line breaks deleted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from demo.english import Author, Page
from demo.foreign import LANGUAGES, foreign_page, language_soup
from demo.gibberish import invented_words, word_salad
from demo.stream import Stream
from demo.world import World

Identify = Callable[[Page], tuple[str, float]]
SEEDS = range(20)


@pytest.fixture(scope="module")
def identify(language_model: Path) -> Identify:
    fasttext = pytest.importorskip("fasttext")
    model = fasttext.load_model(str(language_model))

    def best(page: Page) -> tuple[str, float]:
        labels, scores = model.predict(["".join(page.lines)])
        return labels[0][0].removeprefix("__label__"), float(scores[0][0])

    return best


@pytest.mark.parametrize("language", LANGUAGES)
def test_foreign_pages_are_in_their_language(identify: Identify, language: str) -> None:
    for seed in SEEDS:
        label, score = identify(foreign_page(Stream(seed, "foreign"), language))
        assert label == LANGUAGES[language][1]
        assert score > 0.7


def test_a_soup_is_in_no_language(identify: Identify) -> None:
    assert max(identify(language_soup(Stream(seed, "soup")))[1] for seed in range(100)) < 0.48


def test_english_and_nonsense_are_english(identify: Identify) -> None:
    world = World(2)
    author = Author(world, Stream(2, "english"))
    pages = [author.page() for _ in range(100)]
    pages += [word_salad(Stream(seed, "salad"), world.grammar) for seed in SEEDS]
    pages += [invented_words(Stream(seed, "invented")) for seed in SEEDS]
    for page in pages:
        label, score = identify(page)
        assert label == "en", page
        assert score > 0.6, page


@pytest.mark.parametrize("language", LANGUAGES)
def test_foreign_pages_are_long_enough_and_differ(language: str) -> None:
    pages = [foreign_page(Stream(seed, "foreign"), language) for seed in SEEDS]
    assert all(len("\n".join(page.lines)) > 350 for page in pages)
    lines = [line for page in pages for line in page.lines]
    assert len(set(lines)) == len(lines)
