"""`llama-corpus download` as people call it: what it prints, how it ends, and what a kill leaves."""

import json
import os
import random
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import misbehaving_host as answers
import pytest
from console import SCRIPT, fail, run, succeed
from misbehaving_host import Host
from small_dump import DUMP, leftovers, name, record, serve_list


@pytest.fixture
def names(host: Host, members: list[bytes]) -> list[str]:
    listed = [name(number) for number in range(6)]
    serve_list(host, listed)
    for number, path in enumerate(listed):
        host.page(path, b"".join(members[: 40 + number]))
    return listed


def command(host: Host, out: Path, *more: str) -> list[str]:
    return ["download", "commoncrawl", "--dump", DUMP, "--base-url", host.url, "--out", str(out), *more]


def total(host: Host, names: list[str]) -> int:
    return sum(len(host.pages[f"/{path}"].content) for path in names)


def test_fetching_for_people_and_for_programs(host: Host, names: list[str], tmp_path: Path) -> None:
    line = succeed(*command(host, tmp_path, "--files", "2"))
    assert line.startswith(f"commoncrawl {DUMP} wet: fetched 2 files, 163.9 kB")
    summary = json.loads(succeed(*command(host, tmp_path, "--json")))
    assert (summary["fetched"], summary["here"], summary["failed"]) == (4, 2, [])
    assert sorted(record(tmp_path)) == names


def test_a_dry_run_lists_and_adds_up(host: Host, names: list[str], tmp_path: Path) -> None:
    lines = succeed(*command(host, tmp_path / "out", "--dry-run")).splitlines()
    assert lines[0].split() == ["80.9", "kB", names[0]]
    assert lines[-1] == f"commoncrawl {DUMP} wet: 6 files, {total(host, names) / 1000:.1f} kB in all"
    plan = json.loads(succeed(*command(host, tmp_path / "out", "--dry-run", "--json")))
    assert [file["bytes"] for file in plan["files"]] == [len(host.pages[f"/{path}"].content) for path in names]
    assert (plan["bytes"], plan["exact"]) == (total(host, names), True)


def test_a_file_that_cannot_be_had(host: Host, names: list[str], tmp_path: Path) -> None:
    del host.pages[f"/{names[1]}"]
    line = fail(*command(host, tmp_path), code=1)
    assert f"{names[1]}: could not be fetched: the host answers 404" in line
    assert len(record(tmp_path)) == 5
    summary = json.loads(run(*command(host, tmp_path, "--json")).stdout)
    assert (summary["here"], len(summary["failed"])) == (5, 1)


def test_usage(host: Host, tmp_path: Path) -> None:
    assert "commoncrawl needs --dump" in fail("download", "commoncrawl", "--out", tmp_path, code=2)
    assert "there are commoncrawl, c4" in fail("download", "nonsense", "--out", tmp_path, code=2)


def test_an_out_that_is_a_file(host: Host, names: list[str], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("here")
    assert "choose another --out" in fail(*command(host, tmp_path / "out"), code=1)


@pytest.mark.parametrize("seed", range(3))
def test_killed_downloads_go_on(host: Host, names: list[str], tmp_path: Path, seed: int) -> None:
    """Whatever the moments, the files are right in the end, and few bytes have come twice."""
    for path in names:
        host.pages[f"/{path}"].always = answers.slowly(4000, 0.05)
    draw = random.Random(seed)
    kills = 0
    for _ in range(3):
        process = subprocess.Popen([SCRIPT, *command(host, tmp_path, "--connections", "2")], stderr=subprocess.DEVNULL)
        before = len(host.requests)
        while len(host.requests) < before + 3 and process.poll() is None:
            time.sleep(0.01)
        time.sleep(draw.uniform(0, 1.0))
        kills += process.poll() is None
        process.kill()
        process.wait()
    assert kills
    for path in names:
        host.pages[f"/{path}"].always = None
    succeed(*command(host, tmp_path))
    assert all((tmp_path / path).read_bytes() == host.pages[f"/{path}"].content for path in names)
    assert sorted(record(tmp_path)) == names
    assert leftovers(tmp_path) == []
    assert any("range" in request.headers for request in host.requests)


def test_an_interrupt_ends_at_once_and_keeps_what_came(host: Host, names: list[str], tmp_path: Path) -> None:
    """Although a connection is silent."""
    host.pages[f"/{names[0]}"].always = answers.stall_after(5000, 30)
    arguments = [SCRIPT, *command(host, tmp_path, "--connections", "2")]
    # What a shell starts in the background ignores SIGINT, and so would the command.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, preexec_fn=heed) as process:
        while not host.gets(names[5]):
            time.sleep(0.05)
        time.sleep(0.3)
        start = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert time.monotonic() - start < 5
    assert "the same command continues" in errors
    assert "Traceback" not in errors
    assert sorted(record(tmp_path)) == names[1:]
    assert leftovers(tmp_path) == [f"{Path(names[0]).name}.part", f"{Path(names[0]).name}.part.json"]


def test_the_help_names_the_sources() -> None:
    text = succeed("download", "--help")
    for word in ("commoncrawl", "c4", "--dump", "--dry-run", "--connections"):
        assert word in text
