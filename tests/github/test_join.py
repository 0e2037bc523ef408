"""The join of BigQuery's tables beside one made of dictionaries, in little memory and many parts."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from projects import code, filter_github, kept, write_table

from corpus.dedup.key_files import KeyRange
from corpus.pipeline.ledger import Ledger
from corpus.sources import github_join
from corpus.sources.sorted_rows import KEYS, SortedFile, Sorter, merged, run_path, write_sorted

SCHEMA = pa.schema([*KEYS, ("value", pa.large_string())])
WORDS = st.integers(0, 2**64 - 1) | st.integers(0, 5)


@given(rows=st.lists(st.tuples(WORDS, st.integers(0, 2), st.text(max_size=3)), max_size=60), room=st.integers(1, 4000))
def test_rows_are_sorted_and_found(tmp_path_factory: pytest.TempPathFactory, rows: list[Any], room: int) -> None:
    directory = tmp_path_factory.mktemp("rows")
    sorter = Sorter(directory, SCHEMA, lambda: room)
    for start in range(0, len(rows), 7):
        columns = list(zip(*rows[start : start + 7], strict=True))
        sorter.add(pa.table(columns and [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], SCHEMA))
    runs = [SortedFile(run_path(directory, number)) for number in range(sorter.finish())]
    expected: dict[tuple[int, int], str] = {}
    for first, second, value in rows:
        expected[first, second] = min(value, expected.get((first, second), value))
    for parts in (1, 4):
        found = []
        for part in range(parts):
            path = directory / f"merged-{parts}-{part}.arrow"
            write_sorted(path, SCHEMA, merged(runs, KeyRange(part, parts), room))
            found += [tuple(row.values()) for row in SortedFile(path).range(KeyRange()).to_pylist()]
        assert found == [(*key, value) for key, value in sorted(expected.items())]
    whole = SortedFile(directory / "merged-1-0.arrow")
    # Keys whose first halves are equal hide each other; hashes have none.
    single = {key: value for key, value in expected.items() if sum(other[0] == key[0] for other in expected) == 1}
    wanted = [*single, (17, 3)]
    numbers = whole.find(np.array([k[0] for k in wanted], np.uint64), np.array([k[1] for k in wanted], np.uint64))
    assert (numbers >= 0).tolist() == [key in expected for key in wanted]
    if len(single):
        assert whole.take(numbers[numbers >= 0])["value"].to_pylist() == [expected[k] for k in wanted if k in expected]


LICENCES = {"mit": True, "bsd-3-clause": True, "gpl-2.0": False, "isc": False, None: False}


def _best(rows: list[dict[str, Any]], licences: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By blob, the row that stays."""

    def order(row: dict[str, Any]) -> tuple[bool, bool, str, str]:
        kept_licence = LICENCES[licences.get(row["repo_name"])]
        return not kept_licence, not row["path"].endswith(".py"), row["repo_name"], row["path"]

    best: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=order):
        if row.get("symlink_target") is None:
            best.setdefault(row["id"], row)
    return best


def test_the_join_is_that_of_dictionaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = random.Random(3)
    monkeypatch.setattr(github_join, "parts_for", lambda size: 8)
    licences = {f"o/r{i}": generator.choice(list(LICENCES)) for i in range(60)}
    licences = {repo: name for repo, name in licences.items() if name is not None}
    blobs = [f"{generator.getrandbits(160):040x}" for _ in range(300)]
    files = [
        {
            "repo_name": f"o/r{generator.randrange(60)}",
            "ref": "refs/heads/main",
            "path": f"d{generator.randrange(9)}/f{generator.randrange(99)}{generator.choice(['.py', '.txt', '.c'])}",
            "id": generator.choice(blobs[:280]),
            "symlink_target": "x" if generator.random() < 0.1 else None,
        }
        for _ in range(900)
    ]
    write_table(tmp_path / "in/licenses.parquet", [{"repo_name": r, "license": name} for r, name in licences.items()])
    for number in range(3):
        write_table(tmp_path / f"in/files-{number}.parquet", files[number::3])
        rows = [{"id": blob, "content": code(f"b{blob[:8]}")[:400].decode()} for blob in blobs[number::3]]
        write_table(tmp_path / f"in/contents-{number}.parquet", rows)
    settings = ['paths.suffixes=[".py"]']
    filter_github(tmp_path / "in", out=tmp_path / "out", settings=settings, memory=256 << 20)
    best = _best(files, licences)
    expected = {
        blob: (row["repo_name"], row["path"], licences[row["repo_name"]])
        for blob, row in best.items()
        if row["path"].endswith(".py") and LICENCES[licences.get(row["repo_name"])]
    }
    names = {"mit": "MIT", "bsd-3-clause": "BSD-3-Clause"}
    found = {row["blob"]: (row["repo"], row["path"], row["license"]) for row in kept(tmp_path / "out")}
    assert found == {blob: (repo, path, names[name]) for blob, (repo, path, name) in expected.items()}
    assert len(found) > 50


def test_rows_of_other_tables_are_counted_apart(tmp_path: Path) -> None:
    import json

    write_table(tmp_path / "in/licenses.avro", [{"repo_name": "a/b", "license": "mit"}] * 3)
    write_table(tmp_path / "in/files.avro", [{"repo_name": "a/b", "path": "x.py", "id": "1"}] * 5)
    write_table(tmp_path / "in/contents.avro", [{"id": "1", "content": code("x").decode()}])
    filter_github(tmp_path / "in", out=tmp_path / "out")
    counts = Ledger.from_json(json.loads((tmp_path / "out/stats.json").read_text())).read
    assert (counts["documents"], counts["skipped.rows_of_files"], counts["skipped.rows_of_licenses"]) == (1, 5, 3)
    assert len(kept(tmp_path / "out")) == 1
