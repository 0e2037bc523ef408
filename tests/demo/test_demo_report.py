"""The demo's raw inputs as a whole, and what it says of what it found."""

import json
from pathlib import Path

import pytest

from corpus.recipes.inputs import inputs_of
from corpus.recipes.load import load_recipe
from corpus.table1 import PAPER_WEIGHTS
from demo.check import CaseResult
from demo.raw import SOURCES, planted_in, write_raw, write_recipe
from demo.report import DemoSummary

MADE = {"documents_read": 4, "documents": 3, "bytes": 7_000_000}
TOKENS = {"tokens": 2_000_000, "bytes_per_token": 3.5}


def summary(cases: dict[str, list[CaseResult]]) -> DemoSummary:
    return DemoSummary(
        Path("out"),
        cases,
        {**MADE, "sources": dict.fromkeys(cases, MADE)},
        {**TOKENS, "sources": dict.fromkeys(cases, TOKENS)},
        {"step": 400, "parameters": 2_500_000},
        (7.625, 3.125),
        dict.fromkeys(cases, 3.25),
        [("", "Text."), ("The [b]", "town")],
    )


def test_raw_inputs_of_all_seven_sources(tmp_path: Path) -> None:
    assert set(SOURCES) == set(PAPER_WEIGHTS)
    counts = write_raw(tmp_path / "raw")["planted"]
    write_recipe(tmp_path / "recipe.toml", Path("raw"), SOURCES)
    assert tuple(inputs_of(load_recipe(str(tmp_path / "recipe.toml")))) == tuple(PAPER_WEIGHTS)
    for source in SOURCES:
        planted = planted_in(tmp_path / "raw", source)
        assert len(planted) == counts[source] >= 20
        names = {path.name for path in (tmp_path / "raw" / source).rglob("*")}
        assert {one.file for one in planted} <= names


def test_a_broken_off_generation_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.raw.CRAWL_MEGABYTES", 0.1)
    (tmp_path / "raw/stackexchange/farmer.stackexchange.com").mkdir(parents=True)
    (tmp_path / "raw/books").mkdir()
    (tmp_path / "raw/books/pg9999.txt").write_text("left over")
    write_raw(tmp_path / "raw")
    assert not (tmp_path / "raw/books/pg9999.txt").exists()


def test_all_found(capsys: pytest.CaptureFixture[str]) -> None:
    summary({"c4": [CaseResult("cut_line", 2, 2, ())], "books": [CaseResult("EPUB", 1, 1, ())]}).print()
    lines = capsys.readouterr().out.splitlines()
    assert "c4, 2 of 2: cut line 2" in lines
    assert "all, 3 of 3" in lines
    rows = {line.split()[0]: line.split()[1:] for line in lines if line.startswith(("c4 ", "all "))}
    assert rows["c4"] == ["4", "3", "7.00", "2,000,000", "3.50", "3.95", "3.25"]
    assert rows["all"] == ["8", "3", "7.00", "2,000,000", "3.50", "3.12"]


def test_what_was_not_found_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    made = summary({"c4": [CaseResult("cut_line", 2, 1, ("c4/x: kept, not dropped",))]})
    made.print()
    shown = capsys.readouterr().out
    assert "c4, 1 of 2: cut line 1 of 2" in shown
    assert "not as expected: c4/x: kept, not dropped" in shown
    data = json.loads(json.dumps(made.as_json()))
    assert (data["planted"], data["found"]) == (2, 1)
    assert data["cases"]["c4"][0]["failures"] == ["c4/x: kept, not dropped"]
    assert data["sources"]["c4"] == {"documents": 3, "bytes": 7_000_000, **TOKENS, "loss": 3.25}
