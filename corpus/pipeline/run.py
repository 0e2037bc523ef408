"""Running a plan: finds what is done, runs the rest, publishes."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from corpus.pipeline.executor import Executor
from corpus.pipeline.plan import Plan, Task
from corpus.pipeline.store import Store


class Monitor(Protocol):
    """Told how a run goes: the start of each step, bytes and documents as they are done, tasks as they commit."""

    def step(self, name: str, tasks: int, done: int, size: int, size_done: int) -> None: ...
    def advance(self, documents: int, size: int, dropped: int = 0) -> None: ...
    def note(self, message: str) -> None: ...


@dataclass(frozen=True)
class RunSummary:
    """Tasks run and tasks found done, over all steps; whether the whole run was found complete."""

    tasks_run: int
    tasks_reused: int
    already_complete: bool


def run_plan(plan: Plan, root: Path, executor: Executor, monitor: Monitor, overwrite: bool = False) -> RunSummary:
    """Brings `root` to hold exactly the plan's outputs, running only tasks that are not committed there.

    overwrite: forget what is there first. Raises UserError for work that fails; what was committed before stays and is
    found by the next call.
    """
    store = Store(root)
    with store.locked(), closing(executor):
        store = Store(root)
        if overwrite:
            store.clear()
        store.scratch.discard_except(plan.kept)
        tasks: dict[str, Sequence[Task]] = {}
        ran = reused = 0
        for step in plan.steps:
            tasks[step.name] = step.tasks(store)
            todo = [task for task in tasks[step.name] if not store.is_done(task.step, task.key)]
            if todo and store.is_complete():
                monitor.note(f"{root} held other results; running what changed")
                store.reopen()
            total, left = (sum(task.size for task in some) for some in (tasks[step.name], todo))
            monitor.step(step.name, len(tasks[step.name]), len(tasks[step.name]) - len(todo), total, total - left)
            for _ in executor.run(todo, root, monitor.advance):
                ran += 1
            reused += len(tasks[step.name]) - len(todo)
        store.scratch.clear()
        complete = store.is_complete() and ran == 0
        publication = plan.publish(store, tasks)
        store.publish(publication.files, publication.documents, publication.run)
        store.discard_tasks_except(_keys(tasks))
        return RunSummary(ran, reused, complete)


def _keys(tasks: Mapping[str, Sequence[Task]]) -> set[tuple[str, str]]:
    return {(task.step, task.key) for step in tasks.values() for task in step}
