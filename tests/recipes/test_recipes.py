"""Recipes: presets load, and every mistake is named."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from corpus.errors import UsageError
from corpus.filter import READABLE
from corpus.recipes.build import as_table, build
from corpus.recipes.load import apply_settings, load_recipe, preset_names, source_table
from corpus.sources.commoncrawl import CommonCrawl


@dataclass(frozen=True)
class Inner:
    threshold: float = 0.5
    names: tuple[str, ...] = ()
    size: int | None = None


@dataclass(frozen=True)
class Outer:
    inner: Inner = field(default_factory=Inner)
    exact: bool = True


def test_presets_are_complete_and_valid() -> None:
    assert preset_names() == ["c4-paper", "c4-released", "ccnet-exact", "llama1", "redpajama-v1"]
    for name in preset_names():
        for source in load_recipe(name).keys() - {"name", "description"}:
            table = source_table(load_recipe(name), source, name)
            built = as_table(build(READABLE[source], table, name))
            assert {stage for stage, parameters in built.items() if parameters is not None} == table.keys()


def test_presets_write_down_every_parameter_that_fidelity_depends_on() -> None:
    for name in preset_names():
        for source in load_recipe(name).keys() - {"name", "description"}:
            table = source_table(load_recipe(name), source, name)
            written = {f"{stage}.{param}" for stage, params in table.items() for param in params}
            built = as_table(build(READABLE[source], table, name))
            all_parameters = {f"{stage}.{param}" for stage, params in built.items() for param in params or ()}
            left_out = all_parameters - written - {"reference.keep_rate"}
            assert left_out == ({"read.max_bytes"} if source == "commoncrawl" else set())


def test_ccnet_exact_has_the_numbers_of_cc_net() -> None:
    recipe = build(CommonCrawl, source_table(load_recipe("ccnet-exact"), "commoncrawl", "p"), "p")
    assert (recipe.read.min_length, recipe.language.threshold, recipe.language.keep) == (300, 0.5, ())
    assert recipe.perplexity.keep == ("head", "middle", "tail", "all")
    assert not recipe.perplexity.per_line


def test_the_reference_classifier_is_a_matter_of_presets() -> None:
    """LLaMA's paper has one that was not published; RedPajama's keeps from a quarter on; cc_net has none."""
    stages = {}
    for name in ("ccnet-exact", "llama1", "redpajama-v1"):
        recipe = build(CommonCrawl, source_table(load_recipe(name), "commoncrawl", name), name)
        stages[name] = [stage.name for stage in recipe.stages]
        if recipe.reference is not None:
            assert recipe.reference.threshold == {"llama1": 0.5, "redpajama-v1": 0.25}[name]
    assert "reference" not in stages["ccnet-exact"]
    assert stages["llama1"] == ["read", "dedup", "language", "perplexity"]
    assert stages["redpajama-v1"] == [*stages["llama1"], "exact", "reference"]
    table = apply_settings(
        source_table(load_recipe("llama1"), "commoncrawl", "l"), ["reference.apply=true"], "commoncrawl"
    )
    assert build(CommonCrawl, table, "l").stages[-1].name == "reference"


def test_redpajama_compares_lines_within_a_five_thousandth_of_a_dump() -> None:
    recipe = build(CommonCrawl, source_table(load_recipe("redpajama-v1"), "commoncrawl", "p"), "p")
    assert 56_000 / 5_000 < recipe.dedup.group_size < 72_000 / 5_000
    assert (recipe.language.keep, recipe.perplexity.keep) == (("en",), ("head", "middle"))


def test_values_are_converted_and_defaults_kept() -> None:
    built = build(Outer, {"inner": {"threshold": 1, "names": ["a"], "size": 3}}, "r")
    assert built == Outer(Inner(1.0, ("a",), 3), True)
    assert isinstance(built.inner.threshold, float)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"inner": {"treshold": 0.5}}, r"r\.inner: unknown key 'treshold'; did you mean 'threshold'\?"),
        ({"zzz": 1}, r"r: unknown key 'zzz'; known: inner, exact"),
        ({"inner": {"threshold": "high"}}, r"r\.inner\.threshold: must be a number, not 'high'"),
        ({"inner": {"size": 1.5}}, r"r\.inner\.size: must be a whole number, not 1\.5"),
        ({"inner": {"names": [1]}}, r"r\.inner\.names: must be a string, not 1"),
        ({"exact": 1}, r"r\.exact: must be true or false, not 1"),
        ({"inner": 3}, r"r\.inner: must be a table of parameters, not 3"),
    ],
)
def test_mistakes_are_named(table: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build(Outer, table, "r")


def test_stage_parameters_out_of_range_are_refused() -> None:
    for setting, message in [
        ("language.threshold=2", "between 0 and 1"),
        ("dedup.group_size=0", "at least 1"),
        ("read.min_length=-1", "at least 0"),
        ('perplexity.keep=["best"]', "must name some of head, middle, tail, all"),
    ]:
        with pytest.raises(UsageError, match=message):
            build(CommonCrawl, apply_settings({}, [setting], "commoncrawl"), "r")


def test_settings_change_one_parameter() -> None:
    table = {"language": {"threshold": 0.5, "keep": ["en"]}}
    settings = [
        "language.threshold=0.6",
        "commoncrawl.language.model=lid.176.bin",
        "dedup.group_size = 3",
        "language.keep=de",
    ]
    built = build(CommonCrawl, apply_settings(table, settings, "commoncrawl"), "r")
    assert (built.language.threshold, built.language.model, built.dedup.group_size) == (0.6, "lid.176.bin", 3)
    assert built.language.keep == ("de",)
    assert table["language"]["threshold"] == 0.5


@pytest.mark.parametrize("setting", ["language", "threshold=0.6", "a.b.c=1", "=1"])
def test_settings_of_another_shape_are_refused(setting: str) -> None:
    with pytest.raises(UsageError, match="write it as"):
        apply_settings({}, [setting], "commoncrawl")


def test_unknown_recipes_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"no such recipe; give a TOML file or one of {', '.join(preset_names())}"):
        load_recipe("nope")
    broken = tmp_path / "broken.toml"
    broken.write_text("a = [")
    with pytest.raises(UsageError, match=r"broken\.toml: not valid TOML"):
        load_recipe(str(broken))
    with pytest.raises(UsageError, match=r"r: unknown key 'comoncrawl'; did you mean 'commoncrawl'"):
        source_table({"comoncrawl": {}}, "commoncrawl", "r")
    with pytest.raises(UsageError, match=r"r: has no \[commoncrawl\] table"):
        source_table({"name": "x"}, "commoncrawl", "r")


def test_a_source_is_imported_without_the_others() -> None:
    script = (
        "import sys\n"
        "from corpus.filter import READABLE\n"
        "READABLE['commoncrawl']\n"
        "print(*sorted(n for n in READABLE if f'corpus.sources.{n}' in sys.modules))\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["commoncrawl"]
