"""Killing the whole process tree at any moment and giving the same command again changes nothing in the result."""

import os
import random
import subprocess
import time
from pathlib import Path

import pytest
from console import SCRIPT, kill_after, succeed
from word_plan import public_files

pytestmark = pytest.mark.slow


def filter_command(shared_data: Path, out: Path, workers: int) -> list[str]:
    wet, lm = shared_data / "data/web/wet", shared_data / "golden/lm"
    options = ["--recipe", "ccnet-exact", "--set", "dedup.group_size=2", "--models", str(lm), "--workers", str(workers)]
    return ["filter", "commoncrawl", str(wet), "--out", str(out), *options]


@pytest.fixture(scope="module")
def whole(shared_data: Path, language_model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """An uninterrupted run with one worker, and the seconds it took."""
    out = tmp_path_factory.mktemp("whole") / "out"
    start = time.monotonic()
    succeed(*filter_command(shared_data, out, 1))
    return out, time.monotonic() - start


def test_two_workers_write_the_same_bytes(shared_data: Path, whole: tuple[Path, float], tmp_path: Path) -> None:
    succeed(*filter_command(shared_data, tmp_path / "out", 2))
    assert public_files(tmp_path / "out") == public_files(whole[0])


@pytest.mark.parametrize("seed", range(6))
def test_a_killed_filter_continues_to_the_same_bytes(
    shared_data: Path, whole: tuple[Path, float], tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    kills = 0
    for _ in range(3):
        workers = draw.choice([1, 2])
        kills += kill_after(draw.uniform(0.2, 1.0) * whole[1], filter_command(shared_data, tmp_path / "out", workers))
    succeed(*filter_command(shared_data, tmp_path / "out", 2))
    assert public_files(tmp_path / "out") == public_files(whole[0])
    assert not list((tmp_path / "out/tasks").rglob("*partial*"))
    assert not (tmp_path / "out/tasks/kept").exists()
    assert kills or seed


@pytest.mark.parametrize("seed", range(3))
def test_another_recipe_takes_over_what_a_killed_one_left(
    shared_data: Path, whole: tuple[Path, float], tmp_path: Path, seed: int
) -> None:
    command = filter_command(shared_data, tmp_path / "out", 2)
    kill_after(random.Random(seed).uniform(0.3, 0.9) * whole[1], [*command, "--set", "read.min_length=1000"])
    succeed(*command)
    assert public_files(tmp_path / "out") == public_files(whole[0])
    assert not (tmp_path / "out/tasks/kept").exists()


def test_no_worker_outlives_a_killed_command(shared_data: Path, whole: tuple[Path, float], tmp_path: Path) -> None:
    """Only the main process is killed; its workers notice and end."""
    process = subprocess.Popen(
        [SCRIPT, *filter_command(shared_data, tmp_path / "out", 2)],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not list((tmp_path / "out").glob("tasks/*/*.partial-*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    while time.monotonic() < deadline:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        pytest.fail("a worker is still running")
    succeed(*filter_command(shared_data, tmp_path / "out", 2))
    assert public_files(tmp_path / "out") == public_files(whole[0])
