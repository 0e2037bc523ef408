"""The loop: learning, stopping, continuing, and what is refused."""

import dataclasses
import json
import math
import os
import signal
from pathlib import Path
from typing import Any, TypeVar

import pytest
import torch
from run_fixtures import TINY, VOCAB_SIZE, tiny_config, tiny_tokenizer, without_timings, write_tiny_shards
from shard_fixtures import write_shards

from corpus.errors import UsageError, UserError
from model.checkpoint import checkpoint_step
from model.metrics import read_rows
from model.optimizer import learning_rate
from model.readback import Readback
from model.run import lock_run
from model.train import train

T = TypeVar("T")


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_shards(tmp_path_factory.mktemp("shards"))


def weights(run: Path, step: int) -> bytes:
    return b"".join(
        (run / "checkpoints" / f"step-{step}" / name).read_bytes()
        for name in ("model.safetensors", "optimizer.safetensors")
    )


def test_a_run_learns_and_says_what_it_did(shards: Path, tmp_path: Path) -> None:
    config = tiny_config(steps=60, checkpoint_every=50, keep_checkpoints=1)
    rows: list[dict[str, Any]] = []
    summary = train(shards, tmp_path / "run", config, device="cpu", on_step=rows.append)

    assert rows == read_rows(tmp_path / "run")
    assert [row["step"] for row in rows] == list(range(1, 61))
    assert rows[0]["loss"] == pytest.approx(math.log(VOCAB_SIZE), abs=0.1)
    assert rows[-1]["loss"] < 2.0
    for row in rows:
        assert row["tokens"] == row["step"] * 4 * 32
        assert row["learning_rate"] == learning_rate(row["step"], peak=1e-2, warmup_steps=6, steps=60)
        assert row["mfu"] is None
        assert row["source_loss"].keys() <= {"c4", "books"}
        assert 0 <= row["data_wait"] <= 1
        assert row["tokens_per_second"] > 0
        assert row["memory_bytes"] > 1e7
    assert {**summary, "seconds": 0, "tokens_per_second": 0} == {
        "status": "finished",
        "run": str(tmp_path / "run"),
        "checkpoint": str(tmp_path / "run" / "checkpoints" / "step-60"),
        "size": "demo",
        "parameters": TINY.num_params(),
        "device": "cpu",
        "step": 60,
        "steps": 60,
        "resumed_from": 0,
        "tokens": 60 * 4 * 32,
        "first_loss": rows[0]["loss"],
        "last_loss": rows[-1]["loss"],
        "seconds": 0,
        "tokens_per_second": 0,
    }
    assert sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir()) == ["step-60"]


def test_losses_by_source_make_up_the_loss(shards: Path, tmp_path: Path) -> None:
    config = tiny_config(steps=2, batch_sequences=8, mixture={"c4": 3.0, "books": 1.0})
    train(shards, tmp_path / "run", config, device="cpu")
    for row in read_rows(tmp_path / "run"):
        parts = row["source_loss"]
        assert row["loss"] == pytest.approx(0.75 * parts["c4"] + 0.25 * parts["books"], rel=1e-6)


def test_a_few_sequences_can_be_learnt_by_heart(tmp_path: Path) -> None:
    chosen = torch.randint(3, VOCAB_SIZE, (4, 30), generator=torch.Generator().manual_seed(0))
    write_shards(tmp_path / "shards", {"c4": chosen.tolist()}, VOCAB_SIZE, tokenizer=tiny_tokenizer())
    config = tiny_config(steps=150, batch_sequences=3, checkpoint_every=150, weight_decay=0.0)
    summary = train(tmp_path / "shards", tmp_path / "run", config, device="cpu")
    assert summary["last_loss"] < 0.1


def test_stopping_and_continuing_changes_no_bit(shards: Path, tmp_path: Path) -> None:
    config = tiny_config(steps=9, checkpoint_every=3)
    train(shards, tmp_path / "straight", config, device="cpu")

    def stop_at_four(row: dict[str, Any]) -> None:
        if row["step"] == 4:
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    first = train(shards, tmp_path / "broken", config, device="cpu", on_step=stop_at_four)
    assert signal.getsignal(signal.SIGTERM) is before
    assert (first["status"], first["step"], first["tokens"]) == ("stopped", 4, 4 * 128)
    second = train(shards, tmp_path / "broken", config, device="cpu")
    assert (second["status"], second["resumed_from"], second["step"]) == ("finished", 4, 9)

    assert weights(tmp_path / "broken", 9) == weights(tmp_path / "straight", 9)
    straight, broken = read_rows(tmp_path / "straight"), read_rows(tmp_path / "broken")
    assert [without_timings(row) for row in broken] == [without_timings(row) for row in straight]


def test_a_second_signal_interrupts_at_once(shards: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    # What a shell starts in the background ignores SIGINT, and so would the second one be.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))

    def interrupt_twice(row: dict[str, Any]) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(shards, tmp_path / "run", tiny_config(), device="cpu", on_step=interrupt_twice)


def test_a_finished_run_is_left_alone(shards: Path, tmp_path: Path) -> None:
    config = tiny_config(steps=3)
    first = train(shards, tmp_path / "run", config, device="cpu")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*")}
    second = train(shards, tmp_path / "run", config, device="cpu", on_step=lambda row: pytest.fail("made a step"))
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*")} == times
    assert second["status"] == "already finished"
    assert second["tokens_per_second"] is None
    assert (second["tokens"], second["last_loss"]) == (first["tokens"], first["last_loss"])


def test_a_damaged_checkpoint_costs_only_the_steps_since_the_one_before(
    shards: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = tiny_config(steps=6, checkpoint_every=2)
    train(shards, tmp_path / "run", config, device="cpu")
    expected, rows = weights(tmp_path / "run", 6), read_rows(tmp_path / "run")
    (tmp_path / "run" / "checkpoints" / "step-6" / "model.safetensors").write_bytes(b"")
    summary = train(shards, tmp_path / "run", config, device="cpu")
    assert (summary["status"], summary["resumed_from"]) == ("finished", 4)
    assert "step-6" in caplog.text
    assert weights(tmp_path / "run", 6) == expected
    assert [without_timings(row) for row in read_rows(tmp_path / "run")] == [without_timings(row) for row in rows]


def test_the_size_of_a_pass_changes_only_rounding(shards: Path, tmp_path: Path) -> None:
    losses = []
    for micro_batch in (5, 3, 1):
        config = tiny_config(steps=4, batch_sequences=5, micro_batch=micro_batch)
        train(shards, tmp_path / str(micro_batch), config, device="cpu")
        losses.append([row["loss"] for row in read_rows(tmp_path / str(micro_batch))])
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
    assert losses[2] == pytest.approx(losses[0], rel=1e-5)


def test_bf16_training_stays_near_fp32(shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny_config(steps=20, checkpoint_every=20)
    train(shards, tmp_path / "fp32", config, device="cpu")
    monkeypatch.setattr("model.prepare.compute_dtype", lambda device: torch.bfloat16)
    train(shards, tmp_path / "bf16", config, device="cpu")
    exact = [row["loss"] for row in read_rows(tmp_path / "fp32")]
    half = [row["loss"] for row in read_rows(tmp_path / "bf16")]
    assert half != exact
    assert half == pytest.approx(exact, rel=0.02)


def test_rows_as_often_as_asked(shards: Path, tmp_path: Path) -> None:
    train(shards, tmp_path / "run", tiny_config(steps=8, log_every=3), device="cpu")
    assert [row["step"] for row in read_rows(tmp_path / "run")] == [3, 6, 8]


def test_a_loss_that_is_not_finite_ends_the_run_before_the_update(shards: Path, tmp_path: Path) -> None:
    config = tiny_config(steps=30, learning_rate=1e30, checkpoint_every=1)
    with pytest.raises(UserError, match=r"at step \d+ the loss is .*; the update was not made.*lower learning rate"):
        train(shards, tmp_path / "run", config, device="cpu")


def test_what_a_run_records(shards: Path, tmp_path: Path) -> None:
    train(shards, tmp_path / "run", tiny_config(steps=2), device="cpu")
    record = json.loads((tmp_path / "run" / "config.json").read_text())
    assert record["parameters"] == TINY.num_params()
    assert record["train"]["model"]["vocab_size"] == VOCAB_SIZE
    assert record["shards"]["path"] == str(shards)
    assert (tmp_path / "run" / "tokenizer.model").read_bytes() == (shards / "tokenizer.model").read_bytes()


def refusal(shards: Path, out: Path, **settings: Any) -> str:
    with pytest.raises(UserError) as caught:
        train(shards, out, tiny_config(**settings), device="cpu")
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_other_settings_are_refused_but_for_the_harmless(shards: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    train(shards, run, tiny_config(steps=2), device="cpu")
    message = refusal(shards, run, steps=2, learning_rate=5e-3, seed=1)
    assert message.startswith(str(run / "config.json"))
    assert "learning_rate 0.01, not 0.005, seed 0, not 1" in message
    train(shards, run, tiny_config(steps=2, log_every=5, micro_batch=1, keep_checkpoints=9), device="cpu")


def test_other_shards_are_refused(shards: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    train(shards, run, tiny_config(steps=2), device="cpu")
    other = write_tiny_shards(tmp_path / "other", seed=1)
    assert "started with other token shards" in refusal(other, run, steps=2)
    larger = write_tiny_shards(tmp_path / "larger", vocab_size=VOCAB_SIZE + 1)
    assert f"a vocabulary of {VOCAB_SIZE}, not {VOCAB_SIZE + 1}" in refusal(larger, run, steps=2)


def test_moved_shards_are_the_same_shards(shards: Path, tmp_path: Path) -> None:
    write_tiny_shards(tmp_path / "first").rename(tmp_path / "second")
    train(shards, tmp_path / "run", tiny_config(steps=2), device="cpu")
    assert (
        train(tmp_path / "second", tmp_path / "run", tiny_config(steps=2), device="cpu")["status"] == "already finished"
    )


def test_a_checkpoint_of_another_step_is_refused(tmp_path: Path) -> None:
    shards = write_tiny_shards(tmp_path / "shards")
    train(shards, tmp_path / "run", tiny_config(steps=4), device="cpu")
    (tmp_path / "run" / "checkpoints" / "step-4").rename(tmp_path / "run" / "checkpoints" / "step-3")
    assert "is not of this run and step" in refusal(shards, tmp_path / "run", steps=4)


def test_shards_that_cannot_be_trained_on(tmp_path: Path) -> None:
    assert str(tmp_path / "nowhere") in refusal(tmp_path / "nowhere", tmp_path / "run")
    (tmp_path / "empty").mkdir()
    assert "manifest.json" in refusal(tmp_path / "empty", tmp_path / "run")
    write_shards(tmp_path / "short", {"c4": [[5, 6, 7]]}, VOCAB_SIZE)
    message = refusal(tmp_path / "short", tmp_path / "run")
    assert "c4 holds 5 tokens where one sequence of 32 and the token after it need 33" in message
    assert not (tmp_path / "run").exists()


def test_two_processes_do_not_train_into_one_directory(shards: Path, tmp_path: Path) -> None:
    train(shards, tmp_path / "run", tiny_config(steps=2), device="cpu")
    with lock_run(tmp_path / "run"):
        assert "another process is training there" in refusal(shards, tmp_path / "run", steps=2)
    train(shards, tmp_path / "run", tiny_config(steps=2), device="cpu")


def test_a_directory_with_something_else_in_it_is_refused(shards: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert "holds no training run" in refusal(shards, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_unreadable_configuration_is_refused(shards: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert "config.json" in refusal(shards, tmp_path)
    (tmp_path / "config.json").write_text("{")
    assert "config.json" in refusal(shards, tmp_path)


def test_a_device_that_is_not_there(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="device 'abacus'"):
        train(shards, tmp_path / "run", tiny_config(), device="abacus")


def test_context_is_the_sequence_length() -> None:
    config = dataclasses.replace(tiny_config(), model=dataclasses.replace(TINY, context=16))
    assert (config.sequence_length, config.batch_tokens) == (16, 64)


class OneBehind(Readback[T]):
    """Reads as on a GPU: a step's figures when the next has been made."""

    def __init__(self, device: torch.device) -> None:
        super().__init__(device)
        self._behind = 1


def test_reading_a_step_late_changes_only_when_rows_are_written(
    shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny_config(steps=9, checkpoint_every=4, log_every=2)
    train(shards, tmp_path / "at-once", config, device="cpu")
    monkeypatch.setattr("model.train.Readback", OneBehind)
    seen: list[int] = []

    def stop_at_six(row: dict[str, Any]) -> None:
        seen.append(row["step"])
        if row["step"] == 6 and seen.count(6) == 1:
            os.kill(os.getpid(), signal.SIGTERM)

    assert train(shards, tmp_path / "late", config, device="cpu", on_step=stop_at_six)["step"] == 7
    train(shards, tmp_path / "late", config, device="cpu", on_step=stop_at_six)
    assert seen == [2, 4, 6, 8, 9]
    assert weights(tmp_path / "late", 9) == weights(tmp_path / "at-once", 9)
    rows = [[without_timings(row) for row in read_rows(tmp_path / name)] for name in ("late", "at-once")]
    assert rows[0] == rows[1]


def test_no_checkpoint_follows_a_step_that_failed(
    shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.train.Readback", OneBehind)
    config = tiny_config(steps=30, learning_rate=1e30, checkpoint_every=1)
    with pytest.raises(UserError, match=r"at step (\d+) the loss is") as caught:
        train(shards, tmp_path / "run", config, device="cpu")
    failed = int(str(caught.value).split("at step ")[1].split()[0])
    kept = [checkpoint_step(path) for path in (tmp_path / "run" / "checkpoints").iterdir()]
    assert max(kept) == failed - 1
