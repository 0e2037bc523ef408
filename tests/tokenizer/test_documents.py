"""Documents as they may be handed in: outputs of filter runs, Parquet, JSON Lines; and what is refused."""

import bz2
import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tokenizer_texts import write_documents

from corpus.errors import UserError
from corpus.identity import identify
from tokenizer import documents
from tokenizer.documents import SCHEMA, by_source, document_files, read_documents


def rows(path: Path, source: str = "documents") -> list[tuple[str, str, str]]:
    found = []
    for batch, _ in read_documents(identify(str(path)), source):
        assert batch.schema == SCHEMA
        found += [(row["id"], row["text"], row["source"]) for row in batch.to_pylist()]
    return found


def names(given: Iterable[str], root: Path) -> list[str]:
    return [str(Path(file.path).relative_to(root)) for file in document_files(given)]


def filter_output(directory: Path, *, finished: bool = True) -> Path:
    """A directory as `filter` leaves it, with a document kept and one dropped."""
    write_documents(directory / "documents/part-00000.parquet", [("a", "kept", "c4")])
    write_documents(directory / "dropped/part-00000.parquet", [("b", "dropped", "c4")])
    (directory / "tasks").mkdir()
    if finished:
        outputs = [{"path": f"{folder}/part-00000.parquet"} for folder in ("documents", "dropped")]
        run = {"format": "llama-corpus documents", "outputs": outputs}
        (directory / "run.json").write_text(json.dumps(run))
        (directory / "stats.json").write_text("{}")
    return directory


class TestFiles:
    def test_a_filter_output_stands_for_its_documents(self, tmp_path: Path) -> None:
        filter_output(tmp_path / "c4")
        assert names([str(tmp_path / "c4")], tmp_path) == ["c4/documents/part-00000.parquet"]

    def test_filter_outputs_and_files_below_a_directory(self, tmp_path: Path) -> None:
        filter_output(tmp_path / "all/c4")
        filter_output(tmp_path / "all/books")
        write_documents(tmp_path / "all/extra.parquet", [("x", "y", "z")])
        (tmp_path / "all/notes.txt").write_text("no documents")
        expected = [
            "all/books/documents/part-00000.parquet",
            "all/c4/documents/part-00000.parquet",
            "all/extra.parquet",
        ]
        assert names([str(tmp_path / "all")], tmp_path) == expected

    def test_lists_globs_and_repeats(self, tmp_path: Path) -> None:
        for name in ("b", "a"):
            write_documents(tmp_path / f"{name}.parquet", [("x", "y", "z")])
        filter_output(tmp_path / "c4")
        (tmp_path / "list.txt").write_text(f"{tmp_path}/c4\n# no more\n\n{tmp_path}/a.parquet\n")
        given = [f"@{tmp_path}/list.txt", f"{tmp_path}/*.parquet", f"{tmp_path}/b.parquet"]
        assert names(given, tmp_path) == ["a.parquet", "b.parquet", "c4/documents/part-00000.parquet"]

    def test_an_unfinished_filter_is_refused(self, tmp_path: Path) -> None:
        filter_output(tmp_path / "all/c4", finished=False)
        with pytest.raises(UserError, match=r"c4: its filter run has not finished; run the same command again"):
            document_files([str(tmp_path / "all")])

    def test_an_empty_directory_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="holds no documents"):
            document_files([str(tmp_path)])


class TestParquet:
    def test_row_groups_and_sources(self, tmp_path: Path) -> None:
        written = [(f"id{n}", "text " * n, "c4" if n % 2 else "books") for n in range(30)]
        assert rows(write_documents(tmp_path / "a.parquet", written, row_group=7)) == written

    def test_bytes_read_add_up(self, tmp_path: Path) -> None:
        file = identify(str(write_documents(tmp_path / "a.parquet", [(str(n), "text", "c4") for n in range(30)], 7)))
        consumed = [done for _, done in read_documents(file, "documents")]
        assert consumed == sorted(consumed)
        assert consumed[-1] == file.size

    def test_large_row_groups_come_in_parts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(documents, "BATCH_BYTES", 1000)
        path = write_documents(tmp_path / "a.parquet", [(str(n), f"{n:0100}", "c4") for n in range(200)])
        sizes = [batch.num_rows for batch, _ in read_documents(identify(str(path)), "documents")]
        assert max(sizes) <= 20
        assert sum(sizes) == 200

    def test_only_text_is_needed(self, tmp_path: Path) -> None:
        pq.write_table(pa.table({"score": [1, 2], "text": ["one", "two"]}), tmp_path / "a.parquet")
        assert rows(tmp_path / "a.parquet", "notes") == [
            ("a.parquet:0", "one", "notes"),
            ("a.parquet:1", "two", "notes"),
        ]

    def test_other_types(self, tmp_path: Path) -> None:
        columns = {"id": [7, 8], "text": pa.array(["x", "x"]).dictionary_encode(), "source": pa.array(["a", None])}
        pq.write_table(pa.table(columns), tmp_path / "a.parquet")
        assert rows(tmp_path / "a.parquet", "notes") == [("7", "x", "a"), ("8", "x", "notes")]

    @pytest.mark.parametrize(
        ("columns", "fault"),
        [
            ({"body": ["x"]}, r"no column `text` of text \(body: string\)"),
            ({"text": pa.array(["x", None])}, "a document has no text"),
            ({"text": ["x", "y"], "id": pa.array(["1", None])}, "a document has no id"),
            ({"text": [["x"]]}, "no column `text` of text"),
        ],
    )
    def test_unusable_columns(self, tmp_path: Path, columns: dict[str, Any], fault: str) -> None:
        pq.write_table(pa.table(columns), tmp_path / "a.parquet")
        with pytest.raises(UserError, match=rf"a\.parquet: {fault}"):
            rows(tmp_path / "a.parquet")

    def test_damage(self, tmp_path: Path) -> None:
        path = write_documents(tmp_path / "a.parquet", [(str(n), f"text {n * n}", "c4") for n in range(5000)])
        content = bytearray(path.read_bytes())
        content[len(content) // 3 : len(content) // 2] = bytes(len(content) // 2 - len(content) // 3)
        for damaged in (content, content[:-10], b"", b"text"):
            path.write_bytes(damaged)
            with pytest.raises(UserError, match=r"a\.parquet: not readable as Parquet"):
                rows(path)


class TestJsonLines:
    lines = (
        json.dumps({"id": "a", "text": "one\ntwo", "source": "c4"}),
        json.dumps({"id": 2, "text": "é", "extra": [1]}, ensure_ascii=False),
        "",
        json.dumps({"id": "c", "text": ""}),
    )
    documents = (("a", "one\ntwo", "c4"), ("2", "é", "notes"), ("c", "", "notes"))

    @pytest.mark.parametrize("suffix", ["", ".gz", ".bz2", ".zst"])
    def test_compressions(self, tmp_path: Path, suffix: str) -> None:
        content = "\n".join(self.lines).encode()
        path = tmp_path / f"a.jsonl{suffix}"
        if suffix == ".gz":  # in two members, as tools that append leave it
            path.write_bytes(gzip.compress(content[:40]) + gzip.compress(content[40:]))
        elif suffix == ".bz2":
            path.write_bytes(bz2.compress(content))
        elif suffix == ".zst":
            path.write_bytes(pa.Codec("zstd").compress(content, asbytes=True))
        else:
            path.write_bytes(content)
        assert rows(path, "notes") == list(self.documents)

    def test_documents_without_ids_are_named_by_place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(documents, "BATCH_BYTES", 10)
        (tmp_path / "a.json").write_text('{"text": "x"}\n\n{"text": "y"}\n')
        assert rows(tmp_path / "a.json", "notes") == [("a.json:0", "x", "notes"), ("a.json:1", "y", "notes")]

    @pytest.mark.parametrize(
        ("content", "fault"),
        [
            (b'{"text": "x"}\n{"text": ', "line 2: not JSON"),
            (b'{"text": "x"}\nnull\n', "line 2: no field `text`"),
            (b'{"body": "x"}\n', "line 1: no field `text`"),
            (b'{"text": 5}\n', "line 1: no field `text`"),
            (b'{"text": "\xff"}\n', "line 1: not JSON"),
            (b'{"text": "\\ud800"}\n', "line 1: the text has half of a surrogate pair"),
            (b'{"text": "x", "id": "1"}\n{"text": "x"}\n', "a document has no id"),
        ],
    )
    def test_faults(self, tmp_path: Path, content: bytes, fault: str) -> None:
        (tmp_path / "a.jsonl").write_bytes(content)
        with pytest.raises(UserError, match=f"a.jsonl.*{fault}"):
            rows(tmp_path / "a.jsonl")

    def test_truncated_gzip(self, tmp_path: Path) -> None:
        (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"text": "x"}\n' * 1000)[:-20])
        with pytest.raises(UserError, match=r"a\.jsonl\.gz: not readable after line"):
            rows(tmp_path / "a.jsonl.gz")


def test_parting_by_source_keeps_the_order() -> None:
    columns = [pa.array(list("abcde")), pa.array(list("vwxyz"), pa.large_string()), pa.array(["p", "q", "p", "r", "q"])]
    parts = by_source(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
    assert [(part.column("source")[0].as_py(), part.column("id").to_pylist()) for part in parts] == [
        ("p", ["a", "c"]),
        ("q", ["b", "e"]),
        ("r", ["d"]),
    ]
    assert by_source(pa.RecordBatch.from_pylist([], SCHEMA)) == []
