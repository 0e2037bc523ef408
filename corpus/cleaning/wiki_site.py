"""What one wiki's wikitext means: the tables under `wikis/` for its language, with the names its own dump states."""

import hashlib
import html.entities
import json
import re
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE, CATEGORY, TEMPLATE = 6, 14, 10
"""Numbers of MediaWiki's namespaces, as in `<namespace key=...>`."""

_ROMAN_NUMERALS = (
    "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII", "XVIII",
    "XIX", "XX", "XXI",
)  # fmt: skip


def site(language: str, namespaces: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    """The tables of `language` (those common to all wikis where it has none) as kernels.WikitextRenderer takes them.

    namespaces: number -> names in this wiki, from the dump's siteinfo.
    """
    common, own = table("common"), own_table(language)

    def names(key: str) -> list[str]:
        return [*common.get(key, ()), *own.get(key, ())]

    prefixes = dict.fromkeys(_language_codes(), "language") | dict.fromkeys(names("interwiki"), "interwiki")
    files = [*names("file"), *namespaces.get(FILE, ())]
    categories = [*names("category"), *namespaces.get(CATEGORY, ())]
    prefixes |= dict.fromkeys(files, "file") | dict.fromkeys(categories, "category")
    numbers = own.get("numbers", {})
    return {
        "templates": _templates(common, own),
        "countries": _countries(language),
        "prefixes": prefixes,
        "functions": own.get("functions", {}),
        "template_prefixes": [*names("template"), *namespaces.get(TEMPLATE, ())],
        "end_sections": names("end_sections"),
        "switches": names("switches"),
        "entities": {name: chr(code) for name, code in html.entities.name2codepoint.items()} | {"apos": "'"},
        "units": _units(english=language in ("en", "simple")),
        "group": numbers.get("group", ","),
        "decimal": numbers.get("decimal", "."),
        "grouped_from": numbers.get("grouped_from", 4),
        "months": own.get("months", []),
        "date": own.get("date", "D M Y"),
        "variants": own.get("variants", False),
        "space_before_marks": own.get("space_before_marks", False),
    }


def redirect_words(language: str) -> tuple[str, ...]:
    """What begins the text of a redirect, in lower case: "#redirect" and the language's own words."""
    words = (*table("common")["redirect"], *own_table(language).get("redirect", ()))
    return tuple(word.lower() for word in words)


@cache
def table(name: str) -> dict[str, Any]:
    """One file of `wikis/`."""
    return tomllib.loads(resources.files("corpus.cleaning.wikis").joinpath(f"{name}.toml").read_text("utf-8"))


def fingerprint() -> str:
    """Of all tables together: with another one, the same dump may give another text."""
    files = sorted(resources.files("corpus.cleaning.wikis").iterdir(), key=lambda file: file.name)
    tables = [file.read_bytes() for file in files if file.name.endswith(".toml")]
    return hashlib.sha256(b"\0".join(tables)).hexdigest()[:16]


def own_table(language: str) -> dict[str, Any]:
    """The table of a language; an empty one where it has none."""
    file = resources.files("corpus.cleaning.wikis").joinpath(f"{language}.toml")
    return table(language) if re.fullmatch(r"[a-z]{2}", language) and file.is_file() else {}


def _units(english: bool) -> list[tuple[str, str, str, str, float, float, str, str]]:
    """Other wikis than English ones write measures with symbols alone."""
    return [
        (code, symbol, name if english else "", plural, *definition)
        for code, (symbol, name, plural, *definition) in table("units").items()
    ]


def _templates(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, str]:
    """Name -> pattern; the language's own patterns win over common ones."""
    templates = {name: pattern for pattern, names in common["templates"].items() for name in names}
    label = own.get("label")
    if label is not None:
        for code, language in own.get("languages", {}).items():
            templates[f"lang-{code}"] = label.replace("NAME", language) + templates["lang-*"]
    for pattern in own.get("ordinals", ()):
        templates |= {pattern.replace("N", str(n)): pattern.replace("N", str(n)) + "[ {1}]" for n in range(1, 101)}
        templates |= {pattern.replace("N", n): pattern.replace("N", n) + "[ {1}]" for n in _ROMAN_NUMERALS}
    templates |= {name: pattern for pattern, names in own.get("templates", {}).items() for name in names}
    return templates


@cache
def _countries(language: str) -> dict[str, str]:
    """Code -> name, for templates such as {{ITA}}; none where the language has no names."""
    countries = table("countries")
    names = countries.get(language, {})
    return {code: name for territory, name in names.items() for code in countries["codes"][territory]}


@cache
def _language_codes() -> tuple[str, ...]:
    return tuple(table("languages")["codes"].split())


def parse_namespaces(text: str) -> dict[int, list[str]]:
    """The namespaces a reader put into a batch's metadata, from JSON."""
    return {int(key): names for key, names in json.loads(text).items()}
