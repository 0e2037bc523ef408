"""Checkpoints: RUN/checkpoints/step-N, each whole or absent.

A checkpoint is written to a temporary directory, which is renamed once every file is on disk. It holds
`model.safetensors`, `optimizer.safetensors` (Adam's moments under the parameters' names), `rng.safetensors` (torch's
generators), `state.json`, and `manifest.json` with the size and sha256 of the others. Nothing is pickled.
"""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from corpus.errors import UserError

logger = logging.getLogger(__name__)

_MANIFEST = "manifest.json"


def save_checkpoint(
    run: Path, step: int, model: nn.Module, optimizer: torch.optim.Optimizer, state: Mapping[str, Any], keep: int
) -> Path:
    """Writes RUN/checkpoints/step-`step`, replacing one of that step, and removes all but the `keep` newest up to it.

    Args:
        run: the run's directory.
        step: updates made so far.
        model: its parameters are saved as they are, in their dtype.
        optimizer: over the model's parameters; its state's tensors are saved.
        state: what else belongs to the run, for JSON.
        keep: how many checkpoints are kept, this one included.

    Raises UserError if it cannot be written; those there are stay as they were.
    """
    checkpoints = run / "checkpoints"
    final, temporary = checkpoints / f"step-{step}", checkpoints / f".step-{step}.tmp"
    for leftover in checkpoints.glob(".step-*"):
        shutil.rmtree(leftover)
    try:
        _write(temporary, step, model, optimizer, state)
    except (OSError, SafetensorError) as error:
        raise UserError(f"{final}: cannot be written ({error}); free space and run the same command again") from None
    _remove(final)
    temporary.rename(final)
    _sync(checkpoints)
    # Newer ones are damaged, or the run would not have been continued from before them.
    kept = [path for found, path in _newest_first(run) if found <= step][:keep]
    for _, path in _newest_first(run):
        if path not in kept:
            _remove(path)
    return final


def newest_checkpoint(run: Path) -> Path | None:
    """The newest checkpoint whose files are all as they were written; None where the run has none yet.

    Damaged ones are skipped with a warning. Raises UserError if the run has checkpoints and all are damaged.
    """
    found = _newest_first(run)
    for _, path in found:
        damage = find_damage(path)
        if damage is None:
            return path
        logger.warning("%s; the checkpoint before it is used", damage)
    if found:
        raise UserError(
            f"{run / 'checkpoints'}: every checkpoint is damaged; remove the directory to train from the start"
        )
    return None


def find_damage(checkpoint: Path) -> str | None:
    """What is wrong with a checkpoint's files, as one line, or None."""
    manifest_path = checkpoint / _MANIFEST
    try:
        files = json.loads(manifest_path.read_bytes())["files"]
        expected = {name: (entry["bytes"], entry["sha256"]) for name, entry in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"{manifest_path}: missing or unreadable"
    for name, (size, sha256) in expected.items():
        path = checkpoint / name
        if not path.is_file():
            return f"{path}: missing"
        if path.stat().st_size != size:
            return f"{path}: {path.stat().st_size} bytes where {size} were written"
        if file_sha256(path) != sha256:
            return f"{path}: its content changed since it was written"
    return None


def verify_checkpoints(run: Path) -> list[str]:
    """What is wrong with any of a run's checkpoints, a line each."""
    damages = [find_damage(path) for _, path in _newest_first(run)]
    return [damage for damage in damages if damage is not None]


def checkpoint_step(checkpoint: Path) -> int:
    """The number of updates a checkpoint holds, from its name."""
    return int(checkpoint.name.removeprefix("step-"))


def load_weights(checkpoint: Path, model: nn.Module) -> None:
    """Sets the model's parameters."""
    model.load_state_dict(load_file(checkpoint / "model.safetensors"))


def restore(checkpoint: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Sets the model, the optimiser over it and torch's generators; returns the saved state."""
    load_weights(checkpoint, model)
    tensors = load_file(checkpoint / "optimizer.safetensors")
    optimizer.state.clear()
    for name, parameter in model.named_parameters():
        for key in ("step", "exp_avg", "exp_avg_sq"):
            optimizer.state[parameter][key] = tensors[f"{name}.{key}"].to(parameter.device)
    generators = load_file(checkpoint / "rng.safetensors")
    torch.set_rng_state(generators.pop("cpu"))
    if torch.cuda.is_available() and len(generators) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([generators[f"cuda.{index}"] for index in range(len(generators))])
    state: dict[str, Any] = json.loads((checkpoint / "state.json").read_bytes())
    return state


def file_sha256(path: Path) -> str:
    """Hexadecimal digest of a file of any size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()


def _write(
    temporary: Path, step: int, model: nn.Module, optimizer: torch.optim.Optimizer, state: Mapping[str, Any]
) -> None:
    temporary.mkdir(parents=True)
    save_file(_contiguous(model.state_dict()), temporary / "model.safetensors")
    save_file(_contiguous(_optimizer_tensors(model, optimizer)), temporary / "optimizer.safetensors")
    save_file(_generators(), temporary / "rng.safetensors")
    (temporary / "state.json").write_text(json.dumps({"step": step, **state}, indent=2) + "\n")
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": file_sha256(path)} for path in sorted(temporary.iterdir())
    }
    (temporary / _MANIFEST).write_text(json.dumps({"files": files}, indent=2) + "\n")
    for path in temporary.iterdir():
        _sync(path)


def _optimizer_tensors(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    return {
        f"{name}.{key}": value
        for name, parameter in model.named_parameters()
        for key, value in optimizer.state[parameter].items()
    }


def _generators() -> dict[str, Tensor]:
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states |= {f"cuda.{index}": state for index, state in enumerate(torch.cuda.get_rng_state_all())}
    return states


def _contiguous(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def _newest_first(run: Path) -> list[tuple[int, Path]]:
    paths = [path for path in (run / "checkpoints").glob("step-*") if path.name.removeprefix("step-").isdecimal()]
    return sorted(((checkpoint_step(path), path) for path in paths), reverse=True)


def _remove(checkpoint: Path) -> None:
    """Out of sight at once, so that no half-removed checkpoint keeps its name."""
    if checkpoint.exists():
        hidden = checkpoint.with_name(f".{checkpoint.name}.removed")
        checkpoint.rename(hidden)
        shutil.rmtree(hidden)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
