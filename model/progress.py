"""How a training run shows itself in a terminal, and what it says at its end."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

LINE_SECONDS = 10.0
Row = Mapping[str, Any]


@contextmanager
def training_display(steps: int) -> Iterator[Callable[[Row], None]]:
    """Gives the function to call with each row of metrics: it moves a bar on a terminal, or writes a line now and then."""
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


def print_summary(summary: Row) -> None:
    """What the call of `train` did, and what to do next."""
    print(f"{summary['run']}: {summary['status']} at step {summary['step']:,} of {summary['steps']:,}", end="")
    print(f", {summary['parameters']:,} parameters on {summary['device']}")
    if summary["first_loss"] is not None:
        print(f"loss {summary['first_loss']:.3f} -> {summary['last_loss']:.3f} over {summary['tokens']:,} tokens", end="")
        rate = summary["tokens_per_second"]
        print(f", {rate:,.0f} tokens/s" if rate else "")
    print(f"next: llama-corpus generate {summary['run']} --prompt 'Once'")


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
