"""What a page is about: the cast of entities its templates may name, and what it has said so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from demo.stream import Stream

if TYPE_CHECKING:
    from demo.grammar import Rule


class Entity(Protocol):
    """Anything a page can be about: its full name, its short form, its pronoun and its possessive."""

    name: str
    short: str
    he: str
    his: str


class Scene:
    """The state of one page.

    The cast is set as attributes (`scene.town`, `scene.hero`...), which slots such as `{town.river}` read. `memo` keeps
    the choice made for a tagged slot such as `{tool@a}`, so that the page names the same tool again.
    """

    subject: Entity

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.random = stream.random
        self.memo: dict[str, int | str] = {}
        self._decks: dict[str, list[int]] = {}
        self._recent = 0

    def begin_paragraph(self) -> None:
        self._recent = min(self._recent, 1)

    def begin_sentence(self) -> None:
        if self._recent > 1:
            self._recent -= 1

    def subject_mention(self) -> str:
        """Full name the first time, a pronoun when the sentence before named the subject, else the short form."""
        recent, self._recent = self._recent, 3
        if recent == 0:
            return self.subject.name
        if recent == 2 and self.random() < 0.7:
            return self.subject.he
        return self.subject.short if recent > 2 or self.random() < 0.85 else self.subject.name

    def subject_name(self) -> str:
        """The same without a pronoun: for objects and after prepositions."""
        recent, self._recent = self._recent, 3
        return self.subject.short if recent else self.subject.name

    def deal(self, rule: Rule) -> str:
        deck = self._decks.get(rule.name)
        if not deck:
            deck = self._decks[rule.name] = list(range(len(rule.options)))
        place = int(self.random() * len(deck))
        deck[place], deck[-1] = deck[-1], deck[place]
        return rule.options[deck.pop()](self)
