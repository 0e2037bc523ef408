"""Running the installed console script."""

import json
import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = str(Path(sysconfig.get_path("scripts")) / "llama-corpus")


def run(*arguments: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    command = [SCRIPT, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout)


def succeed(*arguments: object, timeout: float = 300) -> str:
    """Standard output of a command that must succeed."""
    result = run(*arguments, timeout=timeout)
    assert result.returncode == 0, result.stderr
    return result.stdout


def fail(*arguments: object, code: int) -> str:
    """The one line on standard error of a command that must fail, without a traceback."""
    result = run(*arguments)
    assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
    assert "Traceback" not in result.stderr
    lines = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, result.stderr
    return lines[0]


def kill_after(seconds: float, arguments: Sequence[str]) -> bool:
    """Starts the command in its own session and kills all of it after `seconds`; whether it was still running."""
    process = subprocess.Popen(
        [SCRIPT, *arguments], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True


_LAUNCHER = """\
import json, resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss << 10]), file=sys.stderr)
"""


@dataclass(frozen=True)
class Used:
    """What a command took. seconds: of CPU time. peak: bytes of memory of its largest process."""

    code: int
    seconds: float
    peak: int
    stderr: str


def measured(*arguments: object, timeout: float = 300) -> Used:
    """Runs the command from a small process, as one starts with the peak of the one that started it."""
    command = [sys.executable, "-S", "-c", _LAUNCHER, SCRIPT, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    stderr, _, figures = result.stderr.rstrip("\n").rpartition("\n")
    return Used(*json.loads(figures), stderr)
