"""The external sort of a site's posts by question: sorted runs on the disk, and their merge.

Posts are divided by question id into partitions, so that each can be merged by a task of its own. A run is an Arrow
file that holds the posts of every partition in turn, sorted by question, questions before answers, then by id.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa

from corpus.sources.stackexchange_posts import SCHEMA

BLOCK_BYTES = 256 << 10
"""About so much of a run is held at a time while many runs are merged; more of fewer, up to BLOCKS in all."""

BLOCKS = 64
MOST_RUNS = 512
"""Merged at once; of more, so many are first made one."""

LARGEST_RUN = 192 << 20

MOST_THREAD_BYTES = 256 << 20
"""Of the posts of one question: more are not joined. Stack Overflow's longest threads have some megabytes."""

_BLOCK_ROWS = 1 << 16
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


class RunFile:
    """Writes one run, partition after partition."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = pa.ipc.new_file(path, SCHEMA, options=_OPTIONS)
        self._partitions: list[int] = []

    def write(self, partition: int, posts: pa.Table) -> None:
        """Posts of one partition, sorted and behind those before."""
        rows = max(1, min(_BLOCK_ROWS, posts.num_rows * BLOCK_BYTES // max(posts.nbytes, 1)))
        for batch in posts.to_batches(max_chunksize=rows):
            self._writer.write_batch(batch)
            self._partitions.append(partition)

    def close(self) -> None:
        self._writer.close()
        np.save(_index(self._path), np.array(self._partitions, dtype=np.int32))


def _index(path: Path) -> Path:
    return path.with_suffix(".npy")


def write_runs(batches: Iterable[pa.RecordBatch], directory: Path, partitions: int, room: int) -> int:
    """Sorts posts into runs, each made within about `room` bytes; returns how many there are."""
    limit = min(room // 4, LARGEST_RUN)
    pending: list[pa.RecordBatch] = []
    size = count = 0
    for batch in batches:
        pending.append(batch)
        size += batch.nbytes
        if size >= limit:
            _write_run(pending, directory / f"run-{count}.arrow", partitions)
            size, count = 0, count + 1
    _write_run(pending, directory / f"run-{count}.arrow", partitions)
    count += 1
    while count > MOST_RUNS:
        count = _unite(directory, count, partitions)
    return count


def run_paths(directory: Path, count: int) -> list[Path]:
    return [directory / f"run-{number}.arrow" for number in range(count)]


def _write_run(batches: list[pa.RecordBatch], path: Path, partitions: int) -> None:
    posts = pa.Table.from_batches(batches, SCHEMA).combine_chunks()
    batches.clear()
    partition = posts.column("question").to_numpy() % partitions
    order = np.lexsort((*_keys(posts), partition))
    bounds = np.searchsorted(partition[order], np.arange(partitions + 1))
    run = RunFile(path)
    for number, (begin, end) in enumerate(pairwise(bounds.tolist())):
        for start in range(begin, end, _BLOCK_ROWS):
            run.write(number, posts.take(pa.array(order[start : min(start + _BLOCK_ROWS, end)])).combine_chunks())
    run.close()


def _keys(posts: pa.Table) -> tuple[np.ndarray, ...]:
    """What runs are sorted by, last key first, as np.lexsort wants them."""
    return tuple(posts.column(name).to_numpy() for name in ("record", "id", "answer", "question"))


def _unite(directory: Path, count: int, partitions: int) -> int:
    """Makes one run of MOST_RUNS at a time; returns how many there are then."""
    paths = run_paths(directory, count)
    united = directory / "united.arrow"
    for number, first in enumerate(range(0, count, MOST_RUNS)):
        group = paths[first : first + MOST_RUNS]
        run = RunFile(united)
        for partition in range(partitions):
            for window, _ in merged(group, partition, None):
                run.write(partition, window.take(pa.array(np.lexsort(_keys(window)))).combine_chunks())
        run.close()
        for path in group:
            path.unlink()
            _index(path).unlink()
        united.rename(paths[number])
        _index(united).rename(_index(paths[number]))
    return number + 1


class _Cursor:
    """One run, read a block at a time; `held` are the rows read and not yet taken."""

    def __init__(self, path: Path, partition: int, at_once: int) -> None:
        self._at_once = at_once
        self._file = pa.ipc.open_file(pa.memory_map(str(path)))
        self._blocks = iter(np.flatnonzero(np.load(_index(path)) == partition).tolist())
        self.held = pa.Table.from_batches([], SCHEMA)
        self.questions = np.empty(0, np.int64)
        self.ended = False

    def load(self) -> None:
        batches = [self._file.get_batch(block) for block in islice(self._blocks, self._at_once)]
        self.ended = not batches
        self.held = pa.concat_tables([self.held, pa.Table.from_batches(batches, SCHEMA)])
        self.questions = np.concatenate([self.questions, *(batch.column("question").to_numpy() for batch in batches)])

    def take_before(self, question: int | None, side: Literal["left", "right"] = "left") -> pa.Table:
        """The rows of smaller question ids, and with side "right" those of this one too; all rows without one."""
        count = len(self.questions) if question is None else int(np.searchsorted(self.questions, question, side))
        taken, self.held = self.held.slice(0, count), self.held.slice(count)
        self.questions = self.questions[count:]
        return taken


def merged(
    paths: Sequence[Path], partition: int, on_excess: Callable[[int], None] | None
) -> Iterator[tuple[pa.Table, np.ndarray]]:
    """The posts of one partition of several runs, in windows: all posts of the questions from one id to another.

    With each window int64[n], the number of the run every row is from. Inside a window rows are not sorted. Of a
    question of more than MOST_THREAD_BYTES posts are left out, which `on_excess` is told the number of; without it
    windows may end inside a thread.
    """
    cursors = [_Cursor(path, partition, max(1, BLOCKS // max(len(paths), 1))) for path in paths]
    while True:
        for cursor in cursors:
            while not cursor.ended and not len(cursor.questions):
                cursor.load()
        open_ends = [int(cursor.questions[-1]) for cursor in cursors if not cursor.ended]
        horizon = min(open_ends, default=None)
        taken = [cursor.take_before(horizon, "left" if on_excess else "right") for cursor in cursors]
        if any(part.num_rows for part in taken):
            numbers = np.repeat(np.arange(len(taken)), [part.num_rows for part in taken])
            yield pa.concat_tables(taken), numbers
        elif horizon is None:
            return
        elif on_excess is not None and sum(cursor.held.nbytes for cursor in cursors) > MOST_THREAD_BYTES:
            on_excess(sum(cursor.take_before(horizon, "right").num_rows for cursor in cursors))
        else:
            for cursor in cursors:
                if not cursor.ended and cursor.questions[-1] == horizon:
                    cursor.load()
