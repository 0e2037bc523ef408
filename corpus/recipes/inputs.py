"""The `[inputs]` table of a recipe file: for each source the files it is made from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpus.errors import UsageError
from corpus.recipes.build import suggestion
from corpus.table1 import SOURCES


def read_inputs(table: Any, folder: Path, origin: str) -> dict[str, list[str]]:
    """Source -> files, directories, globs, URLs or @LISTs, the local ones seen from here.

    folder: what the table's paths are relative to. origin: the recipe, for messages. Raises UsageError for a table that
    names no source of the paper, or names inputs otherwise than by text.
    """
    if not isinstance(table, Mapping):
        raise UsageError(f"{origin}: inputs must be a table of sources, not {table!r}")
    found = {}
    for source, given in table.items():
        if source not in SOURCES:
            raise UsageError(f"{origin}: [inputs] has no such source {source!r}{suggestion(source, SOURCES)}")
        items = given if isinstance(given, list) else [given]
        if not items or not all(isinstance(item, str) and item for item in items):
            raise UsageError(f"{origin}: [inputs] {source}: must be a path or a list of paths, not {given!r}")
        found[source] = [_seen_from(folder, item) for item in items]
    return found


def inputs_of(recipe: Mapping[str, Any]) -> dict[str, list[str]]:
    """The inputs a loaded recipe names, in the order of the paper's sources."""
    named = recipe.get("inputs", {})
    return {source: named[source] for source in SOURCES if source in named}


def _seen_from(folder: Path, item: str) -> str:
    if "://" in item:
        return item
    mark, path = ("@", item[1:]) if item.startswith("@") else ("", item)
    return mark + str(folder / path)
