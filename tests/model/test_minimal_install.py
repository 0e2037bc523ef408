"""Training and generation on a machine that has only torch, numpy, pyarrow, safetensors and sentencepiece."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from run_fixtures import write_tiny_shards

from model.__main__ import main

# What model/ needs, what those need in turn (all of it torch's), and the packages of the source checkout.
PRESENT = [
    "torch", "torchgen", "numpy", "pyarrow", "safetensors", "sentencepiece",
    "filelock", "fsspec", "jinja2", "markupsafe", "mpmath", "networkx", "setuptools", "sympy", "typing_extensions",
    "model", "tokenizer", "corpus",
]  # fmt: skip

SCRIPT = '''
import json, sys
from pathlib import Path

present, arguments, run = set(json.loads(sys.argv[1])) | sys.stdlib_module_names, json.loads(sys.argv[2]), sys.argv[3]

class Only:
    """A finder that finds only the packages that are present, and of others what such a package brings itself."""

    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        found = name.split(".")[0] in present or name.startswith("_sysconfigdata")  # the standard library's, unlisted
        return self.finder.find_spec(name, path, target) if found else None

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = [Only(finder) for finder in sys.meta_path]
import model.config
assert "torch" not in sys.modules
from model.__main__ import main
from model.generate import generate

code = main([*arguments, "--json"])
(completion,) = generate(Path(run), ["the cat"], 3, device="cpu")
for absent in ("kernels", "rich", "typer", "fasttext", "gigatoken", "transformers", "tensorboard"):
    assert absent not in sys.modules, absent
print(json.dumps([code, completion.prompt]))
'''


def command(shards: Path, run: Path, *more: str) -> list[str]:
    settings = ["steps=2", "batch_sequences=2", "sequence_length=32", *more]
    options = ["--shards", str(shards), "--out", str(run), "--device", "cpu"]
    return [*options, *(part for setting in settings for part in ("--set", setting))]


def test_nothing_else_is_needed(tmp_path: Path) -> None:
    shards = write_tiny_shards(tmp_path / "shards")
    arguments = [json.dumps(PRESENT), json.dumps(command(shards, tmp_path / "run")), str(tmp_path / "run")]
    process = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True, timeout=120, check=False)
    assert process.returncode == 0, process.stderr.decode()
    summary, after = map(json.loads, process.stdout.splitlines())
    assert (summary["status"], summary["step"]) == ("finished", 2)
    assert after == [0, "the cat"]


def test_exit_codes_and_messages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shards = write_tiny_shards(tmp_path / "shards")
    assert main(command(tmp_path / "nowhere", tmp_path / "run")) == 1
    assert str(tmp_path / "nowhere") in capsys.readouterr().err
    assert main(command(shards, tmp_path / "run", "decay=some")) == 2
    assert "decay 'some'" in capsys.readouterr().err
    assert main(command(shards, tmp_path / "run", "decay")) == 2
    assert "NAME=VALUE" in capsys.readouterr().err
    assert main(command(shards, tmp_path / "run", "decay=all", "warmup_steps=0")) == 0
    assert "finished at step 2 of 2" in capsys.readouterr().out
