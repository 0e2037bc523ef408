"""Timing a job as a process of its own: CPU seconds, wall seconds and peak memory, best of several runs."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Timing:
    """The fastest run. cpu, wall: seconds, start-up of the process included. memory: peak resident bytes."""

    name: str
    cpu: float
    wall: float
    memory: int
    output: str


def measure(name: str, command: Sequence[str], runs: int) -> Timing:
    """Runs `command` `runs` times on one core. Raises CalledProcessError when it fails."""
    return min((_once(name, command) for _ in range(runs)), key=lambda timing: timing.cpu)


def _once(name: str, command: Sequence[str]) -> Timing:
    core = min(os.sched_getaffinity(0))
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, {core})
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), list(command))
    return Timing(name, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss << 10, output)


def report(title: str, megabytes: float, timings: Sequence[Timing], packages: Sequence[str], out: Path) -> None:
    """Prints a table with ratios to the first timing, and writes the figures with exact versions to `out` as JSON."""
    print(f"{title}: {megabytes:.1f} MB, one core of {platform.processor() or platform.machine()}")
    slowest = timings[0]
    for timing in timings:
        rate, ratio = megabytes / timing.cpu, slowest.cpu / timing.cpu
        print(
            f"  {timing.name:40} {timing.cpu:8.2f} s CPU {rate:8.1f} MB/s {ratio:6.1f}x "
            f"{timing.memory / 1e6:8.0f} MB of memory"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    figures: Mapping[str, Any] = {
        "title": title,
        "megabytes": megabytes,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "versions": {package: version(package) for package in packages},
        "timings": [{key: value for key, value in asdict(timing).items() if key != "output"} for timing in timings],
    }
    out.write_text(json.dumps(figures, indent=1) + "\n")


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]
