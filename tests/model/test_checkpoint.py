"""Checkpoints: what is kept, what is restored, what counts as damaged."""

import json
import logging
from pathlib import Path

import pytest
import torch

from corpus.errors import UserError
from model.checkpoint import (
    checkpoint_step,
    find_damage,
    newest_checkpoint,
    restore,
    save_checkpoint,
    verify_checkpoints,
)
from model.config import ModelConfig, configure
from model.llama import Transformer
from model.optimizer import build_optimizer


def trained(shape: ModelConfig, seed: int = 0) -> tuple[Transformer, torch.optim.Optimizer]:
    """A model after one update, so that the optimiser has moments."""
    model = Transformer(shape)
    model.init_weights(seed)
    optimizer = build_optimizer(model, configure("demo"))
    model.output(model(torch.arange(20)[None])).square().mean().backward()
    optimizer.step()
    optimizer.zero_grad()
    return model, optimizer


def steps_kept(run: Path) -> list[int]:
    return sorted(checkpoint_step(path) for path in (run / "checkpoints").iterdir())


def test_everything_comes_back(tmp_path: Path, tiny: ModelConfig) -> None:
    model, optimizer = trained(tiny)
    torch.manual_seed(5)
    path = save_checkpoint(tmp_path, 12, model, optimizer, {"tokens": 99}, keep=3)
    expected_draw = torch.rand(3)
    other, other_optimizer = trained(tiny, seed=1)
    assert restore(path, other, other_optimizer) == {"step": 12, "tokens": 99}
    assert torch.equal(torch.rand(3), expected_draw)
    for name, parameter in model.named_parameters():
        twin = other.get_parameter(name)
        assert torch.equal(twin, parameter)
        for key in ("step", "exp_avg", "exp_avg_sq"):
            assert torch.equal(other_optimizer.state[twin][key], optimizer.state[parameter][key])


def test_the_newest_are_kept(tmp_path: Path, tiny: ModelConfig) -> None:
    model, optimizer = trained(tiny)
    for step in (8, 9, 10, 11):
        save_checkpoint(tmp_path, step, model, optimizer, {}, keep=2)
    assert steps_kept(tmp_path) == [10, 11]
    assert newest_checkpoint(tmp_path) == tmp_path / "checkpoints" / "step-11"
    assert verify_checkpoints(tmp_path) == []


def test_an_interrupted_save_leaves_nothing_that_counts(tmp_path: Path, tiny: ModelConfig) -> None:
    model, optimizer = trained(tiny)
    save_checkpoint(tmp_path, 1, model, optimizer, {}, keep=2)
    (tmp_path / "checkpoints" / ".step-2.tmp").mkdir()
    (tmp_path / "checkpoints" / ".step-2.tmp" / "model.safetensors").write_bytes(b"half of it")
    assert newest_checkpoint(tmp_path) == tmp_path / "checkpoints" / "step-1"
    save_checkpoint(tmp_path, 2, model, optimizer, {}, keep=2)
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["step-1", "step-2"]


def flip_a_bit(checkpoint: Path) -> None:
    path = checkpoint / "optimizer.safetensors"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


def cut_short(checkpoint: Path) -> None:
    path = checkpoint / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])


def lose_a_file(checkpoint: Path) -> None:
    (checkpoint / "rng.safetensors").unlink()


def lose_the_manifest(checkpoint: Path) -> None:
    (checkpoint / "manifest.json").unlink()


def break_the_manifest(checkpoint: Path) -> None:
    (checkpoint / "manifest.json").write_text(json.dumps({"files": ["model.safetensors"]}))


@pytest.mark.parametrize("damage", [flip_a_bit, cut_short, lose_a_file, lose_the_manifest, break_the_manifest])
def test_a_damaged_checkpoint_is_skipped_with_a_warning(
    tmp_path: Path, tiny: ModelConfig, caplog: pytest.LogCaptureFixture, damage: object
) -> None:
    model, optimizer = trained(tiny)
    older = save_checkpoint(tmp_path, 1, model, optimizer, {}, keep=2)
    newer = save_checkpoint(tmp_path, 2, model, optimizer, {}, keep=2)
    assert find_damage(newer) is None
    damage(newer)  # type: ignore[operator]
    assert [str(newer) in line for line in verify_checkpoints(tmp_path)] == [True]
    with caplog.at_level(logging.WARNING):
        assert newest_checkpoint(tmp_path) == older
    assert len(caplog.messages) == 1
    assert str(newer) in caplog.messages[0]


def test_all_damaged(tmp_path: Path, tiny: ModelConfig) -> None:
    model, optimizer = trained(tiny)
    cut_short(save_checkpoint(tmp_path, 1, model, optimizer, {}, keep=2))
    with pytest.raises(UserError, match="every checkpoint is damaged; remove the directory"):
        newest_checkpoint(tmp_path)


def test_a_checkpoint_that_cannot_be_written(
    tmp_path: Path, tiny: ModelConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, optimizer = trained(tiny)
    older = save_checkpoint(tmp_path, 1, model, optimizer, {}, keep=1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("model.checkpoint._sync", full)
    with pytest.raises(UserError, match=r"step-2: cannot be written .*No space left.*; free space"):
        save_checkpoint(tmp_path, 2, model, optimizer, {}, keep=1)
    assert newest_checkpoint(tmp_path) == older


def test_a_run_without_checkpoints(tmp_path: Path) -> None:
    assert newest_checkpoint(tmp_path) is None


def test_damaged_newer_checkpoints_do_not_push_out_good_ones(tmp_path: Path, tiny: ModelConfig) -> None:
    model, optimizer = trained(tiny)
    save_checkpoint(tmp_path, 10, model, optimizer, {}, keep=1)
    flip_a_bit(save_checkpoint(tmp_path, 20, model, optimizer, {}, keep=2))
    assert newest_checkpoint(tmp_path) == tmp_path / "checkpoints" / "step-10"
    save_checkpoint(tmp_path, 15, model, optimizer, {}, keep=1)
    assert steps_kept(tmp_path) == [15]
    save_checkpoint(tmp_path, 15, model, optimizer, {}, keep=1)  # the same step once more replaces it
    assert find_damage(tmp_path / "checkpoints" / "step-15") is None
