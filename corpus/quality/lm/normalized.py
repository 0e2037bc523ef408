"""Texts as the language model sees them, kept in a temporary file between the passes over them."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import kernels

_SCHEMA = pa.schema([pa.field("text", pa.large_string(), nullable=False)])
_ODD = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


class NormalizedTexts:
    """Append texts, close, then read them any number of times.

    Each text becomes one line by CCNet's `normalize`, which deletes line breaks; those with nothing left are left out.
    texts, size: of what is kept, size in bytes of UTF-8. empty: texts left out. The file has no name, so that nothing
    of it stays behind.
    """

    def __init__(self, directory: Path) -> None:
        self.texts = self.size = self.empty = 0
        self._file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 (closed by __exit__)
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        self._writer = pa.ipc.new_file(pa.PythonFile(self._file, "w"), _SCHEMA, options=options)

    def __enter__(self) -> "NormalizedTexts":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, texts: pa.LargeStringArray) -> None:
        normalized = kernels.normalize_lm(texts)
        kept = normalized.filter(pc.greater(pc.binary_length(normalized), 0))
        self._writer.write_batch(pa.RecordBatch.from_arrays([kept], schema=_SCHEMA))
        self.texts += len(kept)
        self.empty += len(normalized) - len(kept)
        self.size += pc.sum(pc.binary_length(kept)).as_py() or 0

    def close(self) -> None:
        self._writer.close()
        self._file.flush()

    def batches(self) -> Iterator[pa.LargeStringArray]:
        self._file.seek(0)
        reader = pa.ipc.open_file(pa.PythonFile(self._file, "r"))
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number).column("text")

    def sample(self, size: int, seed: int) -> Iterator[str]:
        """About `size` bytes of texts, drawn evenly by their place and the seed; all texts when they are no larger."""
        share = min(1.0, size / max(self.size, 1))
        first = 0
        for batch in self.batches():
            if share < 1.0:
                batch, places = batch.filter(pa.array(_uniform(first, len(batch), seed) < share)), len(batch)
            else:
                places = len(batch)
            first += places
            yield from batch.to_pylist()


def _uniform(first: int, count: int, seed: int) -> np.ndarray:
    """Numbers in [0, 1) for the places `first` to `first + count` (SplitMix64), float64[count]."""
    with np.errstate(over="ignore"):
        value = (np.arange(first, first + count, dtype=np.uint64) + np.uint64(1)) * _ODD + np.uint64(
            seed
        ) * _MULTIPLIERS[0]
        value = (value ^ (value >> np.uint64(30))) * _MULTIPLIERS[0]
        value = (value ^ (value >> np.uint64(27))) * _MULTIPLIERS[1]
        value ^= value >> np.uint64(31)
    return (value >> np.uint64(11)).astype(np.float64) / 2.0**53
