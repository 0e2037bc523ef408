"""SPDX licence expressions (SPDX 2.3, annex D): read, write, and ask whether they permit what is wanted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.licences.families import FAMILIES, members

NOASSERTION = "NOASSERTION"
"""The SPDX word for a licence nobody has stated."""

_COPYLEFT = "AGPL CC-BY-SA CDDL CECILL CECILL-C CPL EPL EUPL GFDL GPL LGPL MPL MS-RL ODbL OSL QPL SSPL"
COPYLEFT = frozenset(_COPYLEFT.split())
"""Licences by `stems` that ask the same terms for what is derived."""

_KNOWN = """
AFL-2.0 AFL-2.1 AFL-3.0 AGPL-1.0-only AGPL-1.0-or-later AGPL-3.0-only AGPL-3.0-or-later Artistic-1.0 Artistic-1.0-Perl
Artistic-2.0 Beerware BlueOak-1.0.0 BSD-3-Clause-No-Military-License BSD-3-Clause-No-Nuclear-License
BSD-3-Clause-No-Nuclear-License-2014 BSD-3-Clause-No-Nuclear-Warranty BSD-Protection BSL-1.0 BUSL-1.1 bzip2-1.0.6
CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-ND-4.0 CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0
CC-BY-ND-4.0 CC-BY-SA-2.5 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1 CECILL-2.0 CECILL-2.1 CECILL-B CECILL-C
CNRI-Python CPAL-1.0 CPL-1.0 curl ECL-2.0 EFL-2.0 Elastic-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 FSFAP FSFUL FSFULLR FTL
GFDL-1.1-or-later GFDL-1.2-only GFDL-1.2-or-later GFDL-1.3-only GFDL-1.3-or-later GPL-1.0-only GPL-1.0-or-later
GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND ICU IJG ImageMagick IPL-1.0 ISC JSON LGPL-2.0-only
LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later Libpng libtiff LPL-1.02 LPPL-1.3c
MirOS MIT-CMU MPL-1.0 MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception MS-PL MS-RL MulanPSL-2.0 NCSA NTP ODbL-1.0 OFL-1.1
OLDAP-2.8 OpenSSL OSL-3.0 PHP-3.01 PolyForm-Noncommercial-1.0.0 PostgreSQL PSF-2.0 Python-2.0 QPL-1.0 Ruby SISSL
Sleepycat SSPL-1.0 TCL Unicode-DFS-2016 Unicode-3.0 Unlicense UPL-1.0 Vim W3C WTFPL Xnet Zlib ZPL-2.0 ZPL-2.1
"""
_SPELLING = {name.lower(): name for name in (*_KNOWN.split(), *(one for ids in FAMILIES.values() for one in ids))}
_DEPRECATED = {
    f"{stem}-{version}{suffix}".lower(): f"{stem}-{version}-{term}"
    for stem, versions in (("GPL", "1.0 2.0 3.0"), ("LGPL", "2.0 2.1 3.0"), ("AGPL", "1.0 3.0"), ("GFDL", "1.2 1.3"))
    for version in versions.split()
    for suffix, term in (("", "only"), ("+", "or-later"))
}
_TOKEN = re.compile(r"\s*(?:([()])|([A-Za-z0-9][A-Za-z0-9.:_-]*\+?))")


@dataclass(frozen=True)
class Licence:
    """One licence: its identifier in the list's spelling, and the exception that goes with it, if any."""

    identifier: str
    exception: str | None = None

    def __str__(self) -> str:
        return self.identifier if self.exception is None else f"{self.identifier} WITH {self.exception}"


@dataclass(frozen=True)
class Compound:
    """Two or more expressions, all (AND) or one (OR) of which apply. operator: "AND" or "OR"."""

    operator: str
    parts: "tuple[Expression, ...]"

    def __str__(self) -> str:
        nested = (f"({part})" if isinstance(part, Compound) else str(part) for part in self.parts)
        return f" {self.operator} ".join(nested)


Expression = Licence | Compound


def identifier(name: str) -> str:
    """The list's spelling of an identifier in any case; deprecated GNU ones in the current form; others as is."""
    lower = name.lower()
    if lower in _DEPRECATED:
        return _DEPRECATED[lower]
    plus = lower.endswith("+")
    spelled = _SPELLING.get(lower.removesuffix("+"))
    return name if spelled is None else spelled + "+" * plus


@lru_cache(1 << 12)
def parse(text: str) -> Expression:
    """Reads an expression; AND binds before OR, WITH before both, case does not matter.

    Raises ValueError for what is none.
    """
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"{text!r} is no SPDX expression: unexpected {text[at:].strip()[:1]!r}")
        tokens.append(match[1] or match[2])
        at = match.end()
    return _Reader(tokens, text).read()


class _Reader:
    """A recursive descent over the tokens of one expression."""

    DEEPEST = 32

    def __init__(self, tokens: list[str], text: str) -> None:
        self._tokens, self._text, self._at, self._depth = tokens, text, 0, 0

    def read(self) -> Expression:
        whole = self._compound("OR")
        if self._at < len(self._tokens):
            raise self._error()
        return whole

    def _error(self) -> ValueError:
        what = repr(self._tokens[self._at]) if self._at < len(self._tokens) else "end"
        return ValueError(f"{self._text!r} is no SPDX expression: unexpected {what}")

    def _word(self) -> str:
        return self._tokens[self._at].upper() if self._at < len(self._tokens) else ""

    def _compound(self, operator: str) -> Expression:
        parts = [self._part(operator)]
        while self._word() == operator:
            self._at += 1
            parts.append(self._part(operator))
        return combine(operator, parts)

    def _part(self, operator: str) -> Expression:
        return self._compound("AND") if operator == "OR" else self._simple()

    def _simple(self) -> Expression:
        word = self._word()
        if word == "(":
            self._at, self._depth = self._at + 1, self._depth + 1
            if self._depth > self.DEEPEST:
                raise self._error()
            inner = self._compound("OR")
            if self._word() != ")":
                raise self._error()
            self._at, self._depth = self._at + 1, self._depth - 1
            return inner
        name = self._name()
        if self._word() != "WITH":
            return Licence(identifier(name))
        self._at += 1
        return Licence(identifier(name), self._name())

    def _name(self) -> str:
        if self._word() in ("", "(", ")", "AND", "OR", "WITH"):
            raise self._error()
        self._at += 1
        return self._tokens[self._at - 1]


def combine(operator: str, parts: Sequence[Expression]) -> Expression:
    """The parts joined by an operator, nested uses of it flattened and repetitions left out."""
    flat: dict[Expression, None] = {}
    for part in parts:
        inner = part.parts if isinstance(part, Compound) and part.operator == operator else (part,)
        flat.update(dict.fromkeys(inner))
    return next(iter(flat)) if len(flat) == 1 else Compound(operator, tuple(flat))


def join(operator: str, expressions: Sequence[str]) -> str:
    """`combine` for expressions as text; raises ValueError if one is none."""
    return str(combine(operator, [parse(text) for text in expressions]))


def known(name: str) -> bool:
    """Whether `name` is an identifier of the list (or of a family here), in any case."""
    return name.lower() in _DEPRECATED or name.lower().removesuffix("+") in _SPELLING


def identifiers(expression: str) -> frozenset[str]:
    """The identifiers an expression names; none if it cannot be read."""
    try:
        return _identifiers(parse(expression))
    except ValueError:
        return frozenset()


def stems(expression: str) -> frozenset[str]:
    """Its identifiers without version: so "BSD" agrees with BSD-3-Clause, and GPL-2.0-only with GPL-3.0-only."""
    bare = (name.removeprefix("LicenseRef-") for name in identifiers(expression))
    return frozenset("BSD" if name == "0BSD" else re.sub(r"-?\d.*$", "", name) or name for name in bare)


def _identifiers(expression: Expression) -> frozenset[str]:
    if isinstance(expression, Licence):
        return frozenset([expression.identifier])
    return frozenset().union(*(_identifiers(part) for part in expression.parts))


def permitted(expression: str, families: Sequence[str]) -> bool:
    """Whether the code may be used under licences of `families` (names of corpus.licences.families) alone.

    One part of an OR must allow it, every part of an AND. An exception ("Apache-2.0 WITH LLVM-exception") only adds
    permissions, and "or any later version" ("Apache-1.1+") leaves the choice to the user: both count as the licence
    itself. An identifier that is unknown, and an expression that cannot be read, permit nothing.
    """
    return _permitted_by(expression, tuple(families))


@lru_cache(1 << 12)
def _permitted_by(expression: str, families: tuple[str, ...]) -> bool:
    try:
        parsed = parse(expression)
    except ValueError:
        return False
    return _permitted(parsed, members(families))


def _permitted(expression: Expression, allowed: frozenset[str]) -> bool:
    if isinstance(expression, Licence):
        return expression.identifier.removesuffix("+") in allowed
    outcomes = [_permitted(part, allowed) for part in expression.parts]
    return any(outcomes) if expression.operator == "OR" else all(outcomes)


def from_bigquery(name: str) -> str:
    """The SPDX identifier for a value of GitHub's table of licences ("mit", "bsd-3-clause", "gpl-2.0").

    Its values are SPDX identifiers in lower case; "none", "other" and the like become NOASSERTION.
    """
    stripped = name.strip()
    return NOASSERTION if stripped.lower() in ("", "none", "null", "other", "noassertion") else identifier(stripped)
