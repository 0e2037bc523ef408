"""Exact and near-duplicates over several inputs, against plain Python with datasketch's signatures."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from document_sets import Name, jaccard, near_duplicates, planted, text_of
from hypothesis import given, settings
from hypothesis import strategies as st
from page_files import page_plan, write_pages
from word_plan import Silent, public_files

from corpus.dedup import candidates, key_files, survivors
from corpus.dedup.exact import ExactDedup
from corpus.dedup.near_duplicates import NearDuplicates
from corpus.errors import UsageError
from corpus.filter import filter_source
from corpus.identity import InputFile
from corpus.pipeline.executor import InProcess, LocalProcesses
from corpus.pipeline.run import run_plan
from corpus.pipeline.stage import Stage
from corpus.pipeline.store import Draft

RESEMBLANCE = (0.95, 0.9, 0.85, 0.8, 0.7, 0.5)
FILES = ("a.json", "b.json", "c.json")


def name_of(identity: str) -> Name:
    stem, row = identity.split("/")
    return f"{stem}.json", int(row)


def run(inputs: Sequence[InputFile], out: Path, stages: Sequence[Stage], workers: int = 1) -> None:
    executor = InProcess() if workers == 1 else LocalProcesses(workers)
    run_plan(page_plan(inputs, stages), out, executor, Silent())


def dropped_by(out: Path, stage: str) -> dict[Name, float]:
    rows = pq.read_table(out / "dropped").to_pylist()
    return {name_of(row["id"]): row["value"] for row in rows if row["stage"] == stage}


def pairs_of(out: Path, part: int = 0) -> list[dict[str, object]]:
    return pq.read_table(out / f"pairs/part-{part:05d}.parquet").to_pylist()


def spread(groups: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    """Every group over all the files."""
    files: dict[str, list[str]] = {name: [] for name in FILES}
    for number, text in enumerate(text for group in zip(*groups, strict=True) for text in group):
        files[FILES[number % len(FILES)]].append(text)
    return files


def texts_of(files: dict[str, list[str]]) -> dict[Name, str]:
    return {(name, row): text for name, texts in files.items() for row, text in enumerate(texts)}


STAGES = [
    NearDuplicates(),
    NearDuplicates(keep="longest"),
    NearDuplicates(bands=14, threshold=0.7),
    NearDuplicates(words=13, permutations=64, bands=16, rows=4, threshold=0.6, keep="longest"),
]


@pytest.mark.parametrize("stage", STAGES, ids=str)
def test_near_duplicates_are_those_of_the_definition(tmp_path: Path, stage: NearDuplicates) -> None:
    files = spread(planted(1, 14, RESEMBLANCE, stage.words))
    texts = texts_of(files)
    dropped, similar = near_duplicates(texts, stage)
    assert len(dropped) > 20
    run(write_pages(tmp_path, files), tmp_path / "out", [stage])
    assert dropped_by(tmp_path / "out", stage.name) == pytest.approx(dropped)
    rows = pairs_of(tmp_path / "out")
    got = {(name_of(row["id_a"]), name_of(row["id_b"])): row for row in rows}  # type: ignore[arg-type]
    assert len(got) == len(rows)
    assert {pair: row["jaccard"] for pair, row in got.items()} == pytest.approx(similar)
    for (a, b), row in got.items():
        left = [name for name in (a, b) if name not in dropped]
        assert row["kept"] == (None if not left else row["id_a"] if left == [a] else row["id_b"])
        assert len(left) < 2


def test_planted_copies_are_found_above_the_threshold_and_left_below(tmp_path: Path) -> None:
    """From 0.9 on no copy is missed: with 16 bands of 8 rows one in 10,000 is to be expected there."""
    stage = NearDuplicates()
    groups = planted(2, 40, (0.95, 0.9, 0.78, 0.5), stage.words)
    files = {"a.json": [group[0] for group in groups], "b.json": [text for group in groups for text in group[1:]]}
    run(write_pages(tmp_path, files), tmp_path / "out", [stage])
    dropped = dropped_by(tmp_path / "out", stage.name)
    expected = {("b.json", 4 * number + copy) for number in range(40) for copy in (0, 1)}
    assert set(dropped) == expected
    for (name, row), value in dropped.items():
        assert value == jaccard(files[name][row], groups[row // 4][0], stage.words) >= 0.8


def test_a_chain_of_resemblances_drops_only_what_resembles_what_stays(tmp_path: Path) -> None:
    """Each text resembles the next above the threshold, the first and the third do not: the third stays."""
    words = list(range(1000, 1400))
    chain = [text_of(words[start : start + 200]) for start in (0, 12, 24, 36, 48)]
    assert jaccard(chain[0], chain[1], 5) > 0.8 > jaccard(chain[0], chain[2], 5)
    stage = NearDuplicates(bands=32, rows=4)
    run(write_pages(tmp_path, {"a.json": chain}), tmp_path / "out", [stage])
    assert [row for _, row in dropped_by(tmp_path / "out", stage.name)] == [1, 3]


TEXTS = st.lists(
    st.one_of(
        st.sampled_from(["", "!", "one", "one two", "a b c d e f g h", "a b c d e f g i", "A, b; c d e f g h!"]),
        st.lists(st.sampled_from("abcd"), max_size=12).map(" ".join),
    ),
    max_size=8,
)


@settings(max_examples=8)
@given(
    st.dictionaries(st.sampled_from(FILES), TEXTS, min_size=1),
    st.sampled_from(["first", "longest"]),
    st.sampled_from([0.3, 0.5, 1.0]),
)
def test_any_texts(files: dict[str, list[str]], keep: str, threshold: float) -> None:
    stage = NearDuplicates(words=2, permutations=16, bands=8, rows=2, threshold=threshold, keep=keep)
    with tempfile.TemporaryDirectory() as scratch:
        run(write_pages(Path(scratch), files), Path(scratch) / "out", [ExactDedup(), stage])
        texts = texts_of(files)
        first: dict[str, Name] = {}
        firsts = {name: first.setdefault(text, name) for name, text in sorted(texts.items())}
        copies = {name: earlier for name, earlier in firsts.items() if earlier != name}
        assert dropped_by(Path(scratch) / "out", "exact").keys() == copies.keys()
        pairs = {name_of(r["id_b"]): name_of(r["id_a"]) for r in pairs_of(Path(scratch) / "out")}  # type: ignore[arg-type]
        assert pairs == copies
        left = {name: text for name, text in texts.items() if name not in copies}
        expected, _ = near_duplicates(left, stage)
        assert dropped_by(Path(scratch) / "out", stage.name) == pytest.approx(expected)


@pytest.mark.parametrize("keep", ["first", "longest"])
def test_parts_passes_and_workers_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: str) -> None:
    """Ranges of hashes in several divisions, lists sorted in runs, pairs compared in passes and decided in parts."""
    files = spread(planted(3, 8, RESEMBLANCE, 5))
    files["c.json"] += files["a.json"][:5]
    inputs = write_pages(tmp_path, files)
    stages = [ExactDedup(), NearDuplicates(keep=keep, threshold=0.6, bands=32, rows=4)]
    run(inputs, tmp_path / "whole", stages)
    run(inputs, tmp_path / "two", stages, workers=2)
    assert public_files(tmp_path / "whole") == public_files(tmp_path / "two")
    assert len(dropped_by(tmp_path / "whole", "exact")) == 5
    assert len(dropped_by(tmp_path / "whole", "near_duplicates")) > 16
    monkeypatch.setattr(key_files, "PART_BYTES", 40_000)
    monkeypatch.setattr(Draft, "room", lambda self: 60_000)
    decided: list[int] = []
    in_order = survivors.pairs_in_order
    monkeypatch.setattr(
        survivors,
        "pairs_in_order",
        lambda directories, _: (decided.append(len(part[0])) or part for part in in_order(directories, 20)),
    )
    run(inputs, tmp_path / "parts", stages)
    assert len(decided) > 3
    for folder in ("documents", "dropped", "pairs"):
        whole, parts = (pq.read_table(tmp_path / out / folder) for out in ("whole", "parts"))
        assert whole.equals(parts)


def test_of_many_documents_in_one_band_each_is_compared_with_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "COMPARED_WITH", 3)
    [group] = planted(4, 1, [0.97] * 20, 5)
    stage = NearDuplicates()
    run(write_pages(tmp_path, {"a.json": group}), tmp_path / "out", [stage])
    assert len(dropped_by(tmp_path / "out", stage.name)) == 20
    assert len(pairs_of(tmp_path / "out")) < 100


def test_digests_are_compared_if_asked_for(tmp_path: Path) -> None:
    digests = ["x", None, "x", None, "y"]
    table = pa.table({"id": list("abcde"), "text": ["t"] * 5, "digest": digests})
    pq.write_table(table, tmp_path / "in.parquet")
    settings = ["exact.by=digest", "near_duplicates.enabled=false"]
    filter_source("documents", [str(tmp_path / "in.parquet")], tmp_path / "out", recipe="llama1", settings=settings)
    assert pq.read_table(tmp_path / "out/documents")["id"].to_pylist() == ["a", "b", "d", "e"]
    assert [(row["id_a"], row["id_b"], row["kept"]) for row in pairs_of(tmp_path / "out")] == [("a", "c", "a")]


def test_parameters_out_of_range_are_refused() -> None:
    for parameters, message in (
        ({"bands": 17}, "136 permutations"),
        ({"words": 0}, "at least 1"),
        ({"threshold": 0.0}, "threshold"),
        ({"threshold": 1.1}, "threshold"),
        ({"keep": "last"}, "keep"),
    ):
        with pytest.raises(UsageError, match=message):
            NearDuplicates(**parameters)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"exact\.by"):
        ExactDedup(by="url")
