"""How a run shows itself: one bar for the whole job on a terminal, a plain line now and then otherwise."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

LINE_SECONDS = 10.0


class Display:
    """A Monitor that writes to stderr. Time left is of the whole job: steps count by their input bytes and weight."""

    def __init__(self, weights: Sequence[tuple[str, float]], bar: Progress | None) -> None:
        self._weights = dict(weights)
        self._bar = bar
        self._task = bar.add_task("", total=1.0, rate="") if bar is not None else None
        self._finished_weight = 0.0
        self._name, self._size, self._done_size = "", 1, 0
        self._documents = self._bytes = self._dropped = 0
        self._start = self._last_line = time.monotonic()

    def step(self, name: str, tasks: int, done: int, size: int, size_done: int) -> None:
        self._finished_weight += self._weights.get(self._name, 0.0)
        self._name, self._size, self._done_size = name, max(size, 1), size_done
        self._documents = self._bytes = self._dropped = 0
        self._start = time.monotonic()
        if self._bar is None:
            found = f", {done} done before" if done else ""
            self._line(f"{name}: {tasks} task{'s' if tasks != 1 else ''}, {size / 1e6:,.1f} MB{found}")
        self._refresh()

    def advance(self, documents: int, size: int, dropped: int = 0) -> None:
        self._documents += documents
        self._dropped += dropped
        self._bytes += size
        self._done_size += size
        if self._bar is None and time.monotonic() - self._last_line > LINE_SECONDS:
            self._line(f"{self._name}: {self._fraction():.0%}, {self._rate()}")
        self._refresh()

    def note(self, message: str) -> None:
        if self._bar is None:
            self._line(message)
        else:
            self._bar.console.print(message, highlight=False)

    def _line(self, message: str) -> None:
        self._last_line = time.monotonic()
        print(message, file=sys.stderr, flush=True)

    def _fraction(self) -> float:
        step = self._weights.get(self._name, 0.0) * min(self._done_size / self._size, 1.0)
        return (self._finished_weight + step) / (sum(self._weights.values()) or 1.0)

    def _rate(self) -> str:
        seconds = max(time.monotonic() - self._start, 1e-3)
        documents = f"{self._documents / seconds:,.0f} documents/s, " if self._documents else ""
        kept = f", {1 - self._dropped / self._documents:.0%} kept" if self._dropped else ""
        return f"{documents}{self._bytes / seconds / 1e6:,.1f} MB/s{kept}"

    def _refresh(self) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._fraction(), description=self._name, rate=self._rate())


@contextmanager
def display(weights: Sequence[tuple[str, float]], quiet: bool = False) -> Iterator[Display]:
    """Shows a job of named steps with relative costs; `quiet` shows notes and nothing else."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Display(weights, None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), console=console) as bar:
        yield Display(weights, bar)
