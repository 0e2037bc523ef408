"""Shard directories that are not what they claim: each is refused with one line saying what to do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from shard_fixtures import write_shards

from corpus.errors import UserError
from tokenizer.shards import Manifest, read_shard, verify_shards

SHARD = "c4/shard-00000.arrow"


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    write_shards(tmp_path / "shards", {"c4": [[5, 6], [7]] * 20, "books": [[8] * 9] * 3}, 32000, batch_tokens=16)
    return tmp_path / "shards"


def refusal(directory: Path) -> str:
    with pytest.raises(UserError) as caught:
        Manifest.load(directory)
    message = str(caught.value)
    assert "\n" not in message
    assert "; " in message
    return message


def edit(directory: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = directory / "manifest.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def test_no_directory(tmp_path: Path) -> None:
    assert "no such directory; make token shards with `llama-corpus tokenize`" in refusal(tmp_path / "nowhere")


def test_no_manifest(shards: Path) -> None:
    (shards / "manifest.json").unlink()
    assert "no token shards there; make them with `llama-corpus tokenize`" in refusal(shards)
    (shards / "tasks").mkdir()
    assert "`tokenize` has not finished there; run the same command again" in refusal(shards)


@pytest.mark.parametrize("text", ["", "{", "\x00", "[1]", "{}"])
def test_unreadable_manifest(shards: Path, text: str) -> None:
    (shards / "manifest.json").write_text(text)
    assert str(shards / "manifest.json") in refusal(shards)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda data: data.update(format="other"), "format 'other' version 1"),
        (lambda data: data.update(version=2), "version 2, this program reads 'llama-corpus-shards' version 1"),
        (lambda data: data.update(dtype="uint32"), "do not agree"),
        (lambda data: data["total"].update(tokens=5), "do not agree"),
        (lambda data: data["sources"]["c4"].update(documents=5), "do not agree"),
        (lambda data: data.update(extra=1), "do not agree"),
        (lambda data: data["tokenizer"].update(vocab_size="32000"), "no int"),
        (lambda data: data["tokenizer"].pop("bos_id"), "must hold exactly"),
        (lambda data: data["sources"]["c4"]["shards"][0].pop("sha256"), "must hold exactly"),
        (lambda data: data["sources"]["c4"]["shards"][0].update(path="../c4/shard-00000.arrow"), "does not lie in"),
        (lambda data: data["sources"]["c4"]["shards"][0].update(path="/etc/passwd"), "does not lie in"),
        (lambda data: data.pop("sources"), "malformed"),
        (lambda data: data.update(sources=[1]), "malformed"),
    ],
)
def test_edited_manifest(shards: Path, change: Callable[[dict[str, Any]], None], fault: str) -> None:
    edit(shards, change)
    assert fault in refusal(shards)


def test_missing_shard(shards: Path) -> None:
    (shards / SHARD).unlink()
    assert f"{shards / SHARD}: missing" in refusal(shards)
    assert any("cannot be read (No such file or directory)" in problem for problem in verify_shards(shards))


def test_truncated_shard(shards: Path) -> None:
    data = (shards / SHARD).read_bytes()
    (shards / SHARD).write_bytes(data[:-1])
    assert f"{len(data) - 1:,} bytes, the manifest says {len(data):,}" in refusal(shards)
    assert any("truncated" in problem for problem in verify_shards(shards))


def test_missing_and_other_tokenizer(shards: Path) -> None:
    (shards / "tokenizer.model").write_bytes(b"another")
    assert "this is another tokenizer" in refusal(shards)
    assert any("another tokenizer" in problem for problem in verify_shards(shards))
    (shards / "tokenizer.model").unlink()
    assert "copy the tokenizer of these shards there" in refusal(shards)


def test_shard_of_another_run(shards: Path, tmp_path: Path) -> None:
    """Same size, another shuffle seed: only the metadata inside tells."""
    write_shards(tmp_path / "other", {"c4": [[5, 6], [7]] * 20}, 32000, batch_tokens=16, shuffle_seed=1)
    shutil.copy(tmp_path / "other" / SHARD, shards / SHARD)
    assert "shuffle_seed is 1 in the shard but 0 in the manifest" in refusal(shards)
    assert any("shuffle_seed is 1" in problem for problem in verify_shards(shards))


def test_second_shard_is_compared_when_read(tmp_path: Path) -> None:
    documents = {"c4": [[5, 6]] * 4}
    manifest = write_shards(tmp_path / "shards", documents, 32000, documents_per_shard=2)
    write_shards(tmp_path / "other", documents, 32000, documents_per_shard=2, shuffle_seed=1)
    path = tmp_path / "shards/c4/shard-00001.arrow"
    shutil.copy(tmp_path / "other/c4/shard-00001.arrow", path)
    assert Manifest.load(tmp_path / "shards") == manifest
    with pytest.raises(UserError, match="shuffle_seed is 1 in the shard"):
        read_shard(path, manifest.schema("c4"), manifest.sources["c4"].shards[1])


def test_columns_of_another_type(shards: Path) -> None:
    manifest = Manifest.read(shards)
    schema = manifest.schema("c4").to_arrow()
    wrong = pa.schema([schema.field("id"), schema.field("tokens")], metadata=schema.metadata)
    with pa.OSFile(str(shards / SHARD), "wb") as file:
        pa.ipc.new_file(file, wrong).close()
    size = (shards / SHARD).stat().st_size
    edit(shards, lambda data: data["sources"]["c4"]["shards"][0].update(file_bytes=size))
    assert "columns are id: string, tokens: large_list<item: uint16>" in refusal(shards)


def test_arrow_file_that_is_no_shard(shards: Path) -> None:
    with pa.OSFile(str(shards / SHARD), "wb") as file:
        pa.ipc.new_file(file, pa.schema([("x", pa.int8())])).close()
    size = (shards / SHARD).stat().st_size
    edit(shards, lambda data: data["sources"]["c4"]["shards"][0].update(file_bytes=size))
    assert "does not describe a token shard" in refusal(shards)


def test_file_that_is_not_arrow(shards: Path) -> None:
    (shards / SHARD).write_bytes(b"x" * (shards / SHARD).stat().st_size)
    assert "not a readable Arrow file" in refusal(shards)
    assert any("not a readable Arrow file" in problem for problem in verify_shards(shards))


def test_counts_that_are_not_in_the_file(shards: Path) -> None:
    def move_a_token(data: dict[str, Any]) -> None:
        data["sources"]["c4"]["shards"][0]["tokens"] += 1
        for totals in (data["sources"]["c4"], data["total"]):
            totals["tokens"] += 1
            totals["bytes_per_token"] = totals["bytes"] / totals["tokens"]

    edit(shards, move_a_token)
    manifest = Manifest.load(shards)
    with pytest.raises(UserError, match=r"holds 140 tokens in 40 documents, the manifest says 141 in 40"):
        read_shard(shards / SHARD, manifest.schema("c4"), manifest.sources["c4"].shards[0])


def test_flipped_bit_is_found_by_its_hash(shards: Path) -> None:
    data = bytearray((shards / SHARD).read_bytes())
    place = data.index(bytes([1, 0, 5, 0, 6, 0, 2, 0]))
    data[place + 3] ^= 0x80  # the id 5 becomes 32,773
    (shards / SHARD).write_bytes(data)
    problems = verify_shards(shards)
    assert len(problems) == 2
    assert "SHA-256 is" in problems[0]
    assert "record batch 0: a token id lies outside the vocabulary of 32,000" in problems[1]


@pytest.mark.parametrize(("position", "fault"), [(0, "does not begin with BOS"), (6, "does not end with EOS")])
def test_lost_control_token(shards: Path, position: int, fault: str) -> None:
    data = bytearray((shards / SHARD).read_bytes())
    data[data.index(bytes([1, 0, 5, 0, 6, 0, 2, 0])) + position] = 9
    (shards / SHARD).write_bytes(data)
    assert any(fault in problem for problem in verify_shards(shards))


def test_unlisted_shard(shards: Path) -> None:
    shutil.copy(shards / SHARD, shards / "c4/shard-00009.arrow")
    assert verify_shards(shards) == [
        f"{shards / 'c4/shard-00009.arrow'}: not in the manifest; remove it or tokenize again"
    ]


def test_no_tokens(tmp_path: Path) -> None:
    write_shards(tmp_path, {"c4": [], "books": []}, 32000)
    assert "the shards hold no tokens" in refusal(tmp_path)


def test_verify_lists_every_problem(shards: Path) -> None:
    assert verify_shards(shards) == []
    (shards / "tokenizer.model").unlink()
    (shards / SHARD).unlink()
    (shards / "books/shard-00000.arrow").write_bytes(b"")
    problems = verify_shards(shards)
    assert len([problem for problem in problems if "tokenizer.model" in problem]) == 1
    assert len([problem for problem in problems if SHARD in problem]) == 1
    assert len([problem for problem in problems if "books" in problem]) == 2
