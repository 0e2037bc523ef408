"""Plain paragraphs dressed in wikitext, and the furniture of articles that is no prose."""

import re
from collections.abc import Callable, Sequence

from demo.stream import Stream

WORD = re.compile(r"\b[a-z]{5,}\b")
LINKED = 0.12


def dressed(text: str, stream: Stream) -> str:
    """The paragraph with words linked, bold, italic or commented upon; its text is the same when rendered."""

    def dress(match: re.Match[str]) -> str:
        word = match[0]
        if not stream.chance(LINKED):
            return word
        return stream.pick(DRESSES)(word)

    return WORD.sub(dress, text)


DRESSES: tuple[Callable[[str], str], ...] = (
    lambda word: f"[[{word}]]",
    lambda word: f"[[{word.title()} (thing)|{word}]]",
    lambda word: f"[[{word.title()}#Past|{word}]]",
    lambda word: f"''{word}''",
    lambda word: f"'''{word}'''",
    lambda word: f"{word}<!-- was it? -->",
    lambda word: f"[https://page.example/{word} {word}]",
    lambda word: f'<span style="color:teal">{word}</span>',
    lambda word: f"{{{{lang|en|{word}}}}}",
)


def infobox(name: str, secret: str) -> str:
    return f"{{{{Infobox settlement\n| name = {name}\n| motto = {secret}\n| area = {{{{convert|12|km2|sqmi}}}}\n}}}}\n"


def table(secret: str) -> str:
    return f'{{| class="wikitable"\n! Year !! Note\n|-\n| 1870 || {secret}\n|-\n| colspan="2" | nested {{{{x}}}}\n|}}'


def image(secret: str, prefix: str = "File", size: str = "thumb") -> str:
    return f"[[{prefix}:Bridge.jpg|{size}|{secret} with a [[link]] in it]]"


def reference(secret: str) -> str:
    return f'<ref name="a">{{{{cite book |title={secret} |year=1900 |url=https://page.example/book}}}}</ref>'


def closing(headings: Sequence[str], secret: str, category: str = "Category") -> str:
    """End matter: sections without prose, then categories."""
    sections = "\n\n".join(
        f"== {heading} ==\n* [[{secret}]]\n* [https://page.example/ {secret}]" for heading in headings
    )
    return f"{sections}\n\n{{{{Authority control}}}}\n[[{category}:{secret}]]\n"
