"""How a training run shows itself in a terminal, and what it says at its end."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LINE_SECONDS = 10.0
Row = Mapping[str, Any]


@contextmanager
def training_display(steps: int) -> Iterator[Callable[[Row], None]]:
    """Gives the function for each row of metrics.

    It moves a bar on a terminal, else (or where rich is not installed) writes a line now and then.
    """
    if find_spec("rich") is None:
        yield _line_writer(steps)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _line_writer(steps)
        return
    figures = TextColumn("{task.fields[figures]}")
    with Progress(MofNCompleteColumn(), BarColumn(), figures, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("", total=steps, figures="")
        yield lambda row: bar.update(task, completed=row["step"], figures=_figures(row))


@dataclass(frozen=True)
class TrainingSummary:
    """What a call of `train` did; figures as in `model.train.summarise`."""

    figures: Row

    def as_json(self) -> dict[str, Any]:
        return dict(self.figures)

    def print(self) -> None:
        figures = self.figures
        print(f"{figures['run']}: {figures['status']} at step {figures['step']:,} of {figures['steps']:,}", end="")
        print(f", {figures['parameters']:,} parameters on {figures['device']}")
        if figures["first_loss"] is not None:
            rate = figures["tokens_per_second"]
            print(
                f"loss {figures['first_loss']:.3f} -> {figures['last_loss']:.3f} over {figures['tokens']:,} tokens",
                end="",
            )
            print(f", {rate:,.0f} tokens/s" if rate else "")
        print(f"next: llama-corpus generate {figures['run']} --prompt 'Once'")


def train_with_display(shards: Path, out: Path, size: str, *, device: str | None, **settings: Any) -> TrainingSummary:
    """Trains by the recipe of `size` with `settings` over it (see `model.config.configure`), showing how it goes."""
    from model.config import configure
    from model.train import train

    config = configure(size, **settings)
    with training_display(config.steps) as on_step:
        return TrainingSummary(train(shards, out, config, device=device, on_step=on_step))


def _line_writer(steps: int) -> Callable[[Row], None]:
    last = 0.0

    def write(row: Row) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_SECONDS or row["step"] in (1, steps):
            last = time.monotonic()
            print(f"step {row['step']}/{steps}: {_figures(row)}", file=sys.stderr, flush=True)

    return write


def _figures(row: Row) -> str:
    return f"loss {row['loss']:.3f}, {row['tokens_per_second']:,.0f} tokens/s, grad norm {row['grad_norm']:.2f}"
