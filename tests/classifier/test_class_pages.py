"""Reading pages with their addresses from every kind of file."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.errors import UserError
from corpus.quality.classifier.pages import page_files, read_pages

ROWS: list[dict[str, Any]] = [
    {"url": "http://a.org/1", "text": "one\ntwo é"},
    {"url": None, "text": "three"},
    {"url": "http://a.org/3", "text": ""},
    {"url": "http://a.org/4", "text": "four"},
]
PAGES = [("http://a.org/1", "one\ntwo é"), (None, "three"), ("http://a.org/4", "four")]


def write_json(path: Path) -> None:
    path.write_bytes(b"\n".join(json.dumps(row).encode() for row in ROWS))


def write_parquet(path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), path)


@pytest.mark.parametrize(
    ("name", "write"), [("a.jsonl", write_json), ("a.json", write_json), ("a.parquet", write_parquet)]
)
def test_formats(tmp_path: Path, name: str, write: Callable[[Path], None]) -> None:
    write(tmp_path / name)
    assert [list(read_pages(file.path)) for file in page_files([str(tmp_path)])] == [PAGES]


def test_what_others_wrote(tmp_path: Path) -> None:
    rows = [
        {"raw_content": "cc_net", "url": "http://a.org/1"},
        {"text": "RedPajama", "meta": {"url": "http://a.org/2"}},
        {"text": "dolma", "id": "x", "metadata": {"url": "http://a.org/3"}},
        {"text": "half \ud83d pair", "url": 5},
        {"url": "http://a.org/no-text"},
        ["text"],
    ]
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b"\n".join(json.dumps(row).encode() for row in rows)))
    found = list(read_pages(str(tmp_path / "a.jsonl.gz")))
    assert found == [(f"http://a.org/{i + 1}", text) for i, text in enumerate(("cc_net", "RedPajama", "dolma"))] + [
        (None, "half ? pair")
    ]


def test_real_files(shared_data: Path) -> None:
    web = shared_data / "data/web"
    counts = {}
    for file in page_files([str(web / "wet"), str(web / "text" / "ccnet-head-dolma-0091.jsonl.gz")]):
        pages = list(read_pages(file.path))
        assert all(url and "//" in url and text for url, text in pages)
        counts[Path(file.path).name] = len(pages)
    assert counts.pop("ccnet-head-dolma-0091.jsonl.gz") == 10
    assert 1100 < sum(counts.values()) <= 1150


def test_output_of_a_filter_run_stands_for_its_documents(tmp_path: Path) -> None:
    for folder in ("documents", "dropped"):
        (tmp_path / folder).mkdir()
        write_parquet(tmp_path / folder / "part-00000.parquet")
    (tmp_path / "run.json").write_text(json.dumps({"format": "llama-corpus documents"}))
    (tmp_path / "stats.json").write_text("{}")
    assert [Path(file.path).parent.name for file in page_files([str(tmp_path)])] == ["documents"]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.parquet", b"PAR1 and more", "not readable as Parquet"),
        ("a.jsonl", b'{"text": "one"}\n{"text": \n', "line 2: not JSON"),
        ("a.jsonl", b'{"text": 5}\n', "line 1: the text is not a string"),
        ("a.jsonl.gz", b"plain", "not readable after line 0"),
        ("a.csv", b"text,url\n", "no reader for this kind of file"),
        ("a.wet.gz", b"plain text", "a.wet.gz"),
    ],
)
def test_damaged_files(tmp_path: Path, name: str, content: bytes, fault: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=fault) as error:
        list(read_pages(str(tmp_path / name)))
    assert str(error.value).startswith(str(tmp_path / name))


@pytest.mark.parametrize("missing", ["text", "url"])
def test_parquet_of_another_schema(tmp_path: Path, missing: str) -> None:
    pq.write_table(pa.table({name: ["x"] for name in ("text", "url") if name != missing}), tmp_path / "a.parquet")
    with pytest.raises(UserError, match=f"no column `{missing}`; give files of documents"):
        list(read_pages(str(tmp_path / "a.parquet")))
