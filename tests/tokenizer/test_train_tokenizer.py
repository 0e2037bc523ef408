"""Training: LLaMA's settings, the same bytes every time, and clear answers to what cannot be."""

import hashlib
import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from tokenizer_texts import code, english, strange, write_documents

from corpus import memory
from corpus.errors import UsageError, UserError
from corpus.pipeline.own_process import in_own_process
from tokenizer import train
from tokenizer.train import TrainedTokenizer, train_tokenizer

# As printed from the tokenizer.model that LLaMA was released with.
RELEASED_TRAINER = {
    "model_type": 2,
    "vocab_size": 32000,
    "input_format": "text",
    "character_coverage": 0.99995,
    "input_sentence_size": 200_000_000,
    "shuffle_input_sentence": True,
    "seed_sentencepiece_size": 1_000_000,
    "shrinking_factor": 0.75,
    "max_sentence_length": 4192,
    "num_threads": 80,
    "num_sub_iterations": 2,
    "max_sentencepiece_length": 16,
    "split_by_unicode_script": True,
    "split_by_number": True,
    "split_by_whitespace": True,
    "split_digits": True,
    "treat_whitespace_as_suffix": False,
    "allow_whitespace_only_pieces": True,
    "required_chars": "",
    "byte_fallback": True,
    "vocabulary_output_piece_score": True,
    "hard_vocab_limit": True,
    "use_all_vocab": False,
    "self_test_sample_size": 0,
    "train_extremely_large_corpus": False,
    "enable_differential_privacy": False,
    "unk_id": 0,
    "bos_id": 1,
    "eos_id": 2,
    "pad_id": -1,
    "unk_piece": "<unk>",
    "bos_piece": "<s>",
    "eos_piece": "</s>",
    "unk_surface": " \u2047 ",
}
RELEASED_NORMALIZER = {
    "name": "identity",
    "precompiled_charsmap": b"",
    "add_dummy_prefix": True,
    "remove_extra_whitespaces": False,
    "escape_whitespaces": True,
    "normalization_rule_tsv": "",
}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of two files: prose as books and code as github."""
    directory = tmp_path_factory.mktemp("documents")
    prose, modules = "\n".join(english()), "\n".join(code())
    books = [(f"books:{n}", prose[2000 * n : 2000 * (n + 1)], "books") for n in range(len(prose) // 2000)]
    github = [(f"github:{n}", modules[2000 * n : 2000 * (n + 1)], "github") for n in range(len(modules) // 2000)]
    write_documents(directory / "a.parquet", books)
    write_documents(directory / "b.parquet", [*github, ("strange", "\n".join(strange(0, 500)), "github")])
    return directory


@pytest.fixture(scope="module")
def trained(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainedTokenizer:
    return train_tokenizer([str(documents)], tmp_path_factory.mktemp("trained"), vocab_size=2000, threads=1)


def test_settings_are_the_released_ones(trained: TrainedTokenizer) -> None:
    model_pb2 = pytest.importorskip("sentencepiece.sentencepiece_model_pb2")
    model = model_pb2.ModelProto.FromString((trained.directory / "tokenizer.model").read_bytes())
    found = {name: getattr(model.trainer_spec, name) for name in RELEASED_TRAINER}
    assert found == pytest.approx({**RELEASED_TRAINER, "vocab_size": 2000})
    assert {name: getattr(model.normalizer_spec, name) for name in RELEASED_NORMALIZER} == RELEASED_NORMALIZER
    # Nothing else is set that the released model leaves alone.
    others = {field.name for field, _ in model.trainer_spec.ListFields()} - set(RELEASED_TRAINER)
    assert not others
    assert len(model.pieces) == 2000


def test_behaves_as_llamas(trained: TrainedTokenizer) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(trained.directory / "tokenizer.model"))
    assert processor.encode("2023", out_type=str) == ["\u2581", "2", "0", "2", "3"]
    assert processor.encode("𝔘", out_type=str) == ["\u2581", "<0xF0>", "<0x9D>", "<0x94>", "<0x98>"]
    assert processor.encode("\n")[-1] == 13
    assert processor.decode(processor.encode("  two  spaces ")) == "  two  spaces "
    assert "\u2581" * 4 in [processor.id_to_piece(number) for number in range(2000)]


def test_record(trained: TrainedTokenizer, documents: Path) -> None:
    record = json.loads((trained.directory / "train.json").read_text())
    assert record == trained.record
    assert record["sha256"] == hashlib.sha256((trained.directory / "tokenizer.model").read_bytes()).hexdigest()
    assert record["vocab_size"] == 2000
    assert [Path(file["path"]).name for file in record["inputs"]] == ["a.parquet", "b.parquet"]
    assert set(record["sample"]) == set(record["held_out"]) == {"books", "github"}
    for measured in record["held_out"].values():
        assert measured["documents"] > 0
        assert 1.5 < measured["bytes_per_token"] < 6
        assert measured["bytes_per_token"] == pytest.approx(measured["bytes"] / measured["tokens"], abs=1e-4)
    assert trained.as_json()["already_complete"] is False
    assert sorted(path.name for path in trained.directory.iterdir()) == ["tokenizer.model", "train.json"]


def test_same_bytes_whatever_the_threads_and_layout(trained: TrainedTokenizer, documents: Path, tmp_path: Path) -> None:
    (tmp_path / "moved").mkdir()
    for name, other in (("a", "z"), ("b", "y")):
        (tmp_path / f"moved/{other}.parquet").write_bytes((documents / f"{name}.parquet").read_bytes())
    again = train_tokenizer([str(tmp_path / "moved")], tmp_path / "out", vocab_size=2000, threads=3)
    assert again.record["sha256"] == trained.record["sha256"]
    assert again.record["sample"] == trained.record["sample"]


def test_the_same_command_finds_it_done(trained: TrainedTokenizer, documents: Path) -> None:
    again = train_tokenizer([str(documents)], trained.directory, vocab_size=2000)
    assert again.already_complete
    assert again.record == trained.record


def test_another_tokenizer_is_not_overwritten_unasked(documents: Path, tmp_path: Path) -> None:
    first = train_tokenizer([str(documents)], tmp_path, vocab_size=1000)
    with pytest.raises(UserError, match=r"tokenizer\.model: exists, made by another command; .*--overwrite"):
        train_tokenizer([str(documents)], tmp_path, vocab_size=1100)
    assert hashlib.sha256((tmp_path / "tokenizer.model").read_bytes()).hexdigest() == first.record["sha256"]
    assert train_tokenizer([str(documents)], tmp_path, vocab_size=1100, overwrite=True).record["vocab_size"] == 1100


def test_a_damaged_result_is_made_again(documents: Path, tmp_path: Path) -> None:
    first = train_tokenizer([str(documents)], tmp_path, vocab_size=1000)
    (tmp_path / "tokenizer.model").write_bytes(b"damaged")
    again = train_tokenizer([str(documents)], tmp_path, vocab_size=1000, overwrite=True)
    assert not again.already_complete
    assert again.record == first.record


@pytest.mark.parametrize(
    ("asked", "beyond", "fault"),
    [(10**6, 1, "too little text for 1,000,000 pieces"), (200, -1, "200 pieces are too few")],
)
def test_the_size_to_ask_for_is_told_exactly(
    documents: Path, tmp_path: Path, asked: int, beyond: int, fault: str
) -> None:
    def trained_with(size: int) -> int:
        record = train_tokenizer([str(documents)], tmp_path / str(size), vocab_size=size, sample_bytes=30_000).record
        return int(record["vocab_size"])

    with pytest.raises(UserError, match=fault) as caught:
        trained_with(asked)
    told = re.search(r"--vocab-size (\d+)", str(caught.value))
    assert told is not None
    assert trained_with(int(told[1])) == int(told[1])
    with pytest.raises(UserError, match=f"--vocab-size {told[1]}"):
        trained_with(int(told[1]) + beyond)
    assert not (tmp_path / str(asked)).exists()


def test_sentencepiece_is_silent(documents: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    train_tokenizer([str(documents)], tmp_path, vocab_size=1000)
    lines = capfd.readouterr().err.splitlines()
    assert any("GiB of memory" in line for line in lines)
    assert not [line for line in lines if ".cc" in line or "absl" in line]


def test_too_little_memory_is_told_before(documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "available_memory", lambda: 50 << 20)
    with pytest.raises(UserError, match=r"takes sentencepiece about .* are free; use --sample-bytes \d+") as caught:
        train_tokenizer([str(documents)], tmp_path, vocab_size=1000)
    told = re.search(r"--sample-bytes (\d+)", str(caught.value))
    assert told is not None
    train_tokenizer([str(documents)], tmp_path, vocab_size=1000, sample_bytes=int(told[1]))


def test_a_file_that_fails_while_training_is_named(
    documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = [tmp_path / "in" / path.name for path in sorted(documents.iterdir())]
    copies[0].parent.mkdir()
    for copy in copies:
        copy.write_bytes((documents / copy.name).read_bytes())

    def damage_after_the_first_pass(sample: Any) -> int:
        copies[1].write_bytes(b"damaged")
        return 0

    monkeypatch.setattr(train, "_check_memory", damage_after_the_first_pass)
    with pytest.raises(UserError, match=r"b\.parquet: not readable"):
        train_tokenizer([str(tmp_path / "in")], tmp_path / "out", vocab_size=1000)
    assert not (tmp_path / "out").exists()


def kill_itself(progress: Any) -> None:
    progress(1, 2)
    os.kill(os.getpid(), signal.SIGKILL)


def sleep_long(progress: Any) -> None:
    progress(os.getpid(), 0)
    time.sleep(600)


def test_a_killed_trainer_is_told(documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "in_own_process", lambda work, progress: in_own_process(kill_itself, progress))
    with pytest.raises(
        UserError, match=r"sentencepiece was killed \(exit code -9\), .* want of memory: .*--sample-bytes"
    ):
        train_tokenizer([str(documents)], tmp_path, vocab_size=1000)


def test_an_interrupt_ends_the_trainer() -> None:
    started = []

    def interrupted(pid: int, size: int) -> None:
        started.append(pid)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_own_process(sleep_long, interrupted)
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)


def test_documents_without_text(tmp_path: Path) -> None:
    write_documents(tmp_path / "a.parquet", [("a", "", "c4")])
    with pytest.raises(UserError, match="hold no text"):
        train_tokenizer([str(tmp_path / "a.parquet")], tmp_path / "out")


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"vocab_size": 0}, "--vocab-size"),
        ({"sample_bytes": 0}, "--sample-bytes"),
        ({"seed": -1}, "seed -1"),
        ({"weights": {"books": 1.0}}, "no weight for source github"),
    ],
)
def test_senseless_settings(documents: Path, tmp_path: Path, settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        train_tokenizer([str(documents)], tmp_path, **settings)


def test_memory_of_machine_and_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    assert memory.available_memory() is None
    (tmp_path / "meminfo").write_text("MemTotal: 16384 kB\nMemAvailable:    8192 kB\n")
    assert memory.available_memory() == 8192 << 10
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("3000\n")
    (tmp_path / "memory.stat").write_text("anon 1000\ninactive_file 500\n")
    assert memory.available_memory() == 8192 << 10
    (tmp_path / "memory.max").write_text("5000\n")
    assert memory.available_memory() == 2500
