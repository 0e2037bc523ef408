"""Pages that are not English: sixteen languages, and mixtures of them that are none.

The sentences in demo/phrases were written for this; pages recombine them with other numbers and names.
"""

from functools import cache
from importlib.resources import files

from demo.english import Page
from demo.grammar import Grammar
from demo.scene import Scene
from demo.stream import Stream

# Name of the file in demo/phrases: ISO 639-3 code (as Common Crawl writes it), fastText's label.
LANGUAGES = {
    "chinese": ("zho", "zh"),
    "czech": ("ces", "cs"),
    "danish": ("dan", "da"),
    "dutch": ("nld", "nl"),
    "french": ("fra", "fr"),
    "german": ("deu", "de"),
    "hungarian": ("hun", "hu"),
    "italian": ("ita", "it"),
    "japanese": ("jpn", "ja"),
    "polish": ("pol", "pl"),
    "portuguese": ("por", "pt"),
    "romanian": ("ron", "ro"),
    "russian": ("rus", "ru"),
    "spanish": ("spa", "es"),
    "swedish": ("swe", "sv"),
    "ukrainian": ("ukr", "uk"),
}
UNSPACED = ("chinese", "japanese")


@cache
def _grammar(language: str) -> Grammar:
    return Grammar([(files("demo") / "phrases" / f"{language}.txt").read_text("utf-8")], roles=())


def foreign_page(stream: Stream, language: str) -> Page:
    """A page of eight to eleven paragraphs in one of `LANGUAGES`; its title is a sentence of its own."""
    scene = Scene(stream)
    rule = _grammar(language).rules["sentences"]
    space = "" if language in UNSPACED else " "
    title = scene.deal(rule)
    lines = [space.join(scene.deal(rule) for _ in range(stream.between(3, 4))) for _ in range(stream.between(8, 11))]
    return Page(language, title, lines)


def language_soup(stream: Stream) -> Page:
    """A page of words taken in turn from all the languages that put spaces between words: no language is half of it."""
    words = [_words(stream, language) for language in LANGUAGES if language not in UNSPACED]
    lines = []
    for _ in range(stream.between(8, 10)):
        line = []
        for _ in range(6):
            stream.shuffle(words)
            line += [stream.pick(column) for column in words]
        lines.append(" ".join(line))
    return Page("language_soup", " ".join(lines[0].split()[:8]), lines)


def _words(stream: Stream, language: str) -> list[str]:
    scene = Scene(stream)
    rule = _grammar(language).rules["sentences"]
    return [word for _ in range(8) for word in scene.deal(rule).lower().split() if word.isalpha()]
