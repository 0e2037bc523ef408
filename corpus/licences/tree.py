"""The licence of a file in a source tree, from the licence files and package metadata around it."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from corpus.licences.licence_files import LicenceFile, combined, is_licence_file, read_licence_file
from corpus.licences.metadata import is_metadata, read_metadata
from corpus.licences.spdx import identifiers, join, stems

_INNER = re.compile(r"[^/]*\.(?:egg|dist)-info|licen[sc]es?|\.github|META-INF", re.IGNORECASE)
"""Folders whose licence files and metadata are about the folder they are in."""
MOST_BYTES = 1 << 20
"""Of a licence file or manifest that are looked at."""


@dataclass(frozen=True)
class Finding:
    """The licence of a file: an SPDX expression, or None where it is not known, and what says so."""

    expression: str | None
    evidence: str


@dataclass
class _Folder:
    """What lies in one folder. found: the conclusion, once drawn."""

    files: list[LicenceFile] = field(default_factory=list)
    metadata: list[tuple[str, str]] = field(default_factory=list)


class LicenceTree:
    """Collects the evidence of one source tree, then answers for every file of it. Paths are relative, with "/".

    The nearest folder upwards that has evidence decides, so `vendor/x/COPYING` governs `vendor/x`. In it licence files
    beat metadata, but for two things: metadata says how several texts go together and which version or "or later" is
    meant where it names the same licences; and where the two contradict each other both must be met (AND).
    """

    def __init__(self) -> None:
        self._folders: dict[str, _Folder] = defaultdict(_Folder)
        self._found: dict[str, Finding | None] = {}

    def notable(self, path: str) -> bool:
        """Whether `add` wants this file."""
        return is_licence_file(path) or is_metadata(path)

    def add(self, path: str, content: bytes) -> None:
        """Takes the evidence out of a file; those that are not notable are passed over."""
        text = content[:MOST_BYTES].decode("utf-8", "replace")
        place = PurePosixPath(path)
        folder = self._folders[_governed(place.parent)]
        self._found.clear()
        if is_licence_file(path):
            read = read_licence_file(place.name, text)
            folder.files.append(LicenceFile(read.name, read.expression, f"{path}: {read.evidence}", read.texts))
        elif is_metadata(path) and (expression := read_metadata(path, text)) is not None:
            folder.metadata.append((path, expression))

    def nearest(self, path: str) -> Finding:
        """The licence of the file `path`, by the nearest folder that says something."""
        for parent in PurePosixPath(path).parents:
            found = self._conclusion(_key(parent))
            if found is not None:
                return found
        return Finding(None, "no licence file or metadata")

    def _conclusion(self, folder: str) -> Finding | None:
        if folder not in self._found:
            self._found[folder] = _concluded(self._folders[folder]) if folder in self._folders else None
        return self._found[folder]


def _key(place: PurePosixPath) -> str:
    return "" if str(place) == "." else str(place)


def _governed(place: PurePosixPath) -> str:
    """The folder that evidence in `place` is about."""
    while _INNER.fullmatch(place.name):
        place = place.parent
    return _key(place)


def _concluded(folder: _Folder) -> Finding | None:
    files = combined(sorted(folder.files, key=lambda one: one.name))
    stated = _stated(folder.metadata)
    if files is None:
        return stated
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
    if in_metadata <= in_files:
        return Finding(files.expression, both)
    return Finding(join("AND", [files.expression, stated.expression]), f"{both}; they contradict each other")


def _stated(metadata: list[tuple[str, str]]) -> Finding | None:
    """What the manifests of a folder say: each of them, as one package may be several languages'."""
    if not metadata:
        return None
    expressions = list(dict.fromkeys(expression for _, expression in sorted(metadata)))
    evidence = "; ".join(f"{path}: {expression}" for path, expression in sorted(metadata))
    return Finding(join("AND", expressions), evidence)
