"""The small language of demo/grammar/*.txt: word lists and sentence templates that call one another.

    tool = hammer, saw, file          a word list; earlier words are more frequent
    mending:                          a rule; each indented line is one alternative, all equally likely
        {subj} [mended|repaired] the {object} with a {tool@a}
        the {tool@a} was {thing_adj}

In a template `[a|b|]` is a choice on the spot (an empty one allowed, choices may nest) and `{...}` is a slot:

    {tool}        a word of the list, or an expansion of the rule
    {tool.pl}     an inflected form: pl (plural), s (third person), past, pp (participle), ing
    {tool@a}      the same choice wherever the tag occurs in a page; {tool.pl@a} is that choice inflected
    {town.river}  an attribute of an entity of the page's cast
    {#3-40}       a whole number; {#100-900/50} in steps of 50
    {subj}        the page's subject: its name, its short form or, where it begins the template, a pronoun
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from operator import attrgetter

from demo import inflection
from demo.scene import Scene

Producer = Callable[[Scene], str]

FORMS: dict[str, Callable[[str], str]] = {
    "pl": inflection.plural,
    "s": inflection.third_person,
    "past": inflection.past,
    "pp": inflection.participle,
    "ing": inflection.gerund,
}
NUMBER = re.compile(r"#(\d+)-(\d+)(?:/(\d+))?$")
NAME = re.compile(r"([a-z_]+)(?:\.([a-z]+))?(?:@(\w+))?$")
HEADER = re.compile(r"(?:page )?([a-z_ ]+?)\s*([:=])(.*)$")


class Rule:
    """A named list of alternatives; `words` is empty unless it is a word list."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.words: tuple[str, ...] = ()
        self.options: list[Producer] = []

    def produce(self, scene: Scene) -> str:
        options = self.options
        return options[int(scene.random() * len(options))](scene)


class Grammar:
    """All rules of some grammar files, linked.

    Attributes:
        layouts: the lines of every `page` block, by its name and subject ("recipe dish").

    Raises:
        ValueError: a template names a rule, form or role that does not exist, or its brackets do not match.
    """

    def __init__(self, texts: Iterable[str], roles: Iterable[str]) -> None:
        self.rules: dict[str, Rule] = {}
        self.layouts: dict[str, list[str]] = {}
        self._roles = frozenset(roles)
        sources: list[tuple[Rule, list[str]]] = []
        for text in texts:
            for name, kind, body in _blocks(text):
                if kind == "page":
                    self.layouts[name] = body
                    continue
                if name in self.rules:
                    raise ValueError(f"rule {name} is defined twice")
                rule = self.rules[name] = Rule(name)
                if kind == "words":
                    rule.words = tuple(word.strip() for word in " ".join(body).split(",") if word.strip())
                else:
                    sources.append((rule, body))
        for rule, body in sources:
            rule.options = [self.compile(line) for line in body]

    def words(self, name: str) -> tuple[str, ...]:
        return self.rules[name].words

    def compile(self, template: str) -> Producer:
        """The function that expands `template` for a page."""
        producer, end = self._parse(template, 0, "")
        if end != len(template):
            raise ValueError(f"unbalanced brackets: {template}")
        return producer

    def _parse(self, text: str, at: int, closing: str) -> tuple[Producer, int]:
        """Compiles from `at` to the bracket in `closing` (one of "|]") that ends this part, or to the end."""
        parts: list[str | Producer] = []
        while at < len(text):
            char = text[at]
            if char == "{":
                end = text.index("}", at)
                parts.append(self._slot(text[at + 1 : end], text, leading=at == 0))
                at = end + 1
            elif char == "[":
                options = []
                while text[at] != "]":
                    option, at = self._parse(text, at + 1, "|]")
                    options.append(option)
                    if at == len(text):
                        raise ValueError(f"unbalanced brackets: {text}")
                parts.append(_choice(options))
                at += 1
            elif char in "|]":
                if char not in closing:
                    raise ValueError(f"unbalanced brackets: {text}")
                break
            else:
                end = at
                while end < len(text) and text[end] not in "{[|]":
                    end += 1
                parts.append(text[at:end])
                at = end
        return _sequence(parts), at

    def _slot(self, spec: str, template: str, *, leading: bool) -> Producer:
        if spec == "subj":
            return Scene.subject_mention if leading else Scene.subject_name
        if number := NUMBER.match(spec):
            low, high, step = int(number[1]), int(number[2]), int(number[3] or 1)
            return _number(low, step, (high - low) // step + 1)
        if spec.partition(".")[0] in self._roles and "." in spec:
            return attrgetter(spec)
        name = NAME.match(spec)
        if not name or name[1] not in self.rules or (name[2] and name[2] not in FORMS):
            raise ValueError(f"unknown slot {{{spec}}} in: {template}")
        rule = self.rules[name[1]]
        if not rule.words:
            if name[2]:
                raise ValueError(f"{{{spec}}}: only a word list has forms, in: {template}")
            return _remembered(rule, f"{rule.name}@{name[3]}") if name[3] else rule.produce
        inflect = FORMS.get(name[2] or "")
        words = tuple(inflect(word) for word in rule.words) if inflect else rule.words
        return _remembered_word(words, f"{rule.name}@{name[3]}") if name[3] else _word(words)


def _blocks(text: str) -> Iterable[tuple[str, str, list[str]]]:
    """Yields (name, "words" | "rule" | "page", lines) for every block of a grammar file."""
    name, kind, body = "", "", list[str]()
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if raw[0].isspace():
            body.append(line)
            continue
        if name:
            yield name, kind, body
        header = HEADER.match(line)
        if not header:
            raise ValueError(f"neither a rule nor a word list: {line}")
        name, body = header[1], [header[3].strip()] if header[3].strip() else []
        kind = "page" if line.startswith("page ") else "words" if header[2] == "=" else "rule"
    if name:
        yield name, kind, body


def _sequence(parts: list[str | Producer]) -> Producer:
    if len(parts) == 1 and not isinstance(parts[0], str):
        return parts[0]
    if all(isinstance(part, str) for part in parts):
        literal = "".join(part for part in parts if isinstance(part, str))
        return lambda scene: literal

    fixed = tuple(parts)

    def produce(scene: Scene) -> str:
        return "".join([part if part.__class__ is str else part(scene) for part in fixed])  # type: ignore[operator]

    return produce


def _choice(options: list[Producer]) -> Producer:
    fixed, count = tuple(options), len(options)
    return lambda scene: fixed[int(scene.random() * count)](scene)


def _number(low: int, step: int, count: int) -> Producer:
    return lambda scene: str(low + step * int(scene.random() * count))


def _word(words: tuple[str, ...]) -> Producer:
    count = len(words)
    return lambda scene: words[int(scene.random() * scene.random() * count)]


def _remembered_word(words: tuple[str, ...], key: str) -> Producer:
    def produce(scene: Scene) -> str:
        index = scene.memo.get(key)
        if index is None:
            index = scene.memo[key] = int(scene.random() * scene.random() * len(words))
        return words[int(index)]

    return produce


def _remembered(rule: Rule, key: str) -> Producer:
    def produce(scene: Scene) -> str:
        text = scene.memo.get(key)
        if text is None:
            text = scene.memo[key] = rule.produce(scene)
        return str(text)

    return produce


@cache
def grammar_texts() -> tuple[str, ...]:
    """The grammar files of the package, in the order of their names."""
    entries = sorted((files("demo") / "grammar").iterdir(), key=lambda entry: entry.name)
    return tuple(entry.read_text("utf-8") for entry in entries if entry.name.endswith(".txt"))
