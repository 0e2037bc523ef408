"""What people get wrong, and what goes wrong with files: one clear line, exit code 1 or 2, and what could be read."""

import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from console import SCRIPT, fail, run, succeed

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def wet(shared_data: Path) -> Path:
    return shared_data / "data/web/wet/CC-TEST-00003.warc.wet.gz"


@pytest.fixture
def options(shared_data: Path, language_model: Path, tmp_path: Path) -> list[str]:
    return ["--out", str(tmp_path / "out"), "--recipe", "ccnet-exact", "--workers", "1"]


def test_missing_file(options: list[str]) -> None:
    assert "absent.gz: no such file" in fail("filter", "commoncrawl", "absent.gz", *options, code=1)


def test_directory_without_inputs(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "holds no" in fail("filter", "commoncrawl", tmp_path / "empty", *options, code=1)


def test_a_picture_under_a_wet_name(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "x.warc.wet.gz").write_bytes(PNG)
    line = fail("filter", "commoncrawl", tmp_path / "x.warc.wet.gz", *options, code=1)
    assert "x.warc.wet.gz" in line
    assert "PNG" in line


def test_one_unreadable_file_does_not_stop_the_others(wet: Path, options: list[str], tmp_path: Path) -> None:
    (tmp_path / "x.warc.wet.gz").write_bytes(PNG)
    (tmp_path / "empty.warc.wet.gz").write_bytes(b"")
    inputs = [wet, tmp_path / "x.warc.wet.gz", tmp_path / "empty.warc.wet.gz"]
    summary = json.loads(succeed("filter", "commoncrawl", *inputs, *options, "--json"))
    assert summary["documents"] > 100
    assert summary["read"]["faults.unreadable"] == 2
    shown = succeed("stats", tmp_path / "out")
    assert "x.warc.wet.gz: unreadable: not gzip" in shown
    assert "empty.warc.wet.gz" in fail("filter", "commoncrawl", *inputs, *options, "--strict", code=1)


def test_truncated_gzip_gives_what_it_holds(wet: Path, options: list[str], tmp_path: Path) -> None:
    cut = tmp_path / "cut.warc.wet.gz"
    cut.write_bytes(wet.read_bytes()[:600_000])
    summary = json.loads(succeed("filter", "commoncrawl", cut, *options, "--json"))
    assert summary["documents"] > 50
    assert summary["read"]["faults.truncated"] == 1
    assert summary["read"]["unreadable"] == 1
    assert "truncated" in succeed("stats", tmp_path / "out")


def test_strict_stops_at_the_first_fault(wet: Path, options: list[str], tmp_path: Path) -> None:
    cut = tmp_path / "cut.warc.wet.gz"
    cut.write_bytes(wet.read_bytes()[:600_000])
    assert "truncated" in fail("filter", "commoncrawl", cut, *options, "--strict", code=1)
    assert not (tmp_path / "out/run.json").exists()


def test_unknown_source_recipe_key_and_setting(wet: Path, tmp_path: Path) -> None:
    out = ["--out", tmp_path / "out"]
    assert "no such source" in fail("filter", "webs", wet, *out, code=2)
    assert "no such recipe" in fail("filter", "commoncrawl", wet, *out, "--recipe", "lama", code=2)
    setting = ["--set", "language.treshold=0.4"]
    assert "did you mean 'threshold'" in fail("filter", "commoncrawl", wet, *out, *setting, code=2)
    recipe = tmp_path / "mine.toml"
    recipe.write_text("[commoncrawl.dedup]\ngroupsize = 3\n")
    line = fail("filter", "commoncrawl", wet, *out, "--recipe", recipe, code=2)
    assert "unknown key 'groupsize'; did you mean 'group_size'?" in line
    assert not (tmp_path / "out").exists()


def test_missing_and_wrong_model_files(wet: Path, options: list[str], tmp_path: Path) -> None:
    line = fail("filter", "commoncrawl", wet, *options, "--set", "language.model=lid.none", code=1)
    assert "lid.none: model not found" in line
    assert "llama-corpus models pull" in line
    models = tmp_path / "models"
    models.mkdir()
    (models / "lid.176.ftz").write_bytes(PNG)
    line = fail("filter", "commoncrawl", wet, *options, "--models", models, code=1)
    assert "lid.176.ftz: not a fastText model" in line
    (models / "lid.176.ftz").unlink()
    (models / "en.sp.model").write_bytes(PNG)
    (models / "en.arpa.bin").write_bytes(PNG)
    line = fail("filter", "commoncrawl", wet, *options, "--models", models, code=1)
    assert "en.sp.model: not a sentencepiece model" in line


def test_llama1_without_a_language_model_says_how_to_get_one(wet: Path, language_model: Path, tmp_path: Path) -> None:
    empty = tmp_path / "home"
    shutil.copytree(language_model.parent, empty, ignore=shutil.ignore_patterns("en.*"))
    environment = {**os.environ, "LLAMA_CORPUS_MODELS": str(empty)}
    command = [SCRIPT, "filter", "commoncrawl", str(wet), "--out", str(tmp_path / "out")]
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert result.returncode == 1
    assert "en.sp.model: model not found" in result.stderr
    assert "llama-corpus models pull ccnet-en" in result.stderr


def test_broken_utf8_is_kept_and_counted(options: list[str], tmp_path: Path) -> None:
    body = b"A title\n" + b"words that are fine and more of them " * 12 + b"\xff\xfe broken\n"
    header = b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: http://a.example/\r\nContent-Length: %d\r\n\r\n"
    path = tmp_path / "broken.warc.wet.gz"
    path.write_bytes(gzip.compress(header % len(body) + body + b"\r\n\r\n"))
    summary = json.loads(succeed("filter", "commoncrawl", path, *options, "--json"))
    assert summary["documents"] == 1
    assert summary["read"]["faults.invalid_utf8"] == 1


def test_an_unwritable_out(wet: Path, options: list[str], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    assert "out: cannot be written" in fail("filter", "commoncrawl", wet, *options, code=1)


def test_directories_that_hold_nothing_to_count(tmp_path: Path) -> None:
    for command in ("stats", "verify"):
        assert "no such directory" in fail(command, tmp_path / "absent", code=1)
        assert "holds no documents" in fail(command, tmp_path, code=1)
    (tmp_path / "tasks").mkdir()
    assert "has not finished" in fail("stats", tmp_path, code=1)


def test_verify_finds_a_changed_byte(wet: Path, options: list[str], tmp_path: Path) -> None:
    succeed("filter", "commoncrawl", wet, *options)
    assert "all well" in succeed("verify", tmp_path / "out")
    part = tmp_path / "out/documents/part-00000.parquet"
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    result = run("verify", tmp_path / "out")
    assert result.returncode == 1
    assert "part-00000.parquet: content differs" in result.stdout


def test_nothing_kept_trains_no_tokenizer(wet: Path, options: list[str], tmp_path: Path) -> None:
    succeed("filter", "commoncrawl", wet, *options, "--set", "read.min_length=1000000000")
    assert "no text" in fail("tokenizer", "train", tmp_path / "out", "--out", tmp_path / "tokenizer", code=1)


def test_a_full_disk(wet: Path, options: list[str], tmp_path: Path) -> None:
    """A real one: a file system of one megabyte, mounted in a namespace of its own."""
    small = tmp_path / "small"
    small.mkdir()
    mount = f"mount -t tmpfs -o size=1m none {small}"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small file system")
    arguments = " ".join(["filter", "commoncrawl", str(wet), *options[2:], "--out", str(small / "out")])
    script = f"{mount} && {SCRIPT} {arguments}; code=$?; find {small}/out -name '*partial*' >&2; exit $code"
    result = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True)
    assert result.returncode == 1
    assert "no space left on the device; finished tasks are kept" in result.stderr
    assert "partial" not in result.stderr
    assert "Traceback" not in result.stderr
