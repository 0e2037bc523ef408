"""The licence of a file in a source tree, from the licence files and package metadata around it."""

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePosixPath

from corpus.licences.licence_files import (
    LicenceFile,
    combined,
    is_licence_file,
    is_reuse_text,
    read_licence_file,
)
from corpus.licences.metadata import is_metadata, read_metadata
from corpus.licences.notices import spdx_expression
from corpus.licences.path_statements import PathStatement, is_dep5, read_dep5, read_reuse
from corpus.licences.readme import is_readme, readme_licence
from corpus.licences.spdx import COPYLEFT, identifiers, join, stems

_INNER = re.compile(r"[^/]*\.(?:egg|dist)-info|licen[sc]es?|\.github|\.reuse|debian|META-INF", re.IGNORECASE)
"""Folders whose licence files and metadata are about the folder they are in."""
_SIDECAR = ".license"
MOST_BYTES = 1 << 18
"""Of a licence file or manifest that are looked at."""


@dataclass(frozen=True)
class Finding:
    """The licence of a file: an SPDX expression, or None where it is not known, and what says so."""

    expression: str | None
    evidence: str


@dataclass
class _Folder:
    """What lies in one folder."""

    files: list[LicenceFile] = field(default_factory=list)
    metadata: list[tuple[str, str]] = field(default_factory=list)
    readme: Finding | None = None
    statements: list[tuple[PathStatement, str]] = field(default_factory=list)


class LicenceTree:
    """Collects the evidence of one source tree, then answers for every file of it. Paths are relative, with "/".

    In this order: the file's own sidecar `NAME.license` (REUSE); a statement about its path in a debian/copyright,
    REUSE.toml or .reuse/dep5 of a folder above, the nearest first; the nearest folder upwards that has evidence, so
    that `vendor/x/COPYING` governs `vendor/x`. In a folder licence files beat metadata, but for two things. Metadata
    that names the same licences says how they go together and which version or "or later" is meant, and metadata that
    names the first of several texts in a file says that the others are of parts. And where the two contradict each
    other both must be met (AND); metadata that only adds licences without copyleft by AND does not contradict the file,
    as such an expression is about all parts of a package. A README's section counts where there is nothing else.
    """

    def __init__(self) -> None:
        self._folders: dict[str, _Folder] = defaultdict(_Folder)
        self._sidecars: dict[str, Finding] = {}
        self._found: dict[str, Finding | None] = {}
        self._governing: dict[str, Finding] = {}
        self._with_statements = False

    def notable(self, path: str) -> bool:
        """Whether `add` wants this file."""
        return (
            is_licence_file(path)
            or is_reuse_text(path)
            or is_metadata(path)
            or is_readme(path)
            or path.endswith((_SIDECAR, "REUSE.toml", ".reuse/dep5"))
        )

    def add(self, path: str, content: bytes) -> None:
        """Takes the evidence out of a file; those that are not notable are passed over."""
        text = content[:MOST_BYTES].decode("utf-8", "replace")
        place = PurePosixPath(path)
        folder = self._folders[_governed(place.parent)]
        self._found.clear()
        self._governing.clear()
        if place.suffix == _SIDECAR:
            expression = spdx_expression(text)
            self._sidecars[path.removesuffix(_SIDECAR)] = Finding(expression, f"{path}: {expression}")
        elif place.name == "REUSE.toml":
            folder.statements += [(one, path) for one in read_reuse(text)]
        elif place.parts[-2:] in ((".reuse", "dep5"), ("debian", "copyright")) and is_dep5(text):
            folder.statements += [(one, path) for one in read_dep5(text)]
        elif is_licence_file(path) or is_reuse_text(path):
            read = read_licence_file(place.name, text)
            folder.files.append(replace(read, evidence=f"{path}: {read.evidence}"))
        elif is_metadata(path):
            if (expression := read_metadata(path, text)) is not None:
                folder.metadata.append((path, expression))
        elif is_readme(path) and (expression := readme_licence(text)) is not None:
            folder.readme = Finding(expression, f'{path}: section "License"')
        self._with_statements |= bool(folder.statements)

    def nearest(self, path: str) -> Finding:
        """The licence of the file `path`."""
        if path in self._sidecars:
            return self._sidecars[path]
        folder = path.rpartition("/")[0]
        for parent in _and_above(folder) if self._with_statements else ():
            found = self._statement(parent, path)
            if found is not None:
                return found
        if folder not in self._governing:
            conclusions = filter(None, map(self._conclusion, _and_above(folder)))
            self._governing[folder] = next(conclusions, Finding(None, "no licence file or metadata"))
        return self._governing[folder]

    def _statement(self, parent: str, path: str) -> Finding | None:
        """What a folder's statements about paths say of `path` in particular."""
        if parent not in self._folders:
            return None
        below = path[len(parent) + 1 :] if parent else path
        for statement, source in reversed(self._folders[parent].statements):
            if statement.matches(below):
                return None if statement.general else Finding(statement.expression, f"{source}: {statement.expression}")
        return None

    def _conclusion(self, folder: str) -> Finding | None:
        if folder not in self._found:
            self._found[folder] = _concluded(self._folders[folder]) if folder in self._folders else None
        return self._found[folder]


@lru_cache(1 << 12)
def _and_above(folder: str) -> tuple[str, ...]:
    """A folder and those it lies in, the nearest first."""
    above = [folder]
    while above[-1]:
        above.append(above[-1].rpartition("/")[0])
    return tuple(above)


def _key(place: PurePosixPath) -> str:
    return "" if str(place) == "." else str(place)


def _governed(place: PurePosixPath) -> str:
    """The folder that evidence in `place` is about."""
    while _INNER.fullmatch(place.name):
        place = place.parent
    return _key(place)


def _concluded(folder: _Folder) -> Finding | None:
    files = combined(sorted(folder.files, key=lambda one: one.name))
    stated = _stated(folder, files is not None)
    if files is None:
        return stated or folder.readme
    if stated is None or stated.expression is None:
        return Finding(files.expression, files.evidence)
    both = f"{files.evidence}; {stated.evidence}"
    if files.expression is None:
        return Finding(stated.expression, both)
    in_files, in_metadata = stems(files.expression), stems(stated.expression)
    if in_files == in_metadata:
        vague = any(name.startswith("LicenseRef-") for name in identifiers(stated.expression))
        return Finding(files.expression if vague else stated.expression, both)
    if in_files <= in_metadata and " OR " in stated.expression:
        return Finding(stated.expression, both)
    if in_files <= in_metadata and not (in_metadata - in_files) & COPYLEFT:
        return Finding(files.expression, both)
    if files.texts and in_metadata == stems(files.texts[0]):
        return Finding(stated.expression, both)
    if in_metadata <= in_files:
        return Finding(files.expression, both)
    return Finding(join("AND", [files.expression, stated.expression]), f"{both}; they contradict each other")


def _stated(folder: _Folder, has_files: bool) -> Finding | None:
    """What manifests, and statements about all files, say: each of them, as one package may be several languages'.

    `npm init` writes ISC when it is not answered, so beside a licence file package.json's ISC says nothing.
    """
    found = [
        (path, expression)
        for path, expression in folder.metadata
        if not (has_files and expression == "ISC" and path.endswith("package.json"))
    ]
    found += [(path, one.expression) for one, path in folder.statements if one.general and one.expression]
    if not found:
        return None
    expressions = list(dict.fromkeys(expression for _, expression in sorted(found)))
    evidence = "; ".join(f"{path}: {expression}" for path, expression in sorted(found))
    return Finding(join("AND", expressions), evidence)
