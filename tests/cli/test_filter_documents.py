"""`filter documents` over outputs of other runs: preference, columns, faults, and interruption at any moment."""

import json
import random
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from console import fail, kill_after, succeed
from word_plan import public_files


def text_of(seed: int, words: int = 120) -> str:
    letters = np.random.default_rng(seed).integers(97, 123, (words, 6), np.uint8)
    return " ".join(bytes(row).decode() for row in letters)


def near(text: str) -> str:
    return text[:-7] + " altered"


def write(path: Path, texts: dict[str, str], **columns: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = {"id": list(texts), "text": list(texts.values())}
    pq.write_table(pa.table({**table, **{k: [v] * len(texts) for k, v in columns.items()}}), path)
    return path


def kept(out: Path) -> list[dict[str, object]]:
    return pq.read_table(out / "documents").to_pylist()


def test_inputs_named_first_are_preferred(tmp_path: Path) -> None:
    wiki = write(tmp_path / "wiki.parquet", {"w1": near(text_of(1)), "w2": text_of(2)}, source="wikipedia")
    web = write(tmp_path / "crawl/web.parquet", {"c1": text_of(1), "c2": text_of(3), "c3": text_of(3)}, score=0.5)
    summary = json.loads(succeed("filter", "documents", wiki, web.parent, "--out", tmp_path / "a", "--json"))
    assert [row["id"] for row in kept(tmp_path / "a")] == ["w1", "w2", "c2"]
    assert summary["documents"] == 3
    succeed("filter", "documents", web, wiki, "--out", tmp_path / "b")
    assert [row["id"] for row in kept(tmp_path / "b")] == ["c1", "c2", "w2"]
    [near_pair] = pq.read_table(tmp_path / "b/pairs/part-00001.parquet").to_pylist()
    assert (near_pair["id_a"], near_pair["id_b"], near_pair["kept"]) == ("c1", "w1", "c1")
    assert near_pair["jaccard"] > 0.8
    assert "all well" in succeed("verify", tmp_path / "b")


def test_columns_pass_through_and_what_an_input_lacks_is_null(tmp_path: Path) -> None:
    write(tmp_path / "in/a.parquet", {"a": text_of(1)}, source="c4", score=0.5)
    write(tmp_path / "in/b.parquet", {"b": text_of(2)}, language="en")
    succeed("filter", "documents", tmp_path / "in", "--out", tmp_path / "out")
    rows = {row["id"]: row for row in kept(tmp_path / "out")}
    assert (rows["a"]["source"], rows["a"]["score"], rows["a"]["language"]) == ("c4", 0.5, None)
    assert (rows["b"]["source"], rows["b"]["score"], rows["b"]["language"]) == ("documents", None, "en")
    # An output is an input again.
    assert "kept" in succeed("filter", "documents", tmp_path / "out", "--out", tmp_path / "again")
    assert {row["id"] for row in kept(tmp_path / "again")} == {"a", "b"}


def test_faults_are_one_line(tmp_path: Path) -> None:
    out = ["--out", tmp_path / "out"]
    good = write(tmp_path / "good.parquet", {"a": "x"}, score=0.5)
    other = write(tmp_path / "other.parquet", {"b": "x"}, score="high")
    assert "column score is string, and double" in fail("filter", "documents", good, other, *out, code=1)
    pq.write_table(pa.table({"id": [1], "text": ["x"]}), tmp_path / "ids.parquet")
    assert "no column `id` of text" in fail("filter", "documents", tmp_path / "ids.parquet", *out, code=1)
    pq.write_table(pa.table({"id": ["a", None], "text": ["x", "y"]}), tmp_path / "null.parquet")
    assert "a document has no id" in fail("filter", "documents", tmp_path / "null.parquet", *out, code=1)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 not")
    assert "not readable as Parquet" in fail("filter", "documents", tmp_path / "broken.parquet", *out, code=1)
    settings = ["--set", "exact.by=digest"]
    assert "documents have no digest" in fail("filter", "documents", good, *out, *settings, code=1)
    assert "has no [documents] table" in fail("filter", "documents", good, *out, "--recipe", "ccnet-exact", code=2)
    assert "200M are too little" in fail("filter", "documents", good, *out, "--memory", "200M", code=2)


@pytest.mark.slow
def test_killed_at_any_moment_it_continues_to_the_same_bytes(tmp_path: Path) -> None:
    originals = {f"o{n}": text_of(n) for n in range(3000)}
    copies = {f"n{n}": near(text_of(n)) for n in range(0, 3000, 3)}
    again = {f"e{n}": text_of(n) for n in range(0, 3000, 5)}
    for number, texts in enumerate((originals, copies, again)):
        write(tmp_path / f"in/{number}.parquet", texts)
    start = time.monotonic()
    succeed("filter", "documents", tmp_path / "in", "--out", tmp_path / "whole", "--workers", 1)
    seconds = time.monotonic() - start
    assert len(kept(tmp_path / "whole")) == 3000
    expected = public_files(tmp_path / "whole")
    draw = random.Random(0)
    kills = 0
    for round_ in range(4):
        out = tmp_path / f"out{round_}"
        for _ in range(2):
            command = ["filter", "documents", tmp_path / "in", "--out", out, "--workers", draw.choice([1, 2])]
            kills += kill_after(draw.uniform(0.3, 1.0) * seconds, list(map(str, command)))
        succeed("filter", "documents", tmp_path / "in", "--out", out, "--workers", 2)
        assert public_files(out) == expected
    assert kills
