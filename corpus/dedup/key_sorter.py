"""Sorting the keys of one input, however many, within a task's memory."""

import shutil
from pathlib import Path

import numpy as np

from corpus.dedup.key_files import Columns, KeyFiles, KeyRange, power_of_two, read_range
from corpus.pipeline.store import Draft


class KeySorter:
    """Takes uint64 keys with columns, and writes them sorted as KeyFiles; equal keys stay in the order they came.

    Once they fill the memory, what there is is put aside as a sorted run; the runs are merged at the end.
    """

    def __init__(self, draft: Draft, columns: Columns) -> None:
        self._draft = draft
        self._columns = dict(columns)
        self._row_bytes = 8 + sum(dtype.itemsize for dtype in columns.values())
        self._pending: list[dict[str, np.ndarray]] = []
        self._rows = 0
        self._runs: list[Path] = []

    def add(self, keys: np.ndarray, **columns: np.ndarray) -> None:
        self._pending.append({"keys": keys, **columns})
        self._rows += len(keys)
        # Put together, their order, and in order; and a quarter for what else is under way.
        if self._rows * (2 * self._row_bytes + 8) * 5 // 4 > self._draft.room():
            directory = self._draft.directory / f"run-{len(self._runs)}"
            directory.mkdir()
            self._write_run(directory)
            self._runs.append(directory)

    def finish(self) -> None:
        if not self._runs:
            self._write_run(self._draft.directory)
            return
        last = self._draft.directory / "run-last"
        last.mkdir()
        self._write_run(last)
        self._merge([*self._runs, last])

    def _write_run(self, directory: Path) -> None:
        pending = [{"keys": np.empty(0, np.uint64), **{name: np.empty(0, t) for name, t in self._columns.items()}}]
        pending += self._pending
        self._pending, self._rows = [], 0
        files = KeyFiles(directory)
        _append_sorted(files, pending)
        files.finish()

    def _merge(self, runs: list[Path]) -> None:
        size = sum((run / "keys.bin").stat().st_size for run in runs) // 8 * (3 * self._row_bytes + 8)
        files = KeyFiles(self._draft.directory)
        for part in KeyRange().divided(power_of_two(size / self._draft.room())):
            _append_sorted(files, [read_range(run, part, self._columns) for run in runs])
        files.finish()
        for run in runs:
            shutil.rmtree(run)


def _append_sorted(files: KeyFiles, pieces: list[dict[str, np.ndarray]]) -> None:
    whole = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    order = np.argsort(whole["keys"], kind="stable")
    files.append(whole.pop("keys")[order], {name: values[order] for name, values in whole.items()})
