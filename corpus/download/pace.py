"""How long to wait before asking again, and one pause for all connections when the host asks for it."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from email.message import Message
from email.utils import parsedate_to_datetime

TOLD_SECONDS = 4.0
"""A wait at least so long is told, with its reason."""


@dataclass(frozen=True)
class Patience:
    """When to try again, in seconds, and when to stop.

    attempts: failures in a row, without progress between them, after which a file is given up. first, most: the wait
    after the first failure, doubled after each up to `most`. longest: a host asking for a longer wait is given up.
    timeout: a connection silent for so long counts as broken; so does one that gives less than 1 kB/s over that time.
    """

    attempts: int = 8
    first: float = 1.0
    most: float = 60.0
    longest: float = 900.0
    timeout: float = 30.0

    def delay(self, failures: int) -> float:
        """Between half and all of the doubled wait, at random, so that many clients do not come back together."""
        return min(self.first * 2.0 ** (failures - 1), self.most) * random.uniform(0.5, 1.0)


def tell_wait(url: str, fault: str, seconds: float, note: Callable[[str], None]) -> None:
    if seconds >= TOLD_SECONDS:
        note(f"{url}: {fault}; asking again in {seconds:.0f} s")


class Gate:
    """What all connections pass before a request: closed while the host wants to be left alone."""

    def __init__(self) -> None:
        self._opens = 0.0
        self._lock = threading.Lock()

    def close(self, seconds: float) -> None:
        with self._lock:
            self._opens = max(self._opens, time.monotonic() + seconds)

    def wait(self, stop: threading.Event) -> None:
        """Returns when the gate is open, or as soon as `stop` is set."""
        while (remaining := self._opens - time.monotonic()) > 0 and not stop.wait(min(remaining, 1.0)):
            pass


def retry_after(headers: Message) -> float | None:
    """Seconds that a Retry-After header asks for, given as such or as a date; None without a readable one."""
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        return float(int(value))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or timezone.utc) - datetime.now(timezone.utc)).total_seconds())
