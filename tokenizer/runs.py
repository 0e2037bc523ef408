"""Sorted runs: tokenised documents of one source in the order of their hashes, memory-mapped until shards are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tokenizer.document_order import hash_order

RUN_BYTES = 128 << 20
"""Documents are held and sorted in about this much memory, and as much again while they are put in order."""


@dataclass(frozen=True)
class Run:
    """A file of a directory, and what it holds; bytes: of the documents' texts."""

    source: str
    file: str
    documents: int
    tokens: int
    bytes: int


class Tokenized(NamedTuple):
    """Documents of one source: hashes uint64[n], ids string[n], text_bytes int64[n]; document i has the tokens
    `tokens[offsets[i]:offsets[i + 1]]`, of the tokenizer's dtype."""

    hashes: np.ndarray
    ids: pa.Array
    text_bytes: np.ndarray
    tokens: np.ndarray
    offsets: np.ndarray


class RunWriter:
    """Collects documents and writes them to `directory` in runs, each an Arrow IPC file of one record batch.

    Columns: hash uint64, id string, bytes int64, tokens large_list. Rows are in `hash_order`.
    """

    def __init__(self, directory: Path, run_bytes: int) -> None:
        self._directory = directory
        self._run_bytes = run_bytes
        self._pending: dict[str, list[Tokenized]] = {}
        self._pending_bytes = 0
        self.runs: list[Run] = []

    def add(self, source: str, documents: Tokenized) -> None:
        """The documents follow those added before: of two with the same id the earlier stays first."""
        self._pending.setdefault(source, []).append(documents)
        self._pending_bytes += sum(column.nbytes for column in documents)
        if self._pending_bytes >= self._run_bytes:
            self.flush()

    def flush(self) -> None:
        """Writes what is left; to be called after the last document."""
        for source in sorted(self._pending):
            documents = Documents(self._pending.pop(source))
            tokens, offsets = documents.tokens(documents.order)
            batch = pa.RecordBatch.from_pydict(
                {
                    "hash": pa.array(documents.hashes[documents.order]),
                    "id": documents.ids.take(pa.array(documents.order)),
                    "bytes": pa.array(documents.text_bytes[documents.order]),
                    "tokens": pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(tokens)),
                }
            )
            file = f"run-{len(self.runs):05d}.arrow"
            with pa.ipc.new_file(self._directory / file, batch.schema) as writer:
                writer.write_batch(batch)
            self.runs.append(Run(source, file, batch.num_rows, len(tokens), int(documents.text_bytes.sum())))
        self._pending_bytes = 0


class Documents:
    """Parts of one source laid end to end. order: int64[n], the rows in `hash_order`."""

    def __init__(self, parts: Sequence[Tokenized]) -> None:
        self.hashes = np.concatenate([part.hashes for part in parts])
        self.ids = pa.concat_arrays([part.ids for part in parts])
        self.text_bytes = np.concatenate([part.text_bytes for part in parts])
        self.lengths = np.concatenate([np.diff(part.offsets) for part in parts])
        self.order = hash_order(self.hashes, self.ids)
        self._parts = [part.tokens for part in parts]
        self._part = np.repeat(np.arange(len(parts)), [len(part.hashes) for part in parts])
        self._starts = np.concatenate([part.offsets[:-1] for part in parts])

    def tokens(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The tokens of the documents `rows` end to end, and their int64[len(rows) + 1] offsets."""
        starts, lengths = self._starts[rows], self.lengths[rows]
        places = zip(self._part[rows].tolist(), starts.tolist(), (starts + lengths).tolist(), strict=True)
        # Copying slice by slice takes a tenth of the time of gathering through an index of tokens.
        tokens = np.concatenate([self._parts[part][start:stop] for part, start, stop in places])
        return tokens, np.concatenate([[0], np.cumsum(lengths)])


def open_run(path: Path) -> pa.RecordBatch:
    """The documents of a run, as views of the mapped file."""
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_file(file).get_batch(0)


def token_counts(run: pa.RecordBatch) -> np.ndarray:
    """int64[n]: tokens of each document."""
    return np.diff(run.column("tokens").offsets.to_numpy())


def read_slice(run: pa.RecordBatch, low: int, high: int) -> Tokenized:
    """Rows `low` to `high` (excluded) of a run, copied, so that nothing keeps the file mapped."""
    offsets = run.column("tokens").offsets.to_numpy()[low : high + 1]
    return Tokenized(
        run.column("hash").to_numpy()[low:high].copy(),
        run.column("id").take(pa.array(np.arange(low, high))),
        run.column("bytes").to_numpy()[low:high].copy(),
        run.column("tokens").values.to_numpy()[offsets[0] : offsets[-1]].copy(),
        offsets - offsets[0],
    )
