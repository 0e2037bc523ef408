"""What a run logs: RUN/metrics.jsonl, TensorBoard events where tensorboard is installed, and the figures in them.

A row of metrics.jsonl:

    step                updates made, this one included
    tokens              tokens read since the run began
    loss                mean cross-entropy of this step's tokens, in nats
    source_loss         the same for each source present in the step
    learning_rate       of this update
    grad_norm           global L2 norm before clipping
    tokens_per_second   since the row before, checkpoints not counted
    mfu                 share of the device's dense bf16 peak, at 6 FLOPs a matrix parameter plus 12 L d T a token, the
                        causal half not discounted; null where the peak is unknown
    memory_bytes        peak so far: allocated on the GPU, resident on a CPU
    data_wait           share of the time in which the loop waited for the data
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any


def mfu(tokens_per_second: float, flops_per_token: int, peak: float | None) -> float | None:
    """Model FLOPs utilisation, 0 to 1."""
    return None if peak is None else tokens_per_second * flops_per_token / peak


class Throughput:
    """Speed between one row and the next, on a clock in seconds, and how much of the time went to waiting for data.

    A row is taken when its step's figures have been read, so the time between two rows is the device's.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._waited = 0.0
        self._since = clock()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Counts what happens inside as waiting for data."""
        began = self._clock()
        yield
        self._waited += self._clock() - began

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leaves what happens inside out of the time."""
        began = self._clock()
        yield
        self._since += self._clock() - began

    def take(self, tokens: int) -> tuple[float, float]:
        """Tokens a second and the share of time waited, since the last call; `tokens` is how many they were."""
        now = self._clock()
        seconds, waited = now - self._since, self._waited
        self._since, self._waited = now, 0.0
        return tokens / seconds, waited / seconds


class MetricsLog:
    """Appends rows to RUN/metrics.jsonl and, where tensorboard can be imported, to RUN/tensorboard.

    Rows of steps after `step`, which a stopped run may have logged without keeping the weights, are dropped on opening.
    """

    def __init__(self, run: Path, step: int) -> None:
        self._path = run / "metrics.jsonl"
        kept = [row for row in read_rows(run) if row["step"] <= step]
        temporary = run / ".metrics.jsonl.tmp"
        temporary.write_text("".join(json.dumps(row) + "\n" for row in kept))
        os.replace(temporary, self._path)
        self._file = self._path.open("a")
        self._events = _event_writer(run / "tensorboard", step)

    def write(self, row: dict[str, Any]) -> None:
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()
        if self._events is not None:
            for name, value in row.items():
                if name == "source_loss":
                    for source, loss in value.items():
                        self._events.add_scalar(f"source_loss/{source}", loss, row["step"])
                elif name != "step" and value is not None:
                    self._events.add_scalar(name, value, row["step"])

    def __enter__(self) -> "MetricsLog":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
        if self._events is not None:
            self._events.close()


def read_rows(run: Path) -> list[dict[str, Any]]:
    """The rows of RUN/metrics.jsonl, oldest first; a last line cut short by a crash is left out."""
    try:
        lines = (run / "metrics.jsonl").read_text().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def _event_writer(directory: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(directory), purge_step=step + 1)
