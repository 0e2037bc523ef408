"""Training and generation on a machine that has only torch, numpy, pyarrow, safetensors and sentencepiece."""

import json
import subprocess
import sys
from pathlib import Path

from run_fixtures import tiny_config, write_tiny_shards

ABSENT = [
    "kernels", "fasttext", "kenlm", "gigatoken", "datasketch", "isal", "typer", "rich", "transformers", "tensorboard",
    "pandas", "scipy", "ray", "hypothesis",
]  # fmt: skip

SCRIPT = '''
import json, sys
from pathlib import Path

absent, shards, run, settings = json.loads(sys.argv[1]), *map(Path, sys.argv[2:4]), json.loads(sys.argv[4])

class Without:
    """A finder that finds nothing of the absent packages."""

    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        return None if name.split(".")[0] in absent else self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
import model.config
assert "torch" not in sys.modules
from model.generate import generate
from model.train import train

summary = train(shards, run, model.config.TrainConfig.from_dict(settings), device="cpu")
(completion,) = generate(run, ["the cat"], 3, device="cpu")
print(json.dumps([summary["status"], completion.prompt]))
'''


def test_nothing_else_is_needed(tmp_path: Path) -> None:
    shards = write_tiny_shards(tmp_path / "shards")
    settings = json.dumps(tiny_config(steps=2).to_dict())
    arguments = [json.dumps(ABSENT), str(shards), str(tmp_path / "run"), settings]
    process = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True, timeout=120, check=False)
    assert process.returncode == 0, process.stderr.decode()
    assert json.loads(process.stdout) == ["finished", "the cat"]
