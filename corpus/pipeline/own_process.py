"""Work in a process of its own: for native code that hears no interrupt and may take more memory than there is."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from typing import Any, TypeVar

Result = TypeVar("Result")
Progress = Callable[[int, int], None]


class ProcessKilledError(Exception):
    """The process ended without a result or an error, as it does when the system takes it for want of memory."""


def in_own_process(work: Callable[[Progress], Result], progress: Progress) -> Result:
    """What `work`, which like its result must be picklable, returns or raises in a new process.

    `progress` is called here as `work` calls its own. An exception here, an interrupt included, ends the process at
    once. Raises ProcessKilledError.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(work, sender), daemon=True)
    process.start()
    sender.close()
    try:
        while True:
            kind, value = receiver.recv()
            if kind == "result":
                result: Result = value
                return result
            if kind == "error":
                raise value
            progress(*value)
    except EOFError:
        process.join()
        raise ProcessKilledError(f"exit code {process.exitcode}") from None
    finally:
        process.kill()
        process.join()
        receiver.close()


def _serve(work: Callable[[Progress], Any], sender: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()
    try:
        result = work(lambda documents, size: sender.send(("progress", (documents, size))))
    except Exception as error:
        sender.send(("error", error))
    else:
        sender.send(("result", result))


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)
