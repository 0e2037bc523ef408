"""Stopping between steps when asked to."""

import contextlib
import logging
import signal
import threading
from collections.abc import Iterator

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def stop_on_signal() -> Iterator[threading.Event]:
    """An event that SIGINT or SIGTERM sets, for the loop to end after its step; a second one acts as usual."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore_handlers() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def handle(number: int, _: object) -> None:
        logger.warning("%s: ends after this step, with a checkpoint", signal.Signals(number).name)
        stop.set()
        restore_handlers()

    for number in before:
        signal.signal(number, handle)
    try:
        yield stop
    finally:
        restore_handlers()
