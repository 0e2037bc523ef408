"""Package metadata that states a licence: which files do, and what they say."""

import json
import re
import sys
from collections.abc import Callable
from email.parser import HeaderParser
from typing import Any

from corpus.licences.spdx import join, stems
from corpus.licences.stated import classified, stated

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Reader = Callable[[str], str | None]
_GENERIC = ("LicenseRef-", "GPL-1.0-or-later", "LGPL-2.0-or-later")


def sharper(first: str | None, second: str | None) -> str | None:
    """Of two statements in one file the one that names a version; both where they are about different licences."""
    if first is None or second is None:
        return first or second
    if not (stems(first) <= stems(second) or stems(second) <= stems(first)):
        return join("AND", [first, second])
    return second if first.startswith(_GENERIC) and not second.startswith(_GENERIC) else first


def _python_metadata(text: str) -> str | None:
    """PKG-INFO and METADATA (core metadata 2.4): License-Expression, then License and the classifiers."""
    message = HeaderParser().parsestr(text)
    expression = message.get("License-Expression")
    if expression:
        return stated(expression)
    return _python_fields(message.get("License"), message.get_all("Classifier") or [])


def _python_fields(licence: str | None, classifiers: list[str]) -> str | None:
    return sharper(stated(licence) if licence else None, classified([str(one).strip() for one in classifiers]))


def _pyproject(text: str) -> str | None:
    data = tomllib.loads(text)
    project = data.get("project") or {}
    tool = data.get("tool") or {}
    poetry = tool.get("poetry") or {}
    flit = (tool.get("flit") or {}).get("metadata") or {}
    licence = project.get("license") or poetry.get("license") or flit.get("license")
    if isinstance(licence, dict):
        licence = licence.get("text")
    classifiers = project.get("classifiers") or poetry.get("classifiers") or flit.get("classifiers") or []
    return _python_fields(licence if isinstance(licence, str) else None, list(classifiers))


def _setup_cfg(text: str) -> str | None:
    section = re.search(r"^\[metadata\][^\n]*\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    if section is None:
        return None
    licence = re.search(r"^license(?:[-_]expression)?\s*[=:]\s*([^\n]+)$", section[1], re.MULTILINE)
    classifiers = re.findall(r"^\s+(License ::[^\n]+)$", section[1], re.MULTILINE)
    return _python_fields(licence[1] if licence else None, classifiers)


def _setup_py(text: str) -> str | None:
    """Literal arguments only: the file is not run."""
    licence = re.search(r"""\blicen[sc]e(?:_expression)?\s*=\s*\(?\s*[rRuU]?(["'])((?:(?!\1)[^\\\n])+)\1""", text)
    classifiers = re.findall(r"""["'](License :: [^"'\n]+)["']""", text)
    return _python_fields(licence[2] if licence else None, classifiers)


def _names(value: Any) -> list[str]:
    """Licence names in the forms JSON manifests have: a string, {"type": …}, {"name": …}, or a list of these."""
    if isinstance(value, list):
        return [name for one in value for name in _names(one)]
    if isinstance(value, dict):
        value = value.get("type") or value.get("name")
    return [value] if isinstance(value, str) else []


def _manifest(text: str) -> str | None:
    """package.json, composer.json, META.json, bower.json, codemeta.json: `license`, or the older list `licenses`.

    A list is a choice (npm's old form, composer's schema).
    """
    data = json.loads(text)
    if not isinstance(data, dict):
        return None
    found = [stated(name) for name in _names(data.get("license") or data.get("licenses"))]
    known = [one for one in found if one is not None]
    return join("OR", known) if known and len(known) == len(found) else None


def _cargo(text: str) -> str | None:
    package = tomllib.loads(text).get("package") or {}
    licence = package.get("license")
    return stated(licence) if isinstance(licence, str) else None


def _field(pattern: str) -> Reader:
    compiled = re.compile(pattern, re.MULTILINE | re.IGNORECASE | re.DOTALL)

    def read(text: str) -> str | None:
        found = [stated(match[1]) for match in compiled.finditer(text)]
        known = [one for one in found if one is not None]
        return join("OR", known) if known and len(known) == len(found) else None

    return read


_gemspec = _field(r"""^[^#\n]*\.licenses?\s*=\s*\[?\s*["']([^"'\n]+)["']""")
_cabal = _field(r"^license:[ \t]*(\S[^\n]*)$")
_pom = _field(r"<license>\s*<name>([^<]+)</name>")
_description = _field(r"^License:[ \t]*([^\n]+?)(?:\s*[+|]\s*file LICEN[CS]E)?[ \t]*$")
_spec = _field(r"^License:[ \t]*([^\n]+)$")

_BY_NAME: dict[str, Reader] = {
    "pkg-info": _python_metadata,
    "metadata": _python_metadata,
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "package.json": _manifest,
    "composer.json": _manifest,
    "bower.json": _manifest,
    "codemeta.json": _manifest,
    "meta.json": _manifest,
    "cargo.toml": _cargo,
    "pom.xml": _pom,
    "description": _description,
}
_BY_SUFFIX: dict[str, Reader] = {".gemspec": _gemspec, ".cabal": _cabal, ".nuspec": _field(
    r'<license type="expression">([^<]+)</license>'), ".spec": _spec, ".podspec": _gemspec}  # fmt: skip


def _reader(path: str) -> Reader | None:
    name = path.rpartition("/")[2].lower()
    stem, dot, suffix = name.rpartition(".")
    return _BY_NAME.get(name) or (_BY_SUFFIX.get(dot + suffix) if stem else None)


def is_metadata(path: str) -> bool:
    """Whether the file is a package manifest of a kind that states licences."""
    return _reader(path) is not None


def read_metadata(path: str, text: str) -> str | None:
    """The expression a package manifest states; None where it states none, or is damaged."""
    reader = _reader(path)
    try:
        return reader(text) if reader else None
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
        return None  # what others wrote; a manifest that cannot be read states nothing
