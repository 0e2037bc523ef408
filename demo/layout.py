"""Kinds of page: the order of titles, paragraphs, headings and lists, as the `page` blocks of the grammar files say.

    page recipe dish:                      its name and the kind of entity it is about
        title {dish.name}                  a template; the first line of the page
        para recipe_intro*3-5 other_rule   a paragraph: so many sentences of each rule
        paras 2-4 rule*2-3                 so many paragraphs of that form
        head Ingredients                   a line on its own; so is `line`
        list 5-7 recipe_list               so many lines, one sentence each
        talk 2-4 story_speech              the same for speech
        dated 3-5 rule 4-5                 paragraphs that begin with a date
        interview 5-8 question answer 2-4  questions, each followed by a paragraph of answer
        posts 4-8 ask more reply 2-4       a thread of named posts

A `?` before a line makes it appear on every second page.
"""

from collections.abc import Callable, Iterator

from demo.grammar import Grammar
from demo.prose import list_item, paragraph, sentence
from demo.scene import Scene

Block = Callable[[Scene], Iterator[str]]
Items = list[tuple[str, int, int]]


class PageKind:
    """One kind of page. `subject` names the role of the cast that the page is about."""

    def __init__(self, grammar: Grammar, name: str, lines: list[str]) -> None:
        self.name, _, self.subject = name.rpartition(" ")
        self._blocks = [_block(grammar, line) for line in lines]

    def lines(self, scene: Scene) -> list[str]:
        """The lines of a page, the title first."""
        return [line for block in self._blocks for line in block(scene)]


def _block(grammar: Grammar, line: str) -> Block:
    if line.startswith("?"):
        block = _block(grammar, line[1:])
        return lambda scene: block(scene) if scene.random() < 0.5 else iter(())
    keyword, _, rest = line.partition(" ")
    return BLOCKS[keyword](grammar, rest)


def _line(grammar: Grammar, rest: str) -> Block:
    template = grammar.compile(rest)
    return lambda scene: iter([list_item(template(scene))])


def _para(grammar: Grammar, rest: str) -> Block:
    items = _items(grammar, rest.split())
    return lambda scene: iter([paragraph(grammar, scene, items)])


def _paras(grammar: Grammar, rest: str) -> Block:
    count, *words = rest.split()
    low, high = _range(count)
    items = _items(grammar, words)
    return lambda scene: (paragraph(grammar, scene, items) for _ in range(scene.stream.between(low, high)))


def _list(grammar: Grammar, rest: str) -> Block:
    count, name = rest.split()
    low, high = _range(count)
    rule = grammar.rules[name]
    return lambda scene: (list_item(scene.deal(rule)) for _ in range(scene.stream.between(low, high)))


def _talk(grammar: Grammar, rest: str) -> Block:
    count, name = rest.split()
    low, high = _range(count)
    rule = grammar.rules[name]
    return lambda scene: (sentence(scene, rule) for _ in range(scene.stream.between(low, high)))


def _dated(grammar: Grammar, rest: str) -> Block:
    count, name, sentences = rest.split()
    low, high = _range(count)
    items = _items(grammar, [f"{name}*{sentences}"])
    weekdays, months = grammar.words("weekday"), grammar.words("month")

    def block(scene: Scene) -> Iterator[str]:
        stream = scene.stream
        month, day, weekday = stream.pick(months), stream.between(1, 14), stream.below(7)
        for _ in range(stream.between(low, high)):
            yield f"{weekdays[weekday % 7]}, {day} {month}. {paragraph(grammar, scene, items)}"
            step = stream.between(1, 3)
            day, weekday = day + step, weekday + step

    return block


def _interview(grammar: Grammar, rest: str) -> Block:
    count, question, answer, sentences = rest.split()
    low, high = _range(count)
    items = _items(grammar, [f"{answer}*{sentences}"])

    def block(scene: Scene) -> Iterator[str]:
        for _ in range(scene.stream.between(low, high)):
            yield sentence(scene, grammar.rules[question])
            yield f"{scene.subject.short}: {paragraph(grammar, scene, items)}"

    return block


def _posts(grammar: Grammar, rest: str) -> Block:
    count, ask, more, reply, sentences = rest.split()
    low, high = _range(count)
    asked = _items(grammar, [ask, f"{more}*{sentences}"])
    replied = _items(grammar, [f"{reply}*{sentences}"])
    name = grammar.compile("[{female_name}|{male_name}]")
    months = grammar.words("month")

    def block(scene: Scene) -> Iterator[str]:
        stream = scene.stream
        month, day = stream.pick(months), stream.between(1, 9)
        people = [name(scene) for _ in range(4)]
        yield f"{people[0]} asked on {day} {month}: {paragraph(grammar, scene, asked)}"
        for _ in range(stream.between(low, high)):
            day += stream.between(0, 2)
            yield f"{stream.pick(people)} answered on {day} {month}: {paragraph(grammar, scene, replied)}"

    return block


BLOCKS: dict[str, Callable[[Grammar, str], Block]] = {
    "title": _line,
    "head": _line,
    "line": _line,
    "para": _para,
    "paras": _paras,
    "list": _list,
    "talk": _talk,
    "dated": _dated,
    "interview": _interview,
    "posts": _posts,
}


def _range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def _items(grammar: Grammar, words: list[str]) -> Items:
    """`rule*2-3` -> (rule, 2, 3). Raises KeyError for a rule that does not exist."""
    items = []
    for word in words:
        name, _, count = word.partition("*")
        items.append((grammar.rules[name].name, *_range(count or "1")))
    return items
