"""Recipes: TOML -> validated dataclasses, with every unknown key and wrong type named."""

import dataclasses
import difflib
import sys
import types
import typing
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from corpus.errors import UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULT = "llama1"
Recipe = TypeVar("Recipe")


def preset_names() -> list[str]:
    """Names of the recipes that come with the package."""
    files = resources.files("corpus.recipes").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def load_recipe(name_or_path: str) -> dict[str, Any]:
    """The tables of a preset (by name) or of a TOML file (by path). Raises UsageError when it is neither, or not TOML."""
    if name_or_path in preset_names():
        return tomllib.loads(resources.files("corpus.recipes").joinpath(f"{name_or_path}.toml").read_text("utf-8"))
    path = Path(name_or_path)
    if not path.is_file():
        raise UsageError(f"{name_or_path}: no such recipe; give a TOML file or one of {', '.join(preset_names())}")
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not valid TOML ({error})") from None


def source_table(recipe: Mapping[str, Any], source: str, origin: str) -> dict[str, Any]:
    """The table of one source in a recipe; raises UsageError when the recipe has keys that are no source's."""
    unknown = set(recipe) - {"name", "description", *SOURCES}
    for key in sorted(unknown):
        raise UsageError(f"{origin}: unknown key {key!r}{_suggestion(key, ['name', 'description', *SOURCES])}")
    if source not in recipe:
        raise UsageError(f"{origin}: has no [{source}] table")
    return dict(recipe[source])


SOURCES = ("commoncrawl", "c4", "github", "wikipedia", "books", "arxiv", "stackexchange")
"""The sources of LLaMA's Table 1, in its order."""


def apply_settings(table: dict[str, Any], settings: Sequence[str], source: str) -> dict[str, Any]:
    """`table` with each `stage.param=value` applied; values are TOML, or plain words for strings.

    A leading `SOURCE.` is accepted. Raises UsageError for a setting of another shape.
    """
    result = {key: dict(value) if isinstance(value, dict) else value for key, value in table.items()}
    for setting in settings:
        name, equals, value = setting.partition("=")
        path = name.strip().removeprefix(f"{source}.").split(".")
        if not equals or len(path) != 2:
            raise UsageError(f"--set {setting}: write it as stage.param=value, for example language.threshold=0.6")
        stage = result.setdefault(path[0], {})
        if not isinstance(stage, dict):
            raise UsageError(f"--set {setting}: {path[0]} is not a stage")
        stage[path[1]] = _value(value.strip())
    return result


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def build(cls: type[Recipe], table: Mapping[str, Any], origin: str) -> Recipe:
    """A dataclass from a table; nested dataclasses from nested tables; missing keys take their defaults.

    origin: where the table came from, for messages. Raises UsageError naming the key for unknown keys and wrong types.
    """
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(cls)
    values = {}
    for key, value in table.items():
        if key not in fields:
            raise UsageError(f"{origin}: unknown key {key!r}{_suggestion(key, list(fields))}")
        values[key] = _convert(hints[key], value, f"{origin}.{key}")
    return cls(**values)


def _convert(hint: Any, value: Any, origin: str) -> Any:
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise UsageError(f"{origin}: must be a table of parameters, not {value!r}")
        return build(hint, value, origin)  # type: ignore[arg-type]
    if isinstance(hint, types.UnionType):
        return _convert(next(t for t in typing.get_args(hint) if t is not type(None)), value, origin)
    if typing.get_origin(hint) is tuple:
        item = typing.get_args(hint)[0]
        items = value if isinstance(value, list) else [value]
        return tuple(_convert(item, each, origin) for each in items)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise UsageError(f"{origin}: must be {_NAMES.get(hint, hint)}, not {value!r}")
    return value


_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "a string"}


def _suggestion(key: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known)}"


def as_table(recipe: Any) -> dict[str, Any]:
    """A recipe dataclass as plain JSON values: every parameter, defaults included."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in _items(recipe)}


def _items(recipe: Any) -> list[tuple[str, Any]]:
    items = []
    for field in dataclasses.fields(recipe):
        value = getattr(recipe, field.name)
        items.append((field.name, as_table(value) if dataclasses.is_dataclass(value) else value))
    return items
