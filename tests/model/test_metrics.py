"""The figures of a row, and the log's rows across interruptions."""

from pathlib import Path

import pytest

from model.config import SIZES
from model.metrics import MetricsLog, Throughput, mfu, read_rows


def test_mfu_of_the_papers_65b_run() -> None:
    # 380 tokens/s a GPU on A100s: 49.5 % in this convention.
    assert mfu(380, SIZES["65B"].flops_per_token(), 312e12) == pytest.approx(0.495, abs=0.001)
    assert mfu(380, 1, None) is None


def test_throughput_since_the_row_before() -> None:
    now = 100.0
    throughput = Throughput(lambda: now)
    now = 101.0
    with throughput.waiting():
        now = 101.5
    now = 104.0
    assert throughput.take(200) == (50.0, 0.125)
    with throughput.paused():
        now = 200.0
    with throughput.waiting():
        now = 201.0
    assert throughput.take(10) == (10.0, 1.0)
    now = 203.0
    assert throughput.take(10) == (5.0, 0.0)


def row(step: int) -> dict[str, object]:
    return {"step": step, "loss": 1.0 / step, "source_loss": {"c4": 1.0}, "mfu": None}


def test_rows_after_the_resumed_step_are_dropped(tmp_path: Path) -> None:
    with MetricsLog(tmp_path, 0) as log:
        for step in range(1, 6):
            log.write(row(step))
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 6, "lo')  # as a kill leaves it
    assert [one["step"] for one in read_rows(tmp_path)] == [1, 2, 3, 4, 5]
    with MetricsLog(tmp_path, 3) as log:
        log.write(row(4))
    assert read_rows(tmp_path) == [row(step) for step in range(1, 5)]


def test_tensorboard_events(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with MetricsLog(tmp_path, 0) as log:
        log.write(row(1))
        log.write(row(2))
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert sorted(events.Tags()["scalars"]) == ["loss", "source_loss/c4"]
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [(1, 1.0), (2, 0.5)]
