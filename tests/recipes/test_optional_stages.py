"""Stages a source can do without: put in and left out by recipes and settings."""

from dataclasses import dataclass, field

import pytest

from corpus.errors import UsageError
from corpus.recipes.build import as_table, build
from corpus.recipes.load import apply_settings, load_recipe, source_table
from corpus.sources.commoncrawl import CommonCrawl


@dataclass(frozen=True)
class Inner:
    threshold: float = 0.5
    size: int | None = None


@dataclass(frozen=True)
class Outer:
    inner: Inner = field(default_factory=Inner)
    extra: Inner | None = None


def test_a_stage_may_be_put_in_and_left_out() -> None:
    assert build(Outer, {}, "r").extra is None
    assert build(Outer, {"extra": True}, "r").extra == Inner()
    assert build(Outer, {"extra": {"threshold": 0.1}}, "r").extra == Inner(0.1)
    assert build(Outer, {"extra": False}, "r").extra is None
    with pytest.raises(UsageError, match=r"r\.inner: must be a table of parameters, not False"):
        build(Outer, {"inner": False}, "r")
    assert as_table(Outer())["extra"] is None


@pytest.mark.parametrize(
    ("settings", "table"),
    [
        (["extra=true"], {"extra": True}),
        (["extra=false"], {"extra": False}),
        (["s.extra=true", "extra.size=3"], {"extra": {"size": 3}}),
        (["extra.size=3", "extra=true"], {"extra": {"size": 3}}),
        (["extra.size=3", "extra=false"], {"extra": False}),
    ],
)
def test_settings_put_in_and_leave_out_stages(settings: list[str], table: dict[str, object]) -> None:
    assert apply_settings({}, settings, "s") == table


def test_commoncrawl_ends_in_the_quality_rules_asked_for() -> None:
    table = source_table(load_recipe("llama1"), "commoncrawl", "llama1")
    plain = build(CommonCrawl, table, "r").stages
    chosen = ["fineweb=true", "gopher_quality.min_words=20", "c4_rules.punkt="]
    stages = build(CommonCrawl, apply_settings(table, chosen, "commoncrawl"), "r").stages
    assert [stage.name for stage in stages] == [
        *(stage.name for stage in plain), "c4_rules", "statistics", "gopher_quality", "fineweb",
    ]  # fmt: skip
