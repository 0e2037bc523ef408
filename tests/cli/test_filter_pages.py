"""WARC files of real crawls to documents, through the installed console script."""

import json
from pathlib import Path

import pyarrow.parquet as pq
from console import succeed


def test_pages_go_through_the_same_stages(shared_data: Path, language_model: Path, tmp_path: Path) -> None:
    crawls, models = shared_data / "data/web/warc", shared_data / "golden/lm"
    out = tmp_path / "documents"
    succeed("filter", "commoncrawl", crawls, "--recipe", "ccnet-exact", "--models", models, "--out", out)
    stats = json.loads(succeed("stats", out, "--json"))
    read = stats["read"]
    skipped = sum(count for name, count in read.items() if name.startswith("skipped."))
    assert read["records"] == read["documents"] + skipped + read["unreadable"]
    assert read["documents"] > 140
    documents = pq.read_table(out / "documents").to_pylist()
    assert len(documents) == stats["documents"] > 100
    assert len({row["id"] for row in documents}) == len(documents)
    assert all(row["title"] is not None and row["url"] and row["language"] for row in documents)
    assert json.loads(succeed("verify", out, "--json"))["problems"] == []
