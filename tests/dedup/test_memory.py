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
DOCUMENTS = 400_000


def measured(script: str, out: Path, memory: int, amount: int) -> dict[str, int]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent), str(HERE.parent.parent)])}
    command = [sys.executable, str(HERE / script), str(out), str(memory), str(amount)]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    figures: dict[str, int] = json.loads(result.stdout)
    return figures


@pytest.mark.slow
def test_line_deduplication_stays_under_its_limit(tmp_path: Path) -> None:
    """Three files of 8,000,000 lines: without a limit that is worth the name they take more than the limit."""
    bounded = measured("measured_lines.py", tmp_path / "bounded", LIMIT, LINES)
    free = measured("measured_lines.py", tmp_path / "free", 16 << 30, LINES)
    assert bounded["removed"] == free["removed"] >= 4 * LINES // 4
    assert bounded["peak"] < LIMIT < free["peak"]


@pytest.mark.slow
def test_document_deduplication_stays_under_its_limit(tmp_path: Path) -> None:
    """Two files of 400,000 short documents: 6,400,000 band hashes each."""
    bounded = measured("measured_documents.py", tmp_path / "bounded", LIMIT, DOCUMENTS)
    free = measured("measured_documents.py", tmp_path / "free", 16 << 30, DOCUMENTS)
    assert bounded["removed"] == free["removed"] > DOCUMENTS // 10 * 9 // 10
    assert bounded["peak"] < LIMIT < free["peak"]
