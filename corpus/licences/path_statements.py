"""Statements about single paths: Debian's machine-readable copyright file (DEP-5) and REUSE's REUSE.toml and dep5."""

import re
import sys
from dataclasses import dataclass

from corpus.licences.spdx import join
from corpus.licences.stated import stated
from corpus.licences.texts import licence_texts

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FORMAT = re.compile(r"^Format(?:-Specification)?:[^\n]*(?:copyright-format|dep-?5)", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(r"^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_/-]*")
_EXCEPTION = re.compile(r"\s+with\s+\S+(?:\s+exception)?|-with-[A-Za-z0-9.-]+-exception\b", re.IGNORECASE)
LEAST_EXPLAINED = 0.75
"""Share of the text behind a name of a copyright file's own that a known licence must account for."""
MOST_TOKENS = 4096
"""Of a glob that are read, as many as a path may have characters."""
MOST_STATEMENTS = 20_000
"""Of one file that are read; the longest in Debian (Chromium's) has some thousands."""


@dataclass(frozen=True)
class PathStatement:
    """An expression for the paths below a folder that a glob matches.

    tokens: of the glob, in order: ANY, IN_FOLDER, ONE, or a character. expression: None for a licence that is not
    known.
    """

    tokens: tuple[str, ...]
    expression: str | None

    @property
    def general(self) -> bool:
        """Whether it is about all paths."""
        return self.tokens == (ANY,)

    def matches(self, path: str) -> bool:
        """Takes time in proportion to the lengths of path and glob, whatever they are."""
        ends = {0}
        for token in self.tokens:
            if token == ANY:
                ends = set(range(min(ends), len(path) + 1))
            elif token == IN_FOLDER:
                ends = _up_to_slash(path, ends)
            else:
                ends = {at + 1 for at in ends if at < len(path) and (token == ONE or path[at] == token)}
            if not ends:
                return False
        return len(path) in ends


ANY, IN_FOLDER, ONE = "any", "in folder", "one"


def _up_to_slash(path: str, begins: set[int]) -> set[int]:
    """All places that can be reached from `begins` without passing a slash."""
    ends: set[int] = set()
    for at in sorted(begins):
        while at not in ends:
            ends.add(at)
            if at == len(path) or path[at] == "/":
                break
            at += 1
    return ends


def is_dep5(text: str) -> bool:
    """Whether a debian/copyright is in the machine-readable form."""
    return _FORMAT.search(text[:2000]) is not None


def read_dep5(text: str) -> list[PathStatement]:
    """The `Files` paragraphs of a copyright file (copyright-format 1.0, section 7); the last that matches counts."""
    paragraphs = [
        {match[1].lower(): match[2] for match in _FIELD.finditer(paragraph)}
        for paragraph in re.split(r"\n[ \t]*\n", text)
    ]
    own = _own_names([fields["license"] for fields in paragraphs if "license" in fields])
    found = []
    for fields in paragraphs:
        if "files" not in fields or "license" not in fields:
            continue
        expression = stated(_NAME.sub(lambda name: own.get(name[0].lower(), name[0]), _synopsis(fields["license"])))
        found += [PathStatement(_dep5_glob(glob), expression) for glob in fields["files"].split()]
    return found[:MOST_STATEMENTS]


def _own_names(licences: list[str]) -> dict[str, str]:
    """The licences by whose texts a copyright file explains names of its own ("BSD-3-Snowball"), in lower case."""
    own = {}
    for field in licences[:MOST_STATEMENTS]:
        name, text = _synopsis(field).strip(), field.partition("\n")[2]
        if text and _NAME.fullmatch(name) and stated(name) is None:
            texts = licence_texts(text)
            if len(texts.found) == 1 and texts.explained >= LEAST_EXPLAINED:
                own[name.lower()] = texts.found[0].identifier
    return own


def _synopsis(field: str) -> str:
    """The first line of a License field: "GPL-2+ with OpenSSL exception", "Expat"."""
    return _EXCEPTION.sub("", field.split("\n", 1)[0])


def _dep5_glob(glob: str) -> tuple[str, ...]:
    """`*` is any characters, slashes too; `?` any one; a backslash escapes these three."""
    return _translated(re.findall(r"\\.|.", glob.removeprefix("./"), re.DOTALL), {"*": ANY, "?": ONE})


def read_reuse(text: str) -> list[PathStatement]:
    """The annotations of a REUSE.toml (REUSE 3.2); none from a damaged one."""
    try:
        annotations = tomllib.loads(text).get("annotations") or []
        found = [
            PathStatement(_reuse_glob(glob), join("AND", licences))
            for annotation in annotations
            if (licences := _strings(annotation.get("SPDX-License-Identifier")))
            for glob in _strings(annotation.get("path"))
        ]
    except (ValueError, AttributeError, TypeError, RecursionError):
        return []
    return found[:MOST_STATEMENTS]


def _strings(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed if isinstance(one, str)]


def _reuse_glob(glob: str) -> tuple[str, ...]:
    """`**` is any characters, `*` any but a slash; a backslash escapes."""
    return _translated(re.findall(r"\\.|\*\*|.", glob, re.DOTALL), {"**": ANY, "*": IN_FOLDER})


def _translated(parts: list[str], wild: dict[str, str]) -> tuple[str, ...]:
    return tuple(wild.get(part) or part[-1] for part in parts[:MOST_TOKENS])
