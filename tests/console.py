"""Running the installed console script."""

import os
import signal
import subprocess
import sysconfig
from collections.abc import Sequence
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
