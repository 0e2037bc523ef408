"""From a table of a recipe to a dataclass, with every unknown key and wrong type named."""

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from corpus.errors import UsageError

Recipe = TypeVar("Recipe")


def build(cls: type[Recipe], table: Mapping[str, Any], origin: str) -> Recipe:
    """A dataclass from a table; nested dataclasses from nested tables; missing keys take their defaults.

    A stage that may be left out is true (with its defaults), false (without it) or a table of its parameters.
    origin: where the table came from, for messages. Raises UsageError naming the key for unknown keys and wrong types.
    """
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(cls)
    values = {}
    for key, value in table.items():
        if key not in fields:
            raise UsageError(f"{origin}: unknown key {key!r}{suggestion(key, list(fields))}")
        values[key] = _convert(hints[key], value, f"{origin}.{key}")
    return cls(**values)


def _convert(hint: Any, value: Any, origin: str) -> Any:
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise UsageError(f"{origin}: must be a table of parameters, not {value!r}")
        return build(hint, value, origin)  # type: ignore[arg-type]
    if isinstance(hint, types.UnionType):
        if isinstance(value, bool) and any(map(dataclasses.is_dataclass, typing.get_args(hint))):
            if not value:
                return None
            value = {}
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


def suggestion(key: str, known: Sequence[str]) -> str:
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
