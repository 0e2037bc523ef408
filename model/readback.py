"""Figures that a device computes, read without making it wait."""

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")


class Readback(Generic[T]):
    """A queue of figures on their way to the host.

    On a GPU they are copied when they are ready and read when the next ones have been queued, so that the GPU has work
    while the host waits for them. On a CPU there is nothing to wait for, and they are read at once.
    """

    def __init__(self, device: torch.device) -> None:
        self._cuda = device.type == "cuda"
        self._behind = 1 if self._cuda else 0
        self._queue: deque[tuple[T, Tensor, torch.cuda.Event | None]] = deque()

    def put(self, label: T, figures: Tensor) -> None:
        """Queues the copy of a one-dimensional tensor; does not wait."""
        if not self._cuda:
            self._queue.append((label, figures.detach().clone(), None))
            return
        host = torch.empty_like(figures, device="cpu", pin_memory=True)
        host.copy_(figures, non_blocking=True)
        copied = torch.cuda.Event()
        copied.record()
        self._queue.append((label, host, copied))

    def take(self, *, everything: bool = False) -> Iterator[tuple[T, list[float]]]:
        """Label and values of what was queued, oldest first: all but the newest, or `everything`; waits for them."""
        while len(self._queue) > (0 if everything else self._behind):
            label, figures, copied = self._queue.popleft()
            if copied is not None:
                copied.synchronize()
            yield label, figures.tolist()
