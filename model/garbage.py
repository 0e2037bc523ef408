"""Python's garbage collector, which may stop a step for tenths of a second, run between steps instead."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_EVERY = 50  # steps


@contextmanager
def collect_between_steps() -> Iterator[Callable[[int], None]]:
    """Switches automatic collection off; gives the function to call after each step, with its number.

    That one looks at what has come since the loop began, every 50 steps: reference cycles may hold tensors.
    """
    enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()

    def after_step(step: int) -> None:
        if step % _EVERY == 0:
            gc.collect()

    try:
        yield after_step
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()
