"""Runs killed without warning, in a process of their own, and continued to the same weights."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from run_fixtures import tiny_config, without_timings, write_tiny_shards

from model.config import TrainConfig
from model.metrics import read_rows
from model.train import train

# argv: shards, run, settings as JSON, what to be killed in, and at which call of it.
SCRIPT = """
import json, os, signal, sys
from pathlib import Path
import torch
import model.checkpoint
from model.config import TrainConfig
from model.train import train

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
shards, run, settings, where, count = sys.argv[1:]
calls = 0

def killed(function=lambda *arguments, **keywords: None):
    def wrapped(*arguments, **keywords):
        global calls
        calls += 1
        if calls == int(count):
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **keywords)
    return wrapped

if where != "step":
    setattr(model.checkpoint, where, killed(getattr(model.checkpoint, where)))
train(Path(shards), Path(run), TrainConfig.from_dict(json.loads(settings)), device="cpu",
      on_step=killed() if where == "step" else None)
"""


def run_until_killed(shards: Path, run: Path, config: TrainConfig, where: str, count: int) -> None:
    arguments = [str(shards), str(run), json.dumps(config.to_dict()), where, str(count)]
    process = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True, timeout=120, check=False)
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()


@pytest.mark.parametrize(
    ("where", "count", "resumed_from"),
    [
        ("step", 5, 4),  # while a step is logged
        ("save_file", 5, 2),  # the second file of the second checkpoint
        ("_remove", 3, 4),  # after the second checkpoint took its name, while an older one goes
    ],
)
def test_killed_and_continued(tmp_path: Path, where: str, count: int, resumed_from: int) -> None:
    shards = write_tiny_shards(tmp_path / "shards")
    config = tiny_config(steps=7, checkpoint_every=2, keep_checkpoints=1)
    train(shards, tmp_path / "straight", config, device="cpu")

    run_until_killed(shards, tmp_path / "run", config, where, count)
    summary = train(shards, tmp_path / "run", config, device="cpu")
    assert (summary["status"], summary["resumed_from"]) == ("finished", resumed_from)
    assert sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir()) == ["step-7"]
    for name in ("model.safetensors", "optimizer.safetensors"):
        finished = (tmp_path / "run" / "checkpoints" / "step-7" / name).read_bytes()
        assert finished == (tmp_path / "straight" / "checkpoints" / "step-7" / name).read_bytes()
    straight, killed = read_rows(tmp_path / "straight"), read_rows(tmp_path / "run")
    assert [without_timings(row) for row in killed] == [without_timings(row) for row in straight]
