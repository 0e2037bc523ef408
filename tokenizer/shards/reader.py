"""Reading one token shard: memory-mapped, the ids of a record batch as one flat view without a copy."""

import mmap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from corpus.errors import UserError
from tokenizer.shards.manifest import Shard
from tokenizer.shards.schema import ShardSchema


class ShardReader:
    """One shard, checked once, mapped while it is used.

    What stays in memory is where each record batch keeps its ids (`batch_starts`: int64 [batches + 1], the position in
    the shard of each batch's first token). `release` gives the mapping back; the next use maps the file again. A
    process that reads at random from terabytes of shards can thereby bound its mappings and their page tables without
    parsing any file twice.
    """

    def __init__(self, path: Path, schema: ShardSchema, shard: Shard) -> None:
        self.path = path
        self._dtype = schema.tokenizer.dtype
        self._size = shard.file_bytes
        self._mapping: mmap.mmap | None = None
        try:
            file = self._open()
            schema.check(file.schema, path)
            columns = [file.get_batch(index).column("tokens") for index in range(file.num_record_batches)]
        except pa.ArrowException as error:
            raise UserError(f"{path}: not a readable Arrow file ({error}); copy it again or tokenize again") from None
        begin = pa.py_buffer(self._map()).address
        # A buffer of no bytes need not lie in the file.
        self._addresses = [
            column.values.buffers()[1].address - begin if len(column.values) else 0 for column in columns
        ]
        self.batch_starts = np.cumsum([0] + [len(column.values) for column in columns], dtype=np.int64)
        documents = sum(len(column) for column in columns)
        if (self.batch_starts[-1], documents) != (shard.tokens, shard.documents):
            raise UserError(
                f"{path}: holds {self.batch_starts[-1]:,} tokens in {documents:,} documents, the manifest says "
                f"{shard.tokens:,} in {shard.documents:,}; restore the right file or tokenize again"
            )

    def batch_tokens(self, batch: int) -> np.ndarray:
        """The ids of a record batch laid end to end: a read-only view, uint16 or uint32."""
        count = int(self.batch_starts[batch + 1] - self.batch_starts[batch])
        return np.frombuffer(self._map(), dtype=self._dtype, count=count, offset=self._addresses[batch])

    def read(self, first: int, out: np.ndarray) -> None:
        """Fill `out` (1-D, any integer type) with the ids from position `first` of the shard on."""
        done = 0
        batch = int(np.searchsorted(self.batch_starts, first, side="right")) - 1
        while done < len(out):
            tokens = self.batch_tokens(batch)[first + done - int(self.batch_starts[batch]) :][: len(out) - done]
            out[done : done + len(tokens)] = tokens
            done += len(tokens)
            batch += 1

    def documents(self, first: int, stop: int) -> Iterator[tuple[str, range]]:
        """The documents with tokens between two positions of the shard: id, and which of its tokens those are."""
        batch = int(np.searchsorted(self.batch_starts, first, side="right")) - 1
        while first < stop:
            begin, end = int(self.batch_starts[batch]), min(stop, int(self.batch_starts[batch + 1]))
            rows = self.record_batch(batch)
            offsets = rows.column("tokens").offsets.to_numpy()
            row = int(np.searchsorted(offsets, first - begin, side="right")) - 1
            while row < len(rows) and offsets[row] < end - begin:
                start = int(offsets[row])
                tokens = range(max(first - begin - start, 0), min(end - begin, int(offsets[row + 1])) - start)
                if tokens:
                    yield rows.column("id")[row].as_py(), tokens
                row += 1
            first, batch = end, batch + 1

    def record_batch(self, batch: int) -> pa.RecordBatch:
        """A whole record batch, `tokens` and `id`, over the mapping."""
        return self._open().get_batch(batch)

    def release(self) -> None:
        """Give the mapping back as soon as no view of it is left."""
        self._mapping = None

    def _open(self) -> pa.RecordBatchFileReader:
        return pa.ipc.open_file(pa.py_buffer(self._map()))

    def _map(self) -> mmap.mmap:
        mapping = self._mapping  # taken once, as another thread may release it
        if mapping is None:
            try:
                with self.path.open("rb") as file:
                    mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError) as error:
                raise UserError(
                    f"{self.path}: cannot be mapped ({error}); restore the file or tokenize again"
                ) from None
            if len(mapping) != self._size:
                raise UserError(
                    f"{self.path}: {len(mapping):,} bytes, the manifest says {self._size:,}; "
                    "the file is truncated or from another run, copy it again or tokenize again"
                )
            # Training reads one or two pages here and there; read-ahead would fetch some thirty times that.
            mapping.madvise(mmap.MADV_RANDOM)
            self._mapping = mapping
        return mapping


def read_shard(path: Path, schema: ShardSchema, shard: Shard) -> ShardReader:
    """Map the shard at `path`; `UserError` unless it is what `Manifest.schema(source)` and `shard` say."""
    return ShardReader(path, schema, shard)
