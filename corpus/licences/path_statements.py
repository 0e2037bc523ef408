"""Statements about single paths: Debian's machine-readable copyright file (DEP-5) and REUSE's REUSE.toml and dep5."""

import re
import sys
from dataclasses import dataclass

from corpus.licences.spdx import join
from corpus.licences.stated import stated

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FORMAT = re.compile(r"^Format(?:-Specification)?:[^\n]*(?:copyright-format|dep-?5)", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(r"^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t].*)*)", re.MULTILINE)
MOST_STATEMENTS = 20_000
"""Of one file that are read; the longest in Debian (Chromium's) has some thousands."""


@dataclass(frozen=True)
class PathStatement:
    """An expression for the paths below a folder that `pattern` matches in full. general: whether that is all."""

    pattern: re.Pattern[str]
    expression: str | None
    general: bool


def is_dep5(text: str) -> bool:
    """Whether a debian/copyright is in the machine-readable form."""
    return _FORMAT.search(text[:2000]) is not None


def read_dep5(text: str) -> list[PathStatement]:
    """The `Files` paragraphs of a copyright file (copyright-format 1.0, section 7); the last that matches counts."""
    found = []
    for paragraph in re.split(r"\n[ \t]*\n", text):
        fields = {match[1].lower(): match[2] for match in _FIELD.finditer(paragraph)}
        if "files" not in fields or "license" not in fields:
            continue
        expression = stated(_synopsis(fields["license"]))
        found += [PathStatement(_dep5_glob(glob), expression, glob == "*") for glob in fields["files"].split()]
    return found[:MOST_STATEMENTS]


def _synopsis(field: str) -> str:
    """The first line of a License field: "GPL-2+ with OpenSSL exception", "Expat"."""
    return re.sub(r"\s+with\s+\S+(?:\s+exception)?", "", field.split("\n", 1)[0], flags=re.IGNORECASE)


def _dep5_glob(glob: str) -> re.Pattern[str]:
    """`*` is any characters, slashes too; `?` any one; a backslash escapes these three."""
    return _translated(re.findall(r"\\.|.", glob.removeprefix("./"), re.DOTALL), {"*": ".*", "?": "."})


def read_reuse(text: str) -> list[PathStatement]:
    """The annotations of a REUSE.toml (REUSE 3.2); none from a damaged one."""
    try:
        annotations = tomllib.loads(text).get("annotations") or []
        found = [
            PathStatement(_reuse_glob(glob), join("AND", licences), glob == "**")
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


def _reuse_glob(glob: str) -> re.Pattern[str]:
    """`**` is any characters, `*` any but a slash; a backslash escapes."""
    return _translated(re.findall(r"\\.|\*\*|.", glob, re.DOTALL), {"**": ".*", "*": "[^/]*"})


def _translated(parts: list[str], wild: dict[str, str]) -> re.Pattern[str]:
    plain = (wild.get(part) or re.escape(part[1:] if part[0] == "\\" else part) for part in parts)
    return re.compile("".join(plain), re.DOTALL)
