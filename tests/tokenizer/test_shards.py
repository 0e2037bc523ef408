"""Token shards: what is written is what is read, and the file does not depend on how documents were appended."""

import hashlib
import json
import subprocess
import sys
from itertools import chain, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shard_fixtures import write_shards

from tokenizer.shards import Manifest, Shard, ShardReader, ShardSchema, ShardWriter, TokenizerInfo, read_shard
from tokenizer.shards.verification import verify_shards

INFO = TokenizerInfo(sha256="0" * 64, vocab_size=32000, bos_id=1, eos_id=2)
SCHEMA = ShardSchema("c4", 7, INFO)
documents_of = st.lists(st.lists(st.integers(3, 31999), max_size=12), max_size=20)


def with_controls(documents: list[list[int]]) -> list[list[int]]:
    return [[1, *tokens, 2] for tokens in documents]


def append(writer: ShardWriter, documents: list[list[int]], first: int = 0) -> None:
    rows = with_controls(documents)
    offsets = np.cumsum([0] + [len(row) for row in rows])
    ids = pa.array([f"d{first + row}" for row in range(len(rows))], pa.string())
    writer.append(np.array(list(chain(*rows)), dtype=np.uint32), offsets, ids, text_bytes=4 * len(rows))


def read_documents(reader: ShardReader) -> list[tuple[str, list[int]]]:
    batches = [reader.record_batch(index) for index in range(len(reader.batch_starts) - 1)]
    return [
        (id_, tokens)
        for batch in batches
        for id_, tokens in zip(batch["id"].to_pylist(), batch["tokens"].to_pylist(), strict=True)
    ]


@given(documents=documents_of, cuts=st.lists(st.integers(0, 20), max_size=4), batch_tokens=st.integers(1, 60))
def test_round_trip_and_bytes_independent_of_grouping(
    documents: list[list[int]], cuts: list[int], batch_tokens: int
) -> None:
    with TemporaryDirectory() as folder:
        whole, pieces = Path(folder, "shard-00000.arrow"), Path(folder, "pieces")
        writer = ShardWriter(whole, SCHEMA, batch_tokens=batch_tokens)
        append(writer, documents)
        shard = writer.close()
        writer = ShardWriter(pieces, SCHEMA, batch_tokens=batch_tokens)
        edges = [0, *sorted(min(cut, len(documents)) for cut in cuts), len(documents)]
        for start, stop in pairwise(edges):
            append(writer, documents[start:stop], first=start)
        writer.close()
        assert whole.read_bytes() == pieces.read_bytes()
        rows = with_controls(documents)
        digest = hashlib.sha256(whole.read_bytes()).hexdigest()
        assert shard == Shard(
            "c4/shard-00000.arrow", sum(map(len, rows)), len(rows), 4 * len(rows), whole.stat().st_size, digest
        )
        reader = read_shard(whole, SCHEMA, shard)
        assert read_documents(reader) == [(f"d{row}", tokens) for row, tokens in enumerate(rows)]
        flat = [reader.batch_tokens(index) for index in range(len(reader.batch_starts) - 1)]
        assert [token for tokens in flat for token in tokens.tolist()] == list(chain(*rows))


def test_record_batch_ends_with_the_document_that_fills_it(tmp_path: Path) -> None:
    writer = ShardWriter(tmp_path / "s.arrow", SCHEMA, batch_tokens=20)
    # Each costs 3 tokens + 2 bytes of id + 1: the fourth reaches 20.
    append(writer, [[5]] * 9)
    reader = read_shard(tmp_path / "s.arrow", SCHEMA, writer.close())
    assert reader.batch_starts.tolist() == [0, 12, 24, 27]


def test_file_is_plain_uncompressed_arrow(tmp_path: Path) -> None:
    writer = ShardWriter(tmp_path / "s.arrow", SCHEMA)
    append(writer, [[5, 6], [], [7]])
    writer.close()
    table = pa.ipc.open_file(pa.memory_map(str(tmp_path / "s.arrow"))).read_all()
    assert table.schema.field("tokens").type == pa.large_list(pa.uint16())
    assert table.schema.field("id").type == pa.string()
    assert table.to_pydict() == {"tokens": [[1, 5, 6, 2], [1, 2], [1, 7, 2]], "id": ["d0", "d1", "d2"]}
    assert json.loads(table.schema.metadata[b"llama_corpus"]) == {
        "format": "llama-corpus-shards",
        "version": 1,
        "dtype": "uint16",
        "source": "c4",
        "shuffle_seed": 7,
        "tokenizer": {
            "file": "tokenizer.model",
            "sha256": "0" * 64,
            "vocab_size": 32000,
            "bos_id": 1,
            "eos_id": 2,
            "add_bos": True,
            "add_eos": True,
        },
    }
    assert np.array([1, 5, 6, 2, 1, 2, 1, 7, 2], dtype="<u2").tobytes() in (tmp_path / "s.arrow").read_bytes()


def test_views_are_of_the_mapping_and_survive_release(tmp_path: Path) -> None:
    manifest = write_shards(tmp_path, {"c4": [[5, 6]] * 10}, 32000, batch_tokens=12)
    reader = read_shard(tmp_path / "c4/shard-00000.arrow", manifest.schema("c4"), manifest.sources["c4"].shards[0])
    view = reader.batch_tokens(1)
    assert not view.flags.owndata
    assert not view.flags.writeable
    reader.release()
    assert view.tolist() == reader.batch_tokens(1).tolist() == [1, 5, 6, 2] * 2


@given(first=st.integers(0, 79), count=st.integers(0, 80))
def test_read_crosses_record_batches(first: int, count: int) -> None:
    with TemporaryDirectory() as folder:
        directory = Path(folder)
        manifest = write_shards(directory, {"c4": [[d + 3, 99] for d in range(20)]}, 32000, batch_tokens=12)
        reader = read_shard(directory / "c4/shard-00000.arrow", manifest.schema("c4"), manifest.sources["c4"].shards[0])
        stream = [token for d in range(20) for token in (1, d + 3, 99, 2)]
        out = np.zeros(min(count, 80 - first), dtype=np.int64)
        reader.read(first, out)
        assert out.tolist() == stream[first : first + len(out)]


@pytest.mark.parametrize(("vocab_size", "dtype"), [(65536, "uint16"), (65537, "uint32"), (200_000, "uint32")])
def test_id_width_follows_the_vocabulary(tmp_path: Path, vocab_size: int, dtype: str) -> None:
    manifest = write_shards(tmp_path, {"c4": [[vocab_size - 1, 3], []]}, vocab_size)
    assert manifest == Manifest.load(tmp_path)
    assert json.loads((tmp_path / "manifest.json").read_text())["dtype"] == dtype
    reader = read_shard(tmp_path / "c4/shard-00000.arrow", manifest.schema("c4"), manifest.sources["c4"].shards[0])
    assert reader.batch_tokens(0).dtype == dtype
    assert reader.batch_tokens(0).tolist() == [1, vocab_size - 1, 3, 2, 1, 2]
    assert verify_shards(tmp_path) == []


def test_documents_without_any_token(tmp_path: Path) -> None:
    manifest = write_shards(tmp_path, {"c4": [[], [5], []], "books": []}, 32000, add_bos=False, add_eos=False)
    assert manifest == Manifest.load(tmp_path)
    assert verify_shards(tmp_path) == []
    reader = read_shard(tmp_path / "c4/shard-00000.arrow", manifest.schema("c4"), manifest.sources["c4"].shards[0])
    assert read_documents(reader) == [("c4-0", []), ("c4-1", [5]), ("c4-2", [])]


@pytest.mark.parametrize(
    ("tokens", "offsets", "ids", "fault"),
    [
        ([1, 32000, 2], [0, 3], ["a"], "outside the vocabulary"),
        ([1, -1, 2], [0, 3], ["a"], "outside the vocabulary"),
        ([5, 2], [0, 2], ["a"], "does not begin with BOS"),
        ([1, 5], [0, 2], ["a"], "does not end with EOS"),
        ([1, 2], [0, 2, 2], ["a", "b"], "too short"),
        ([1, 2], [0, 2], ["a", "b"], "2 ids for 1 documents"),
        ([1, 2], [0, 2], [None], "1 ids for 1 documents"),
        ([1, 2], [0, 3], ["a"], "do not rise within the 2 tokens"),
        ([1, 2, 1, 2], [0, 4, 2, 4], ["a", "b", "c"], "do not rise"),
    ],
)
def test_writer_refuses_what_is_no_document(
    tmp_path: Path, tokens: list[int], offsets: list[int], ids: list[str], fault: str
) -> None:
    writer = ShardWriter(tmp_path / "s.arrow", SCHEMA)
    with pytest.raises(ValueError, match=fault):
        writer.append(np.array(tokens), np.array(offsets), pa.array(ids, pa.string()), text_bytes=1)


def test_manifest_text(tmp_path: Path) -> None:
    manifest = write_shards(tmp_path, {"c4": [[5, 6], []], "arxiv": [[7]]}, 32000, shuffle_seed=3)
    text = (tmp_path / "manifest.json").read_text()
    assert hashlib.sha256(text.encode()).hexdigest() == manifest.sha256
    data = json.loads(text)
    assert text == json.dumps(data, indent=2, sort_keys=True) + "\n"
    assert (data["format"], data["version"], data["shuffle_seed"]) == ("llama-corpus-shards", 1, 3)
    assert data["total"] == {"tokens": 9, "documents": 3, "bytes": 9, "bytes_per_token": 1.0}
    assert data["sources"]["c4"]["shards"][0].keys() == {"path", "tokens", "documents", "bytes", "file_bytes", "sha256"}
    assert [manifest.vocab_size, manifest.bos_id, manifest.eos_id] == [32000, 1, 2]
    assert manifest.tokenizer_sha256 == hashlib.sha256((tmp_path / "tokenizer.model").read_bytes()).hexdigest()
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_shards_need_only_numpy_and_pyarrow() -> None:
    code = (
        "import sys, tokenizer.shards; "
        "print(*sorted({m.split('.')[0] for m in sys.modules} & {'torch', 'sentencepiece', 'gigatoken', 'kernels'}))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""
