"""Finding recipes: presets by name, files by path, one source's table, and settings from the command line."""

import sys
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from corpus.errors import UsageError
from corpus.recipes.build import suggestion
from corpus.table1 import SOURCES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULT = "llama1"
TABLES = (*SOURCES, "documents")
"""Of a recipe: one for each source of the paper, and one for documents of any source."""


def preset_names() -> list[str]:
    """Names of the recipes that come with the package."""
    files = resources.files("corpus.recipes").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def load_recipe(name_or_path: str) -> dict[str, Any]:
    """The tables of a preset (by name) or a TOML file (by path); raises UsageError when it is neither, or not TOML."""
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
    unknown = set(recipe) - {"name", "description", *TABLES}
    for key in sorted(unknown):
        raise UsageError(f"{origin}: unknown key {key!r}{suggestion(key, ['name', 'description', *TABLES])}")
    if source not in recipe:
        raise UsageError(f"{origin}: has no [{source}] table")
    return dict(recipe[source])


def apply_settings(table: dict[str, Any], settings: Sequence[str], source: str) -> dict[str, Any]:
    """`table` with each `stage.param=value` applied; values are TOML, or plain words for strings.

    `stage=true` and `stage=false` put in or leave out a stage that a source can do without. A leading `SOURCE.` is
    accepted. Raises UsageError for a setting of another shape.
    """
    result = {key: dict(value) if isinstance(value, dict) else value for key, value in table.items()}
    for setting in settings:
        name, equals, value = setting.partition("=")
        path = name.strip().removeprefix(f"{source}.").split(".")
        if equals and len(path) == 1 and value.strip() in ("true", "false"):
            result[path[0]] = value.strip() == "true" and (result.get(path[0]) or True)
            continue
        if not equals or len(path) != 2:
            raise UsageError(f"--set {setting}: write it as stage.param=value, for example language.threshold=0.6")
        if isinstance(result.get(path[0]), bool):
            result[path[0]] = {}
        stage = result.setdefault(path[0], {})
        if not isinstance(stage, dict):
            raise UsageError(f"--set {setting}: {path[0]} is not a stage")
        stage[path[1]] = _value(value.strip())
    return result


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """`NAME=VALUE` settings as values; raises UsageError for one of another shape."""
    result = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not name.strip() or not equals:
            raise UsageError(f"{setting}: write it as NAME=VALUE")
        result[name.strip()] = _value(value.strip())
    return result


def parse_shares(settings: Sequence[str]) -> dict[str, float] | None:
    """`SOURCE=SHARE` settings as numbers, None when there are none; raises UsageError for one that is not a number."""
    shares = parse_settings(settings)
    for source, share in shares.items():
        if not isinstance(share, (int, float)) or isinstance(share, bool):
            raise UsageError(f"{source}={share}: a share must be a number")
    return {source: float(share) for source, share in shares.items()} or None


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
