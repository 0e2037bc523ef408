"""Reading the texts of language models from every kind of file."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.errors import UserError
from corpus.quality.lm import texts
from corpus.quality.lm.texts import TextReader, batches_of, text_files


def read(*paths: Path, language: str = "en", limit: int | None = None) -> tuple[list[str], TextReader]:
    reader = TextReader(language, limit)
    batches = reader.read(text_files([str(path) for path in paths]))
    return [text for batch in batches for text in batch.to_pylist()], reader


def write_text(path: Path, rows: list[Any]) -> None:
    path.write_bytes("".join(row["text"] + "\n" for row in rows).encode())


def write_gzipped_text(path: Path, rows: list[Any]) -> None:
    path.write_bytes(gzip.compress("\n".join(row["text"] for row in rows).encode()))


def write_json(path: Path, rows: list[Any]) -> None:
    path.write_bytes("".join(json.dumps(row) + "\n\n" for row in rows).encode())


def write_parquet(path: Path, rows: list[Any]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=3)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.txt", write_text),
        ("a.txt.gz", write_gzipped_text),
        ("a.json", write_json),
        ("a.jsonl", write_json),
        ("a.parquet", write_parquet),
    ],
)
def test_formats(tmp_path: Path, name: str, write: Callable[[Path, list[Any]], None]) -> None:
    rows = [{"text": f"text {i} é"} for i in range(10)]
    write(tmp_path / name, rows)
    found, reader = read(tmp_path / name)
    assert found == [row["text"] for row in rows]
    assert (reader.texts, reader.other_languages, reader.without_text) == (10, 0, 0)
    found, reader = read(tmp_path / name, limit=4)
    assert found == [row["text"] for row in rows[:4]]
    assert reader.texts == 4


def test_files_come_in_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "c.txt"):
        (tmp_path / name).write_text(f"{name}\n")
    assert read(tmp_path / "c.txt", tmp_path)[0] == ["a.txt", "b.txt", "c.txt"]
    assert read(tmp_path, limit=2)[0] == ["a.txt", "b.txt"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_other_languages_and_missing_texts_are_counted(tmp_path: Path, name: str) -> None:
    rows = [
        {"text": "one", "language": "en"},
        {"text": "zwei", "language": "de"},
        {"text": "three", "language": None},
        {"text": "", "language": "en"},
        {"text": None, "language": "en"},
    ]
    (write_json if name.endswith("l") else write_parquet)(tmp_path / name, rows)
    found, reader = read(tmp_path / name)
    assert found == ["one", "three"]
    assert (reader.other_languages, reader.without_text) == (1, 2)


def test_json_fields(tmp_path: Path) -> None:
    rows: list[Any] = [
        {"raw_content": "cc_net"},
        {"text": "whole page", "opening_text": "introduction", "language": "en"},
        {"text": "whole page", "opening_text": None},
        {"index": {"_id": "1"}},
        ["text"],
        {"text": 5},
    ]
    write_json(tmp_path / "a.json", rows)
    found, reader = read(tmp_path / "a.json")
    assert found == ["cc_net", "introduction"]
    assert reader.without_text == 4


def test_odd_characters_stay_readable(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one \xff\r\n\n two\x00\n")
    assert read(tmp_path / "a.txt")[0] == ["one \ufffd", " two\x00"]
    (tmp_path / "a.jsonl").write_text('{"text": "half \\ud83d pair"}')
    assert read(tmp_path / "a.jsonl")[0] == ["half ? pair"]


def test_batches_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "BATCH_BYTES", 100)
    rows = [{"text": "x" * 40} for _ in range(30)]
    write_parquet(tmp_path / "a.parquet", rows)
    write_json(tmp_path / "b.jsonl", rows)
    batches = list(TextReader("en").read(text_files([str(tmp_path)])))
    assert sum(map(len, batches)) == 60
    assert max(map(len, batches)) <= 3
    assert [len(batch) for batch in batches_of(["x" * 40] * 7 + [""])] == [3, 3, 1]


def test_progress_adds_up_to_the_files(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", [{"text": "one"}, {"text": "two"}])
    write_json(tmp_path / "b.jsonl", [{"text": "three"}])
    seen = []
    files = text_files([str(tmp_path)])
    list(TextReader("en", None, lambda count, size: seen.append((count, size))).read(files))
    assert (sum(c for c, _ in seen), sum(s for _, s in seen)) == (3, sum(file.size for file in files))


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.parquet", b"PAR1 and more", "not readable as Parquet"),
        ("a.txt.gz", b"plain", "not readable after line 0"),
        ("a.txt.gz", gzip.compress(b"line\n" * 9000)[:-20], "not readable after line"),
        ("a.txt.gz", gzip.compress(b"line\n" * 9000)[:20] + b"\xff" * 40, "not readable after line"),
        ("a.jsonl", b'{"text": "one"}\n{"text": \n', "line 2: not JSON"),
        ("a.csv", b"text\n", "no reader for this kind of file"),
    ],
)
def test_damaged_files(tmp_path: Path, name: str, content: bytes, fault: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=fault) as error:
        read(tmp_path / name)
    assert str(error.value).startswith(str(tmp_path / name))


def test_parquet_without_texts(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", [{"url": "http://a"}])
    with pytest.raises(UserError, match="no column `text`"):
        read(tmp_path / "a.parquet")


def test_output_of_a_filter_run_stands_for_its_documents(tmp_path: Path) -> None:
    for folder, text in (("documents", "kept"), ("dropped", "not read")):
        (tmp_path / folder).mkdir()
        write_parquet(tmp_path / folder / "part-00000.parquet", [{"text": text}])
    (tmp_path / "run.json").write_text(json.dumps({"format": "llama-corpus documents"}))
    (tmp_path / "stats.json").write_text("{}")
    assert read(tmp_path)[0] == ["kept"]


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        text_files([str(tmp_path / "none.txt")])
