"""Where the time of a task goes."""

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

Result = TypeVar("Result")
Item = TypeVar("Item")


class Clock:
    """Adds up the seconds spent in each activity."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds

    def measure(self, name: str, function: Callable[..., Result], *arguments: Any) -> Result:
        start = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    def timed(self, name: str, items: Iterator[Item]) -> Iterator[Item]:
        while (item := self.measure(name, next, items, None)) is not None:
            yield item
