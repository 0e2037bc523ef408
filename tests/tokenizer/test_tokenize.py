"""Tokenizing: every document's tokens, once, in shuffled shards that depend on documents, tokenizer and seed alone."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sentencepiece
from tokenizer_texts import code, english, strange, write_documents

from corpus.errors import UsageError, UserError
from corpus.identity import InputFile
from tokenizer import tokenize, tokenize_tasks
from tokenizer.document_order import SHUFFLE, keyed_hashes
from tokenizer.shards import Manifest, read_shard, verify_shards
from tokenizer.tokenize import groups, tokenize_documents

Document = tuple[str, str, str]


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    """Three sources, 760 documents, a few of them empty, one of 300 kB, two with the same id."""
    prose = "\n".join(english())
    found = [(f"books:{n}", prose[1500 * n : 1500 * (n + 1)], "books") for n in range(300)]
    found += [("books:long", prose[:300_000], "books"), ("books:7", "another with the id of an earlier one", "books")]
    found += [(f"github:{n}", text[-3000:], "github") for n, text in enumerate(code())]
    found += [(f"wikipedia:é{n}", "\n".join(strange(n, n % 30)), "wikipedia") for n in range(450)]
    return random.Random(0).sample(found, len(found))


@pytest.fixture(scope="module")
def inputs(documents: list[Document], tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("inputs")
    for number in range(5):
        write_documents(
            directory / f"part-{number}.parquet", documents[160 * number : 160 * (number + 1)], row_group=60
        )
    return directory


def read_rows(directory: Path) -> dict[str, list[tuple[str, list[int]]]]:
    """Every document of every source, (id, tokens), in the order of the shards."""
    manifest = Manifest.load(directory)
    rows: dict[str, list[tuple[str, list[int]]]] = {}
    for source, shards in manifest.sources.items():
        for shard in shards.shards:
            reader = read_shard(directory / shard.path, manifest.schema(source), shard)
            for batch in range(len(reader.batch_starts) - 1):
                record_batch = reader.record_batch(batch)
                pairs = zip(
                    record_batch.column("id").to_pylist(), record_batch.column("tokens").to_pylist(), strict=True
                )
                rows.setdefault(source, []).extend(pairs)
    return rows


def hashes_of(directory: Path) -> dict[str, str]:
    """What was made, by name; run.json names the inputs and is left out."""
    files = [*directory.glob("*/*.arrow"), directory / "manifest.json", directory / "tokenizer.model"]
    return {str(file.relative_to(directory)): hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(files)}


def expected_rows(model: Path, documents: Sequence[Document], seed: int = 0) -> dict[str, list[tuple[str, list[int]]]]:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
    rows: dict[str, list[tuple[int, str, list[int]]]] = {}
    for id_, text, source in documents:
        value = int(keyed_hashes(pa.array([id_]), seed, SHUFFLE)[0])
        rows.setdefault(source, []).append((value, id_, [1, *processor.encode(text), 2]))
    return {source: [row[1:] for row in sorted(found, key=lambda row: row[:2])] for source, found in rows.items()}


@pytest.fixture(scope="module")
def shards(inputs: Path, llama_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("shards")
    tokenize_documents([str(inputs)], llama_model, out, shard_tokens=50_000)
    return out


def test_every_document_has_sentencepieces_tokens(shards: Path, llama_model: Path, documents: list[Document]) -> None:
    # Equal ids stand in the order of the inputs, which sorting by hash and id alone keeps.
    assert read_rows(shards) == expected_rows(llama_model, documents)


def test_counts(shards: Path, documents: list[Document]) -> None:
    manifest = Manifest.load(shards)
    rows = read_rows(shards)
    for source, found in manifest.sources.items():
        assert found.documents == len(rows[source]) == sum(document[2] == source for document in documents)
        assert found.tokens == sum(len(tokens) for _, tokens in rows[source])
        assert found.bytes == sum(len(text.encode()) for _, text, name in documents if name == source)
    assert verify_shards(shards) == []


def test_shards_are_about_as_large_as_asked(shards: Path) -> None:
    manifest = Manifest.load(shards)
    books = manifest.sources["books"].shards
    long = max(len(tokens) for _, tokens in read_rows(shards)["books"])
    # One document is longer than a shard and takes the place of two.
    assert len(books) == -(-manifest.sources["books"].tokens // 50_000) - 1
    assert all(shard.tokens < 50_000 + long for shard in books)
    assert len(manifest.sources["github"].shards) == 1


def test_layout_of_the_directory(shards: Path, inputs: Path, llama_model: Path) -> None:
    assert sorted(path.name for path in shards.iterdir()) == [
        *("books", "github", "manifest.json", "run.json", "tasks", "tokenizer.model", "wikipedia")
    ]
    assert (shards / "tokenizer.model").read_bytes() == llama_model.read_bytes()
    run = json.loads((shards / "run.json").read_text())
    assert run["format"] == "llama-corpus token shards"
    assert [file["path"] for file in run["inputs"]] == [str(path) for path in sorted(inputs.iterdir())]
    # The runs are gone.
    assert not list((shards / "tasks").rglob("*.arrow"))


@pytest.mark.parametrize(("workers", "run_bytes", "group_bytes"), [(2, 128 << 20, 1), (1, 20_000, 1 << 30), (1, 1, 1)])
def test_same_bytes_whatever_the_work_is_parted_into(
    *,
    documents: list[Document],
    llama_model: Path,
    shards: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    workers: int,
    run_bytes: int,
    group_bytes: int,
) -> None:
    monkeypatch.setattr(tokenize, "MIN_GROUP_BYTES", group_bytes)
    monkeypatch.setattr(tokenize_tasks, "RUN_BYTES", run_bytes)
    for number, (first, last) in enumerate([(0, 1), (1, 400), (400, 400), (400, 760)]):
        write_documents(tmp_path / f"in/{number}.parquet", documents[first:last])
    tokenize_documents([str(tmp_path / "in")], llama_model, tmp_path / "out", shard_tokens=50_000, workers=workers)
    assert hashes_of(tmp_path / "out") == hashes_of(shards)


def test_a_seed_gives_another_order(inputs: Path, llama_model: Path, documents: list[Document], tmp_path: Path) -> None:
    tokenize_documents([str(inputs)], llama_model, tmp_path, seed=5)
    rows = read_rows(tmp_path)
    assert rows == expected_rows(llama_model, documents, seed=5)
    assert rows["wikipedia"] != expected_rows(llama_model, documents)["wikipedia"]
    assert Manifest.load(tmp_path).shuffle_seed == 5


@pytest.mark.parametrize(("bos", "eos"), [(False, True), (True, False), (False, False)])
def test_without_control_tokens(
    inputs: Path, llama_model: Path, shards: Path, tmp_path: Path, bos: bool, eos: bool
) -> None:
    tokenize_documents([str(inputs)], llama_model, tmp_path, add_bos=bos, add_eos=eos)
    assert (Manifest.load(tmp_path).tokenizer.add_bos, Manifest.load(tmp_path).tokenizer.add_eos) == (bos, eos)
    for source, rows in read_rows(shards).items():
        expected = [(id_, tokens[1 - bos : len(tokens) - 1 + eos]) for id_, tokens in rows]
        assert read_rows(tmp_path)[source] == expected
    assert verify_shards(tmp_path) == []


def test_summary(shards: Path, inputs: Path, llama_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    summary = tokenize_documents([str(inputs)], llama_model, shards, shard_tokens=50_000)
    found = summary.as_json()
    assert (found["tasks_run"], found["documents"]) == (0, 757)
    assert set(found["sources"]) == {"books", "github", "wikipedia"}
    assert found["sources"]["books"]["shards"] == len(list((shards / "books").iterdir()))
    assert json.loads(json.dumps(found)) == found
    summary.print()
    printed = capsys.readouterr().out
    assert "already complete" in printed
    assert f"{found['tokens']:,}" in printed


class TestContinuing:
    def test_after_a_failure(
        self, inputs: Path, llama_model: Path, shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        merge = tokenize_tasks.merge_runs
        merged = []

        def failing(paths: Any, wanted: Any, writer: Any) -> None:
            merged.append(wanted)
            if len(merged) == 3:
                raise OSError("pulled the plug")
            merge(paths, wanted, writer)

        monkeypatch.setattr(tokenize_tasks, "merge_runs", failing)
        with pytest.raises(OSError, match="pulled the plug"):
            tokenize_documents([str(inputs)], llama_model, tmp_path, shard_tokens=50_000)
        assert not (tmp_path / "manifest.json").exists()
        summary = tokenize_documents([str(inputs)], llama_model, tmp_path, shard_tokens=50_000)
        assert summary.tasks is not None
        assert summary.tasks.tasks_reused == 4  # encode, ranges, and the two shards that were merged
        assert hashes_of(tmp_path) == hashes_of(shards)

    def test_a_lost_shard_is_made_again(self, inputs: Path, llama_model: Path, tmp_path: Path) -> None:
        tokenize_documents([str(inputs)], llama_model, tmp_path, shard_tokens=50_000)
        before = hashes_of(tmp_path)
        (tmp_path / "books/shard-00001.arrow").unlink()
        tokenize_documents([str(inputs)], llama_model, tmp_path, shard_tokens=50_000)
        assert hashes_of(tmp_path) == before

    def test_other_settings_replace_the_result(
        self, inputs: Path, llama_model: Path, shards: Path, tmp_path: Path
    ) -> None:
        tokenize_documents([str(inputs)], llama_model, tmp_path, shard_tokens=20_000)
        assert len(hashes_of(tmp_path)) > len(hashes_of(shards))
        tokenize_documents([str(inputs)], llama_model, tmp_path, shard_tokens=50_000)
        assert hashes_of(tmp_path) == hashes_of(shards)
        assert verify_shards(tmp_path) == []

    @pytest.mark.slow
    def test_after_kills_at_any_moment(self, inputs: Path, llama_model: Path, shards: Path, tmp_path: Path) -> None:
        program = (
            "import sys; from pathlib import Path; from tokenizer.tokenize import tokenize_documents\n"
            "if __name__ == '__main__':\n"
            "    documents, model, out = sys.argv[1:]\n"
            "    tokenize_documents([documents], Path(model), Path(out), shard_tokens=50_000, workers=2)\n"
        )
        (tmp_path / "job.py").write_text(program)
        command = [sys.executable, str(tmp_path / "job.py"), str(inputs), str(llama_model), str(tmp_path / "out")]
        chance = random.Random(1)
        environment = {**os.environ, "PYTHONPATH": str(Path(tokenize.__file__).parents[1])}
        for _ in range(6):
            process = subprocess.Popen(command, env=environment, start_new_session=True)
            time.sleep(chance.uniform(0.8, 3.5))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        subprocess.run(command, check=True, env=environment)
        assert hashes_of(tmp_path / "out") == hashes_of(shards)


class TestRefusals:
    @pytest.mark.parametrize("source", ["", "a/b", "tasks", "..", ".hidden", "mit leer"])
    def test_source_that_names_no_folder(self, llama_model: Path, tmp_path: Path, source: str) -> None:
        write_documents(tmp_path / "a.parquet", [("x", "text", source)])
        with pytest.raises(UserError, match=r"a\.parquet: .* cannot name a folder"):
            tokenize_documents([str(tmp_path / "a.parquet")], llama_model, tmp_path / "out")

    def test_text_that_is_not_utf8(self, llama_model: Path, tmp_path: Path) -> None:
        text = pa.array([b"caf\xe9"], pa.large_binary()).view(pa.large_string())
        pq.write_table(pa.table({"text": text}), tmp_path / "a.parquet")
        with pytest.raises(UserError, match=r"a\.parquet: a text is not valid UTF-8"):
            tokenize_documents([str(tmp_path / "a.parquet")], llama_model, tmp_path / "out")

    def test_no_documents(self, llama_model: Path, tmp_path: Path) -> None:
        write_documents(tmp_path / "a.parquet", [])
        with pytest.raises(UserError, match="hold no documents"):
            tokenize_documents([str(tmp_path / "a.parquet")], llama_model, tmp_path / "out")

    def test_tokenizer_without_eos(self, make_model: Callable[..., Path], inputs: Path, tmp_path: Path) -> None:
        model = make_model(english()[:20], 400, hard_vocab_limit=False, eos_id=-1)
        with pytest.raises(UserError, match="has no EOS; use --no-eos"):
            tokenize_documents([str(inputs)], model, tmp_path)
        assert tokenize_documents([str(inputs)], model, tmp_path, add_eos=False).manifest.tokenizer.eos_id == -1

    def test_other_file_as_tokenizer(self, inputs: Path, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="not a sentencepiece model"):
            tokenize_documents([str(inputs)], inputs / "part-0.parquet", tmp_path)

    @pytest.mark.parametrize(
        ("settings", "fault"), [({"shard_tokens": 0}, "--shard-tokens"), ({"seed": -1}, "seed -1")]
    )
    def test_senseless_settings(
        self, inputs: Path, llama_model: Path, tmp_path: Path, settings: Any, fault: str
    ) -> None:
        with pytest.raises(UsageError, match=fault):
            tokenize_documents([str(inputs)], llama_model, tmp_path, **settings)


def test_sources_given_by_name(llama_model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\n{"text": "two", "source": "c4"}\n')
    tokenize_documents([str(tmp_path / "a.jsonl")], llama_model, tmp_path / "out", source="notes")
    rows = read_rows(tmp_path / "out")
    assert {source: [id_ for id_, _ in found] for source, found in rows.items()} == {
        "notes": ["a.jsonl:0"],
        "c4": ["a.jsonl:1"],
    }


def test_a_tokenizer_of_another_kind(make_model: Callable[..., Path], tmp_path: Path) -> None:
    """What gigatoken does not encode goes through sentencepiece."""
    model = make_model(english()[:40], 600, hard_vocab_limit=False, model_type="unigram")
    documents = [(str(n), text[:500], "books") for n, text in enumerate(english()[:50])]
    write_documents(tmp_path / "a.parquet", documents)
    tokenize_documents([str(tmp_path / "a.parquet")], model, tmp_path / "out")
    assert read_rows(tmp_path / "out") == expected_rows(model, documents)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([5], [[5]]),
        ([10, 10, 10], [[10, 10], [10]]),
        ([30, 1, 1], [[30], [1, 1]]),
        ([0, 0, 25, 0], [[0, 0, 25], [0]]),
    ],
)
def test_groups_of_files(monkeypatch: pytest.MonkeyPatch, sizes: list[int], expected: list[list[int]]) -> None:
    monkeypatch.setattr(tokenize, "MIN_GROUP_BYTES", 20)
    files = [InputFile(str(number), size, "") for number, size in enumerate(sizes)]
    assert [[file.size for file in group] for group in groups(files)] == expected


def test_there_are_never_too_many_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenize, "MIN_GROUP_BYTES", 20)
    files = [InputFile(str(number), 1000, "") for number in range(10_000)]
    assert len(groups(files)) <= tokenize.MAX_GROUPS
    assert Counter(file.path for group in groups(files) for file in group) == Counter(file.path for file in files)
