"""RedPajama's rule of letters per token in `filter github`: where it stands, and what a missing model is met with."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from bpe_tokenizer import write_tokenizer
from console import fail
from projects import MIT, below, dropped, filter_github, kept, tar_gz

from corpus.document import DROPPED_SCHEMA

REDPAJAMA = {"recipe": "redpajama-v1"}
CRUMBS = b"x = [1024, 40960, 65536, 99999]\n" * 12
GOOD = b"from pathlib import Path\n\nimport pytest\n\nfrom corpus.errors import UserError\n" * 9
FILES = below("p", {**MIT, "good.py": GOOD, "crumbs.py": CRUMBS, "again.py": CRUMBS, "long.py": b"x" * 2000})


def test_redpajama_drops_code_that_is_all_crumbs(tmp_path: Path) -> None:
    """After the cheap rules; its measure is letters by the tokenizer's own count of tokens."""
    from tokenizers import Tokenizer

    archive = tar_gz(tmp_path / "p.tar.gz", FILES)
    tokenizer = write_tokenizer(tmp_path)
    filter_github(archive, out=tmp_path / "out", models=[tmp_path], **REDPAJAMA)
    assert [row["path"] for row in kept(tmp_path / "out")] == ["good.py"]
    found = dropped(tmp_path / "out")
    assert found["p/crumbs.py"] == "letters_per_token: few_letters_per_token"
    assert (found["p/again.py"], found["p/long.py"]) == ("exact: duplicate", "code_rules: long_line")
    rows = pq.read_table(tmp_path / "out/dropped", schema=DROPPED_SCHEMA).to_pylist()
    row = next(row for row in rows if row["stage"] == "letters_per_token")
    letters = sum(map(str.isalpha, CRUMBS.decode()))
    assert row["value"] == letters / len(Tokenizer.from_file(str(tokenizer)).encode(CRUMBS.decode()).ids)
    run = json.loads((tmp_path / "out/run.json").read_text())
    assert list(run["models"]) == ["pythia.tokenizer.json"]
    assert run["software"]["gigatoken"]


def test_the_rule_can_be_put_in_and_left_out(tmp_path: Path) -> None:
    archive = tar_gz(tmp_path / "p.tar.gz", FILES)
    write_tokenizer(tmp_path)
    filter_github(archive, out=tmp_path / "without", settings=["github.letters_per_token=false"], **REDPAJAMA)
    assert [row["path"] for row in kept(tmp_path / "without")] == ["good.py", "crumbs.py"]
    settings = ["letters_per_token=true", "code_rules.max_data=1.0"]
    filter_github(archive, out=tmp_path / "with", settings=settings, models=[tmp_path])
    assert dropped(tmp_path / "with")["p/crumbs.py"] == "letters_per_token: few_letters_per_token"


def test_without_the_tokenizer_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, out = tar_gz(tmp_path / "p.tar.gz", FILES), tmp_path / "out"
    monkeypatch.setenv("LLAMA_CORPUS_MODELS", str(tmp_path / "none"))
    line = fail("filter", "github", archive, "--out", out, "--recipe", "redpajama-v1", code=1)
    assert "pythia.tokenizer.json: model not found" in line
    assert "models pull pythia-tokenizer, or leave the rule out: --set github.letters_per_token=false" in line
    assert not out.exists()
