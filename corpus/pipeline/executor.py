"""Where tasks run: in this process, or in a pool of local worker processes."""

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import Protocol

from corpus.errors import UsageError, UserError
from corpus.memory import available_memory
from corpus.pipeline.plan import Progress, Task
from corpus.pipeline.store import NoSpaceError, Store

LEAST_MEMORY = 256 << 20
"""Bytes a process needs to work at all: its libraries, a batch of documents, and room to sort."""


class Executor(Protocol):
    """Runs tasks to their commit. Yields each task as it completes; raises the first failure.

    Between `run` and `close` progress is told to whom the first `run` named.
    """

    workers: int

    def run(self, tasks: Sequence[Task], root: Path, progress: Progress) -> Iterator[Task]: ...
    def close(self) -> None: ...


def execute(task: Task, root: Path, progress: Progress, memory: int, scratch: int | None = None) -> None:
    """Runs one task in the run directory `root`, within `memory` bytes, and commits it.

    scratch: see Store. On a full disk what is kept there gives way, and the task is tried again without.
    """
    try:
        _attempt(task, Store(root, scratch), progress, memory)
    except NoSpaceError:
        if not Store(root).scratch.clear():
            raise
        _attempt(task, Store(root, 0), progress, memory)


def _attempt(task: Task, store: Store, progress: Progress, memory: int) -> None:
    with store.task(task.step, task.key, memory) as draft:
        task.run(store, draft, progress)


class InProcess:
    """One task after another in the calling process, each within `memory` bytes. scratch: see Store."""

    workers = 1

    def __init__(self, memory: int = 1 << 30, scratch: int | None = None) -> None:
        self.memory = memory
        self.scratch = scratch

    def run(self, tasks: Sequence[Task], root: Path, progress: Progress) -> Iterator[Task]:
        for task in tasks:
            execute(task, root, progress, self.memory, self.scratch)
            yield task

    def close(self) -> None: ...


class LocalProcesses:
    """`workers` processes on this machine, each within `memory` bytes; largest tasks start first. scratch: see
    Store."""

    def __init__(self, workers: int, memory: int = 1 << 30, scratch: int | None = None) -> None:
        self.workers = workers
        self.memory = memory
        self.scratch = scratch
        self._pool: _Pool | None = None

    def run(self, tasks: Sequence[Task], root: Path, progress: Progress) -> Iterator[Task]:
        if tasks:
            self._pool = self._pool or _Pool(self.workers, progress)
            yield from self._drain(self._pool.processes, sorted(tasks, key=lambda task: -task.size), root)

    def close(self) -> None:
        """Waits for the tasks that run, and ends the processes."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def _drain(self, pool: ProcessPoolExecutor, queue: list[Task], root: Path) -> Iterator[Task]:
        waiting = list(reversed(queue))
        running: dict[Future[None], Task] = {}
        failure: BaseException | None = None
        while running or (waiting and failure is None):
            while waiting and failure is None and len(running) < 2 * self.workers:
                task = waiting.pop()
                running[pool.submit(_work, task, root, self.memory, self.scratch)] = task
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                task = running.pop(future)
                error = future.exception()
                if error is None:
                    yield task
                elif failure is None:
                    failure = error
                    for queued in running:
                        queued.cancel()
        if isinstance(failure, BrokenProcessPool):
            raise UserError(
                f"{root}: a worker process was killed, most likely for want of memory; finished tasks are kept, "
                "so run the same command again with fewer --workers or a lower --memory"
            )
        if failure is not None:
            raise failure


class _Pool:
    """Processes, which start with the first tasks and stay for those of later steps, and what they tell of progress."""

    def __init__(self, workers: int, progress: Progress) -> None:
        context = multiprocessing.get_context("spawn")
        # The workers share a pipe without a lock, which one that is killed would not give back: what they send is small
        # enough to be written whole.
        self._events, self._sender = context.Pipe(duplex=False)
        self._listener = threading.Thread(target=_forward, args=(self._events, progress), daemon=True)
        self._listener.start()
        self.processes = ProcessPoolExecutor(workers, context, _start_worker, (self._sender,))

    def close(self) -> None:
        self.processes.shutdown()
        self._sender.send(None)
        self._listener.join()
        self._sender.close()
        self._events.close()


def executor_for(workers: int, memory: int | None = None, scratch: int | None = None) -> Executor:
    """Local processes that share `memory` bytes evenly, by default four fifths of what the machine has to give.

    scratch: see Store. Raises UsageError when a share is under LEAST_MEMORY.
    """
    total = memory if memory is not None else (available_memory() or workers << 30) * 4 // 5
    if memory is not None and total < workers * LEAST_MEMORY:
        raise UsageError(
            f"--memory: {total >> 20}M are too little for {workers} workers; give {workers * LEAST_MEMORY >> 20}M or "
            "fewer --workers"
        )
    return InProcess(total, scratch) if workers == 1 else LocalProcesses(workers, total // workers, scratch)


_events: Connection | None = None


def _start_worker(events: Connection) -> None:
    global _events
    _events = events
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    """Ends this worker when the command that started it is gone, so that a kill leaves nothing running."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _work(task: Task, root: Path, memory: int, scratch: int | None) -> None:
    def tell(documents: int, size: int, dropped: int = 0) -> None:
        if _events is not None:
            _events.send((documents, size, dropped))

    execute(task, root, tell, memory, scratch)


def _forward(events: Connection, progress: Progress) -> None:
    while (event := events.recv()) is not None:
        progress(*event)
