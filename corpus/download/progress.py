"""How a download shows itself: one bar for all files on a terminal, a plain line now and then otherwise."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from corpus.pipeline.progress import LINE_SECONDS
from corpus.sizes import format_size


class Transfer:
    """Counts the files and bytes of one download; several threads report to it.

    total: bytes of all files, measured or estimated; None when unknown.
    """

    def __init__(self, files: int, total: int | None, bar: Progress | None) -> None:
        self._files, self._total, self._bar = files, total, bar
        self._task = bar.add_task("", total=total) if bar is not None else None
        self._lock = threading.Lock()
        self._done_files = self._found = self.received = 0
        self._start = self._last_line = time.monotonic()

    def found(self, size: int) -> None:
        with self._lock:
            self._found += size
            self._refresh()

    def came(self, size: int) -> None:
        with self._lock:
            self.received += size
            self._refresh()

    def finished(self) -> None:
        """One more file is done with, fetched or given up."""
        with self._lock:
            self._done_files += 1
            self._refresh()

    def note(self, message: str) -> None:
        with self._lock:
            if self._bar is not None:
                self._bar.console.print(message, highlight=False, markup=False)
            else:
                print(message, file=sys.stderr, flush=True)

    @property
    def seconds(self) -> float:
        return max(time.monotonic() - self._start, 1e-3)

    def _refresh(self) -> None:
        size = self._found + self.received
        if self._bar is not None and self._task is not None:
            total = None if self._total is None else max(self._total, size)
            text = f"{self._done_files:,}/{self._files:,} files"
            self._bar.update(self._task, completed=size, total=total, description=text)
        elif time.monotonic() - self._last_line > LINE_SECONDS:
            self._last_line = time.monotonic()
            print(self._line(size), file=sys.stderr, flush=True)

    def _line(self, size: int) -> str:
        rate = max(self.received, 0) / self.seconds
        text = f"{self._done_files:,} of {self._files:,} files, {format_size(size)}"
        if self._total is not None:
            text += f" of {format_size(self._total)}"
        text += f", {rate / 1e6:,.1f} MB/s"
        if self._total is not None and rate > 0:
            text += f", {_duration(max(self._total - size, 0) / rate)} left"
        return text


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"


@contextmanager
def transfer(files: int, total: int | None) -> Iterator[Transfer]:
    """Shows the download on stderr while the block runs."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Transfer(files, total, None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        yield Transfer(files, total, bar)
