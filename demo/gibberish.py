"""Pages that look English to a language identifier and are not worth reading: high perplexity by construction."""

from itertools import chain

from demo.english import Page
from demo.grammar import Grammar
from demo.stream import Stream

LITTLE_WORDS = (
    *("the", "of", "and", "to", "in", "that", "was", "with", "for", "from", "had", "which", "their", "would", "there"),
    *("been", "were", "when", "this", "they", "have", "not", "but", "what", "about", "into", "could", "them", "than"),
)
# Beginnings, middles and ends of invented syllables.
ONSETS = ("b", "br", "c", "ch", "d", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "w")
VOWELS = ("a", "e", "i", "o", "u", "ea", "ou", "oo")
CODAS = ("", "b", "ck", "d", "ft", "g", "l", "m", "n", "nd", "ng", "p", "r", "rst", "sh", "st", "t", "x", "zz")
STOCK = ("in stock", "sold out", "on order", "new")


def word_salad(stream: Stream, grammar: Grammar) -> Page:
    """Real words in no order."""
    phrases = chain.from_iterable(rule.words for rule in grammar.rules.values())
    words = sorted({word for phrase in phrases for word in phrase.split()})
    lines = []
    for _ in range(stream.between(6, 10)):
        line = [stream.pick(LITTLE_WORDS if stream.chance(0.25) else words) for _ in range(stream.between(30, 60))]
        lines.append(" ".join(line) + ".")
    return Page("word_salad", " ".join(stream.pick(words) for _ in range(5)), lines)


def invented_words(stream: Stream) -> Page:
    """Words that could be English and are not, between little words that are."""
    lines = []
    for _ in range(stream.between(6, 10)):
        count = stream.between(30, 50)
        line = [_invented(stream) if stream.chance(0.7) else stream.pick(LITTLE_WORDS) for _ in range(count)]
        lines.append(" ".join(line) + ".")
    return Page("invented_words", " ".join(_invented(stream) for _ in range(4)), lines)


def product_numbers(stream: Stream) -> Page:
    """A list of article numbers, stock and prices."""
    lines = [
        f"{_code(stream)} {stream.pick(STOCK)} {_code(stream)} {_price(stream)}" for _ in range(stream.between(30, 60))
    ]
    return Page("product_numbers", f"Spare parts {_code(stream)}", lines)


def _invented(stream: Stream) -> str:
    return "".join(stream.pick(ONSETS) + stream.pick(VOWELS) + stream.pick(CODAS) for _ in range(stream.between(1, 3)))


def _code(stream: Stream) -> str:
    letters = "".join(stream.pick("ABCDEFGHJKLMNPRSTVWXZ") for _ in range(stream.between(3, 5)))
    return f"{letters}-{stream.between(100, 9999)}{stream.pick('ABCDX')}"


def _price(stream: Stream) -> str:
    return f"{stream.between(1, 900)}.{stream.between(10, 99)}"
