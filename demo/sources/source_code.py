"""Invented programs in five languages about the things of a world: every file is another."""

import re
from collections.abc import Callable, Sequence
from textwrap import fill

from demo.english import Author

NOT_NAME = re.compile(r"[^a-z0-9]+")
WIDTH = 78


class Programmer:
    """Writes source files; the author's stream decides everything."""

    def __init__(self, author: Author) -> None:
        self.author, self.stream = author, author.stream
        self._verbs = author.world.grammar.words("cook_verb") + author.world.grammar.words("motion_verb")
        self._nouns = author.world.grammar.words("tool") + author.world.grammar.words("ingredient")

    def file(self, suffix: str) -> str:
        """A file with four to nine functions."""
        return WRITERS[suffix](self, [self._name() for _ in range(self.stream.between(4, 9))])

    def remark(self) -> str:
        return self.author.paragraph(sentences=1)

    def _name(self) -> str:
        return _identifier(f"{self.stream.pick(self._verbs)} {self.stream.pick(self._nouns)}")

    def numbers(self) -> list[tuple[str, int]]:
        """Names of towns, and a number for each."""
        towns = [self.stream.pick(self.author.world.towns) for _ in range(self.stream.between(3, 6))]
        return list({town.name: int(town.population.replace(",", "")) for town in towns}.items())


def _identifier(text: str) -> str:
    return NOT_NAME.sub("_", text.lower()).strip("_")


def _python(programmer: Programmer, names: Sequence[str]) -> str:
    rows = "".join(f'    "{town}": {number},\n' for town, number in programmer.numbers())
    parts = [f'"""{programmer.remark()}"""\n\nimport math\n\nPEOPLE = {{\n{rows}}}\n']
    for name in names:
        price, most = programmer.stream.between(2, 90), programmer.stream.between(3, 40)
        parts.append(
            f'def {name}(count, price={price}):\n    """{programmer.remark()}"""\n    total = 0\n'
            f"    for number in range(min(count, {most})):\n        if number % {price % 7 + 2}:\n"
            f"            total += price * number\n    return math.sqrt(total)\n"
        )
    return "\n\n".join(parts)


def _javascript(programmer: Programmer, names: Sequence[str]) -> str:
    rows = "".join(f"  '{town}': {number},\n" for town, number in programmer.numbers())
    parts = [f"'use strict';\n\nconst people = {{\n{rows}}};\n"]
    for name in names:
        rate = programmer.stream.between(2, 90)
        parts.append(
            f"{_comment('// ', programmer.remark())}\nfunction {name}(items, rate = {rate}) {{\n"
            f"  return items\n    .filter((item) => item.count > {rate % 9})\n"
            f"    .map((item) => item.count * rate);\n}}\n"
        )
    return "\n".join([*parts, f"module.exports = {{ {', '.join(dict.fromkeys(names))} }};\n"])


def _c(programmer: Programmer, names: Sequence[str]) -> str:
    parts = ["#include <stdio.h>\n#include <stdlib.h>\n"]
    for name in names:
        most = programmer.stream.between(3, 900)
        parts.append(
            f"{_comment(' * ', programmer.remark(), '/*', ' */')}\n"
            f"static int {name}(const int *weights, size_t length)\n{{\n    int sum = {most};\n\n"
            f"    for (size_t i = 0; i < length; i++)\n        sum += weights[i] % {most};\n    return sum;\n}}\n"
        )
    return "\n".join(parts)


def _go(programmer: Programmer, names: Sequence[str]) -> str:
    parts = [f"// Package {names[0].replace('_', '')} counts.\npackage {names[0].replace('_', '')}\n"]
    for name in names:
        camel = "".join(part.title() for part in name.split("_"))
        most = programmer.stream.between(3, 900)
        parts.append(
            f"{_comment('// ', f'{camel} counts. {programmer.remark()}')}\nfunc {camel}(weights []int) int {{\n"
            f"\tsum := {most}\n\tfor _, weight := range weights {{\n\t\tsum += weight\n\t}}\n\treturn sum\n}}\n"
        )
    return "\n".join(parts)


def _shell(programmer: Programmer, names: Sequence[str]) -> str:
    parts = ["#!/bin/sh\nset -eu\n"]
    for name in names:
        most = programmer.stream.between(3, 900)
        parts.append(
            f'{_comment("# ", programmer.remark())}\n{name}() {{\n    if [ "$1" -gt {most} ]; then\n'
            f'        echo "more than {most}" >&2\n        return 1\n    fi\n    echo "$1"\n}}\n'
        )
    return "\n".join([*parts, f'{names[0]} "$@"\n'])


def _comment(mark: str, text: str, before: str = "", after: str = "") -> str:
    lines = fill(text, WIDTH, initial_indent=mark, subsequent_indent=mark)
    return "\n".join(part for part in (before, lines, after) if part)


WRITERS: dict[str, Callable[[Programmer, Sequence[str]], str]] = {
    ".py": _python,
    ".js": _javascript,
    ".c": _c,
    ".go": _go,
    ".sh": _shell,
}
