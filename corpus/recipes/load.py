"""Finding recipes: presets by name, files by path, one source's table, and settings from the command line."""

import json
import sys
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from corpus.errors import UsageError
from corpus.recipes.build import suggestion
from corpus.recipes.inputs import read_inputs
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
    """The tables of a preset (by name) or a TOML file (by path), on top of those of the recipe it `extends`, another
    preset or file. Paths in a file are relative to it; those of its `inputs` come out as a reader finds them from here.

    Raises UsageError for what is neither, is not TOML, extends itself or names inputs wrongly.
    """
    return _load(name_or_path, ())


def source_table(recipe: Mapping[str, Any], source: str, origin: str) -> dict[str, Any]:
    """The table of one source in a recipe; raises UsageError when the recipe has keys that are no source's."""
    known = ["name", "description", "inputs", *TABLES]
    for key in sorted(set(recipe) - set(known)):
        raise UsageError(f"{origin}: unknown key {key!r}{suggestion(key, known)}")
    if source not in recipe:
        raise UsageError(f'{origin}: has no [{source}] table; write one, or begin the file with extends = "{DEFAULT}"')
    return dict(recipe[source])


def _load(name_or_path: str, above: tuple[str, ...]) -> dict[str, Any]:
    """above: the recipes that extend this one, the last of them directly."""
    if name_or_path in above:
        raise UsageError(f"{name_or_path}: extends itself ({' -> '.join((*above, name_or_path))})")
    own, folder = _read(name_or_path)
    if "inputs" in own:
        own["inputs"] = read_inputs(own["inputs"], folder, name_or_path)
    base = own.pop("extends", None)
    if base is None:
        return own
    if not isinstance(base, str):
        raise UsageError(f"{name_or_path}: extends must name a preset or a file, not {base!r}")
    found = base if base in preset_names() else str(folder / base)
    return _over(_load(found, (*above, name_or_path)), own)


def _read(name_or_path: str) -> tuple[dict[str, Any], Path]:
    """What a recipe says, and the directory its paths are relative to."""
    if name_or_path in preset_names():
        text = resources.files("corpus.recipes").joinpath(f"{name_or_path}.toml").read_text("utf-8")
        return tomllib.loads(text), Path()
    path = Path(name_or_path)
    if not path.is_file():
        raise UsageError(f"{name_or_path}: no such recipe; give a TOML file or one of {', '.join(preset_names())}")
    try:
        return tomllib.loads(path.read_text("utf-8")), path.parent
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not valid TOML ({error})") from None


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`own` over `base`, table by table; a stage that is only put in (true) keeps what the base says of it."""
    result = dict(base)
    for key, value in own.items():
        under = base.get(key)
        if isinstance(value, dict) and isinstance(under, dict):
            result[key] = _over(under, value)
        elif not (value is True and isinstance(under, dict)):
            result[key] = value
    return result


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


def sites_setting(text: str, source: str | None) -> str:
    """`N` or `NAME,NAME` as the setting of Stack Exchange's stage `sites`; UsageError for another source."""
    if source not in (None, "stackexchange"):
        raise UsageError(f"--sites: only stackexchange has sites; leave it out for {source}")
    if text.strip().isdigit():
        return f"stackexchange.sites.count={text.strip()}"
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError(f"--sites {text!r}: give a number of sites, or their names with commas between")
    return f"stackexchange.sites.names={json.dumps(names)}"


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
