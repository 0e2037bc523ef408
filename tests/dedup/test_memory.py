"""Deduplication stays within its memory, in a process of its own whose peak is measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LIMIT = 256 << 20
LINES = 8_000_000


def measured(out: Path, memory: int) -> dict[str, int]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent), str(HERE.parent.parent)])}
    command = [sys.executable, str(HERE / "measured_lines.py"), str(out), str(memory), str(LINES)]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    figures: dict[str, int] = json.loads(result.stdout)
    return figures


@pytest.mark.slow
def test_line_deduplication_stays_under_its_limit(tmp_path: Path) -> None:
    """Three files of 8,000,000 lines: without a limit that is worth the name they take more than the limit."""
    bounded = measured(tmp_path / "bounded", LIMIT)
    free = measured(tmp_path / "free", 16 << 30)
    assert bounded["removed"] == free["removed"] >= 4 * LINES // 4
    assert bounded["peak"] < LIMIT < free["peak"]
