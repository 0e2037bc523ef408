"""What a download shows while it runs, away from a terminal and on one."""

import io

import pytest
from rich.console import Console
from rich.progress import Progress

import corpus.download.progress as progress
from corpus.download.progress import Transfer, transfer


def test_lines_say_how_far_how_fast_and_how_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 100.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    with transfer(files=40, total=10_000_000_000) as display:
        display.found(1_000_000_000)
        now += 5
        display.came(100_000_000)
        now += 5.1
        display.came(50_000_000)
        display.finished()
        now += 10.1
        display.came(850_000_000)
    assert capsys.readouterr().err.splitlines() == [
        "0 of 40 files, 1.1 GB of 10.0 GB, 14.9 MB/s, 10 min left",
        "1 of 40 files, 2.0 GB of 10.0 GB, 49.5 MB/s, 3 min left",
    ]


def test_lines_without_a_total(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    now = 100.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    with transfer(files=40, total=None) as display:
        now += 11
        display.came(11_000_000)
    assert capsys.readouterr().err.splitlines() == ["0 of 40 files, 11.0 MB, 1.0 MB/s"]


def test_the_bar_counts_files_and_bytes() -> None:
    screen = io.StringIO()
    bar = Progress(console=Console(file=screen, force_terminal=True))
    display = Transfer(files=2, total=1000, bar=bar)
    display.found(300)
    display.came(500)
    display.finished()
    display.came(-100)
    display.note("[red]given up")
    assert (bar.tasks[0].completed, bar.tasks[0].total, bar.tasks[0].description) == (700, 1000, "1/2 files")
    display.came(900)
    assert bar.tasks[0].total == 1600
    assert "[red]given up" in screen.getvalue()
