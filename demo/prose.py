"""Expanded templates to finished sentences and paragraphs: capitals, full stops, articles, connectives."""

import re

from demo.grammar import Grammar, Rule
from demo.scene import Scene

OPENER_CHANCE = 0.09
# Sentences that cannot follow "However,": instructions, speech, and those that begin with an adverbial or a clause.
PLAIN_RULES = frozenset(
    (
        *("recipe_step", "repair_text", "shop_text", "answer_talk", "story_speech", "question", "forum_ask"),
        *("forum_more", "forum_reply", "letter_open", "letter_close", "town_opening", "diary_text"),
    )
)
ADVERBIAL = re.compile(r'in |on |at |after |by |when |if |under |before |during |since |for |with |and |"')

ARTICLE = re.compile(r"\b([Aa]) (?=(?!uni|use|one\b|once|eu)[aeiouAEIOU]|hour|honest)")
OPENING_QUOTE = re.compile(r'((?:^|[.?!:] )")([a-z])')
ENDS = (".", "?", "!", '."', '?"', ":")


def sentence(scene: Scene, rule: Rule) -> str:
    """One finished sentence of `rule`, its alternatives dealt so that a page repeats none before all were used."""
    scene.begin_sentence()
    return _finished(scene.deal(rule))


def paragraph(grammar: Grammar, scene: Scene, items: list[tuple[str, int, int]]) -> str:
    """Sentences of each (rule, fewest, most) in turn, joined by spaces."""
    scene.begin_paragraph()
    sentences: list[str] = []
    for name, low, high in items:
        rule = grammar.rules[name]
        for _ in range(scene.stream.between(low, high)):
            scene.begin_sentence()
            text = scene.deal(rule)
            opened = name not in PLAIN_RULES and sentences and scene.random() < OPENER_CHANCE
            if opened and not ADVERBIAL.match(text):
                text = f"{grammar.rules['opener'].produce(scene)} {text}"
            sentences.append(_finished(text))
    return " ".join(sentences)


def list_item(text: str) -> str:
    """A line that is no sentence, such as a title: a capital and no full stop."""
    return _tidied(text)


def _tidied(text: str) -> str:
    text = ARTICLE.sub(r"\1n ", text.replace(" ,", ",").replace(",,", ","))
    if '"' in text:
        text = OPENING_QUOTE.sub(lambda match: match[1] + match[2].upper(), text)
    return text[0].upper() + text[1:]


def _finished(text: str) -> str:
    text = _tidied(text)
    return text if text.endswith(ENDS) else text + "."
