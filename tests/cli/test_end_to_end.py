"""Real WET shards to text from a trained model, through the installed console script."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from console import fail, succeed
from sentencepiece import SentencePieceProcessor
from shard_fixtures import write_shards

from tokenizer.shards import Manifest, read_shard

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def path(shared_data: Path, language_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents, tokenizer, shards and a run of 50 steps, made by five commands."""
    out = tmp_path_factory.mktemp("path")
    wet, lm = shared_data / "data/web/wet", shared_data / "golden/lm"
    succeed("filter", "commoncrawl", wet, "--out", out / "documents", "--models", lm, "--workers", 2)
    sample = ["--vocab-size", 2000, "--sample-bytes", 2_000_000]
    succeed("tokenizer", "train", out / "documents", "--out", out / "tokenizer", *sample)
    tokenizer = out / "tokenizer/tokenizer.model"
    succeed("tokenize", out / "documents", "--tokenizer", tokenizer, "--out", out / "shards")
    run = ["--shards", out / "shards", "--out", out / "run", "--size", "demo", "--steps", 50, "--device", "cpu"]
    succeed("train", *run, timeout=600)
    return out


def test_llama1_keeps_english_of_the_better_two_thirds(path: Path) -> None:
    documents = pq.read_table(path / "documents/documents").to_pylist()
    assert {row["language"] for row in documents} == {"en"}
    assert {row["bucket"] for row in documents} == {"head", "middle"}
    stats = json.loads(succeed("stats", path / "documents", "--json"))
    assert stats["documents"] == len(documents) == 172
    assert json.loads(succeed("verify", path / "documents", "--json"))["problems"] == []


def test_tokens_are_what_sentencepiece_gives_on_every_document(path: Path) -> None:
    processor = SentencePieceProcessor(model_file=str(path / "tokenizer/tokenizer.model"))
    documents = pq.read_table(path / "documents/documents", columns=["id", "text"]).to_pylist()
    want = {row["id"]: [1, *processor.encode(row["text"]), 2] for row in documents}
    manifest = Manifest.load(path / "shards")
    got = {}
    for source, shards in manifest.sources.items():
        for shard in shards.shards:
            reader = read_shard(path / "shards" / shard.path, manifest.schema(source), shard)
            for number in range(len(reader.batch_starts) - 1):
                batch = reader.record_batch(number)
                got.update(zip(batch["id"].to_pylist(), batch["tokens"].to_pylist(), strict=True))
    assert got == want
    assert manifest.total.tokens == sum(map(len, want.values()))
    assert json.loads(succeed("verify", path / "shards", "--json"))["problems"] == []


def test_the_loss_falls_and_text_comes_out(path: Path) -> None:
    rows = [json.loads(line) for line in (path / "run/metrics.jsonl").read_text().splitlines()]
    assert len(rows) == 50
    assert abs(rows[0]["loss"] - 7.6) < 0.3  # ln 2000
    assert rows[-1]["loss"] < rows[0]["loss"] - 1
    [made] = json.loads(succeed("generate", path / "run", "--prompt", "The", "--max-tokens", 20, "--json"))
    assert made["prompt"] == "The"
    assert 0 < made["tokens"] <= 20


def test_every_command_says_when_there_is_nothing_to_do(path: Path, shared_data: Path) -> None:
    wet, lm = shared_data / "data/web/wet", shared_data / "golden/lm"
    assert "already complete" in succeed("filter", "commoncrawl", wet, "--out", path / "documents", "--models", lm)
    tokenizer = path / "tokenizer/tokenizer.model"
    again = ["tokenize", path / "documents", "--tokenizer", tokenizer, "--out", path / "shards"]
    assert "already complete" in succeed(*again)
    run = ["--shards", path / "shards", "--out", path / "run", "--size", "demo", "--steps", 50, "--device", "cpu"]
    assert "already finished" in succeed("train", *run)


def test_what_does_not_fit_together_is_refused(path: Path, shared_data: Path, tmp_path: Path) -> None:
    unigram = shared_data / "golden/lm/en.sp.model"
    (path / "run/tokenizer.model").replace(path / "run/kept.model")
    (path / "run/tokenizer.model").write_bytes(unigram.read_bytes())
    assert "tokenizer" in fail("generate", path / "run", "--prompt", "The", code=1)
    (path / "run/kept.model").replace(path / "run/tokenizer.model")

    line = fail("tokenize", path / "documents", "--tokenizer", path / "shards/manifest.json", "--out", tmp_path, code=1)
    assert "manifest.json: not a sentencepiece model" in line
    assert "manifest.json: missing" in fail("train", "--shards", path / "documents", "--out", tmp_path / "run", code=1)
    assert "unknown model size 'huge'" in fail(
        "train", "--shards", path / "shards", "--out", tmp_path, "--size", "huge", code=2
    )


def test_nothing_kept_makes_no_shards_and_empty_shards_train_nothing(
    path: Path, shared_data: Path, tmp_path: Path
) -> None:
    wet, tokenizer = shared_data / "data/web/wet", path / "tokenizer/tokenizer.model"
    nothing = ["--recipe", "ccnet-exact", "--set", "read.min_length=1000000000", "--limit", 1]
    succeed("filter", "commoncrawl", wet, "--out", tmp_path / "documents", *nothing)
    tokenize = ["tokenize", tmp_path / "documents", "--tokenizer", tokenizer, "--out", tmp_path / "shards"]
    assert "hold no documents" in fail(*tokenize, code=1)
    write_shards(tmp_path / "empty", {"commoncrawl": []}, 32)
    assert "holds 0 tokens" in fail("train", "--shards", tmp_path / "empty", "--out", tmp_path / "run", code=1)
