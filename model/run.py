"""A training run's directory: what it was started with, and the refusal to continue it with anything else.

RUN/config.json       settings, shards, tokenizer, number of parameters
RUN/tokenizer.model   the tokenizer of the shards
RUN/metrics.jsonl     one row a logged step (model.metrics)
RUN/checkpoints/      (model.checkpoint)
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from corpus.errors import UsageError, UserError
from model.checkpoint import file_sha256
from model.config import TrainConfig
from tokenizer.shards import Manifest

# Settings that change how a run is carried out and not what it computes, beyond rounding.
_FREE = frozenset({"micro_batch", "recompute", "compile", "checkpoint_every", "keep_checkpoints", "log_every"})
_FORMAT_VERSION = 1


@dataclass(frozen=True)
class RunRecord:
    """What RUN/config.json says."""

    config: TrainConfig
    shards: Path
    shards_sha256: str
    tokenizer_sha256: str
    bos_id: int
    eos_id: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "format_version": _FORMAT_VERSION,
            "parameters": self.config.model.num_params(),
            "train": self.config.to_dict(),
            "shards": {"path": str(self.shards), "manifest_sha256": self.shards_sha256},
            "tokenizer": {"sha256": self.tokenizer_sha256, "bos_id": self.bos_id, "eos_id": self.eos_id},
            "torch": torch.__version__,
        }


def open_run(out: Path, shards: Path, manifest: Manifest, config: TrainConfig) -> RunRecord:
    """Begins a run in `out`, or checks that the one there was started with the same shards and settings.

    Raises UserError if it was not, or if `out` holds something else.
    """
    record = RunRecord(
        config=config,
        shards=shards.resolve(),
        shards_sha256=manifest.sha256,
        tokenizer_sha256=manifest.tokenizer_sha256,
        bos_id=manifest.bos_id,
        eos_id=manifest.eos_id,
    )
    if (out / "config.json").exists():
        _refuse_other(out, read_run(out), record)
    else:
        if out.exists() and any(not path.name.startswith(".") for path in out.iterdir()):
            raise UserError(f"{out}: is not empty and holds no training run; choose another directory")
        out.mkdir(parents=True, exist_ok=True)
        temporary = out / ".config.json.tmp"
        temporary.write_text(json.dumps(record.to_dict(), indent=2) + "\n")
        os.replace(temporary, out / "config.json")
    if not (out / "tokenizer.model").exists():
        temporary = out / ".tokenizer.model.tmp"
        shutil.copyfile(shards / manifest.tokenizer.file, temporary)
        os.replace(temporary, out / "tokenizer.model")
    tokenizer_path(out, record)
    return record


@contextlib.contextmanager
def lock_run(out: Path) -> Iterator[None]:
    """Keeps other processes from training into `out` meanwhile; ends with the process, however that ends.

    Raises UserError if another one does.
    """
    with (out / ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"{out}: another process is training there; wait for it or choose another --out") from None
        yield


def read_run(run: Path) -> RunRecord:
    """Reads RUN/config.json. Raises UserError if there is none or it is not what a run writes."""
    path = run / "config.json"
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise UserError(f"{path}: missing; {run} is not a training run") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read ({error}); restore it or train into another directory") from None
    try:
        return RunRecord(
            config=TrainConfig.from_dict(values["train"]),
            shards=Path(values["shards"]["path"]),
            shards_sha256=values["shards"]["manifest_sha256"],
            tokenizer_sha256=values["tokenizer"]["sha256"],
            bos_id=values["tokenizer"]["bos_id"],
            eos_id=values["tokenizer"]["eos_id"],
        )
    except (KeyError, TypeError, UsageError) as error:
        raise UserError(
            f"{path}: not a configuration this version writes ({error}); train into another directory"
        ) from None


def tokenizer_path(run: Path, record: RunRecord) -> Path:
    """RUN/tokenizer.model. Raises UserError if it is missing or not the one the shards were made with."""
    path = run / "tokenizer.model"
    if not path.is_file():
        raise UserError(f"{path}: missing; copy it from the token shards")
    if file_sha256(path) != record.tokenizer_sha256:
        raise UserError(f"{path}: this tokenizer does not match the shards; copy the one beside their manifest.json")
    return path


def _refuse_other(out: Path, old: RunRecord, new: RunRecord) -> None:
    if old.config.model.vocab_size != new.config.model.vocab_size:
        sizes = f"a vocabulary of {old.config.model.vocab_size}, not {new.config.model.vocab_size}"
        raise UserError(f"{out / 'config.json'}: this run was started with {sizes}; use its shards or another --out")
    if old.shards_sha256 != new.shards_sha256:
        raise UserError(
            f"{out / 'config.json'}: this run was started with other token shards, those that were at {old.shards}; "
            "use them or another --out"
        )
    before, now = _flat(old.config), _flat(new.config)
    changed = sorted(name for name in before if name not in _FREE and before[name] != now[name])
    if changed:
        differences = ", ".join(f"{name} {before[name]}, not {now[name]}" for name in changed)
        raise UserError(
            f"{out / 'config.json'}: this run was started with {differences}; use the same settings or another --out"
        )


def _flat(config: TrainConfig) -> dict[str, Any]:
    values = config.to_dict()
    return {**values.pop("model"), **values}
