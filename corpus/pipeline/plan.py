"""A plan: steps of independent tasks, with a barrier after each step."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from corpus.pipeline.store import Artifact, Draft, Store


class Progress(Protocol):
    """Called by a task as it goes, with documents, input bytes and dropped documents since the last call."""

    def __call__(self, documents: int, size: int, dropped: int = 0) -> None: ...


class Task(Protocol):
    """A pure function from named inputs to the files it writes; picklable, so that any process may run it.

    key: names everything that decides the output. size: input bytes, for progress and scheduling.
    """

    @property
    def step(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def size(self) -> int: ...

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        """Writes files into `draft.directory` and fills `draft.report` and `draft.timings`."""


@dataclass(frozen=True)
class Step:
    """Tasks that may run in any order once every earlier step is complete.

    tasks: called then, so that a step can be planned from what earlier steps found. weight: relative cost of a byte of
    input, for the estimate of the time left.
    """

    name: str
    tasks: Callable[[Store], Sequence[Task]]
    weight: float = 1.0


@dataclass(frozen=True)
class Publication:
    """What a finished run shows: public name -> artifact, JSON documents by name, and the content of run.json."""

    files: Mapping[str, Artifact]
    documents: Mapping[str, Any]
    run: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """The whole of one command: its steps in order, and what to show of the tasks that were run, by step name.

    kept: keys of what its tasks may leave in the scratch for each other.
    """

    steps: Sequence[Step]
    publish: Callable[[Store, Mapping[str, Sequence[Task]]], Publication]
    kept: frozenset[str] = frozenset()


TaskType = TypeVar("TaskType", bound=Task)


def distinct(tasks: Iterable[TaskType]) -> list[TaskType]:
    """The tasks without repeats of a key, in order of first appearance."""
    return list({task.key: task for task in tasks}.values())
