"""Percentile tables and buckets against CCNet's published table and its own buckets."""

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UserError
from corpus.models.files import ModelFiles
from corpus.quality.lm.cutoffs import (
    Cutoff,
    bucket,
    compute_percentiles,
    cutoffs_of,
    load_cutoffs,
    read_percentiles,
    write_percentiles,
)


@pytest.fixture
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelFiles:
    monkeypatch.setenv("LLAMA_CORPUS_MODELS", str(tmp_path / "none"))
    return ModelFiles.search()


@pytest.mark.parametrize(
    ("perplexity", "expected"),
    [(0.0, "head"), (339.9, "head"), (340.0, "middle"), (519.9, "middle"), (520.0, "tail"), (1e9, "tail")],
)
def test_thresholds_of_english(perplexity: float, expected: str, no_models: ModelFiles) -> None:
    assert bucket(perplexity, "en", load_cutoffs(no_models)) == expected


def test_all_without_perplexity_or_cutoff(no_models: ModelFiles) -> None:
    cutoffs = load_cutoffs(no_models)
    assert bucket(math.nan, "en", cutoffs) == "all"
    assert bucket(-1.0, "en", cutoffs) == "all"
    # Wikipedia languages of LLaMA that CCNet has no model for.
    assert [bucket(100.0, language, cutoffs) for language in ("sl", "sr", "sv")] == ["all"] * 3


def test_shipped_numbers_are_the_published_ones(shared_data: Path, no_models: ModelFiles) -> None:
    published = read_percentiles(shared_data / "golden" / "ccnet" / "cutoff.csv")
    assert [sorted(column) for column in published.values()] == [list(range(100))] * 48
    assert cutoffs_of(published) == load_cutoffs(no_models)


def test_buckets_of_ccnet(shared_data: Path, no_models: ModelFiles) -> None:
    cutoffs = load_cutoffs(no_models)
    with gzip.open(shared_data / "golden" / "ccnet" / "perplexity.jsonl.gz", "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    assert len(rows) == 509
    assert [bucket(row["perplexity"], "en", cutoffs) for row in rows] == [row["bucket"] for row in rows]


def test_own_table_replaces_only_its_languages(tmp_path: Path, no_models: ModelFiles) -> None:
    write_percentiles(tmp_path / "cutoff.csv", {"en": {30: 10.0, 60: 20.0}, "sv": {30: 1.5, 60: 2.25}})
    cutoffs = load_cutoffs(ModelFiles((tmp_path,)))
    assert cutoffs["en"] == Cutoff(10, 20)
    assert cutoffs["sv"] == Cutoff(1.5, 2.25)
    assert cutoffs["de"] == load_cutoffs(no_models)["de"]


def test_published_table_survives_a_round_trip(shared_data: Path, tmp_path: Path) -> None:
    published = shared_data / "golden" / "ccnet" / "cutoff.csv"
    write_percentiles(tmp_path / "copy.csv", read_percentiles(published))
    assert (tmp_path / "copy.csv").read_text() == published.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["copy.csv"]


perplexities = st.floats(0, 1e7, allow_nan=False)


@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=2, max_size=3),
        st.dictionaries(st.integers(0, 99), perplexities, max_size=5).map(lambda c: {**c, 30: 1.0, 60: 2.0}),
        min_size=1,
        max_size=4,
    )
)
def test_any_table_survives_a_round_trip(tmp_path_factory: pytest.TempPathFactory, table: dict) -> None:
    path = tmp_path_factory.mktemp("table") / "cutoff.csv"
    write_percentiles(path, table)
    read = read_percentiles(path)
    assert {k: {p: pytest.approx(v, rel=1e-14) for p, v in column.items()} for k, column in table.items()} == read


def test_percentiles_of_a_known_sample() -> None:
    column = compute_percentiles(np.arange(0, 10_001))
    assert column == {p: 100.0 * p for p in range(100)}
    assert compute_percentiles([344.9] * 50 + [345.1] * 50)[99] == 350
    assert compute_percentiles([344.9] * 100)[0] == 340


@given(st.integers(100, 400), st.floats(1, 1e6), st.integers(0, 2**32))
def test_percentiles_rise_and_split_the_sample(size: int, scale: float, seed: int) -> None:
    sample = np.random.default_rng(seed).exponential(scale, size)
    column = compute_percentiles(sample)
    values = [column[p] for p in range(100)]
    assert values == sorted(values)
    assert all(value % 10 == 0 for value in values)
    # Rounding moves a cut by five at most.
    assert np.mean(sample < column[30] - 5) <= 0.31
    assert np.mean(sample <= column[30] + 5) >= 0.29


def test_too_small_a_sample() -> None:
    with pytest.raises(UserError, match="got 99"):
        compute_percentiles([1.0] * 99)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "not a table"),
        (",en\n0,10\n", "percentile 30 is missing"),
        (",en\n30,10\n", "percentile 60 is missing"),
        (",en\n30,ten\n60,20\n", "not a table"),
        (",en\n30,nan\n60,20\n", "not a table"),
        (",en,de\n30,10\n60,20\n", "not a table"),
        (",en,de\n30,10,\n60,20,30\n", "percentile 30 is missing"),
        ("30\n60\n", "percentile 30 is missing"),
        ("\xff\xfe", "not a table"),
    ],
)
def test_bad_tables(tmp_path: Path, content: str, fault: str) -> None:
    path = tmp_path / "cutoff.csv"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(UserError, match=fault) as error:
        read_percentiles(path)
    assert str(error.value).startswith(f"{path}: ")


def test_no_table(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        read_percentiles(tmp_path / "cutoff.csv")
