"""Writing one token shard: an uncompressed Arrow IPC file of few large record batches, hashed as it is written."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tokenizer.shards.manifest import Shard
from tokenizer.shards.schema import ShardSchema, document_fault

BATCH_TOKENS = 1 << 24
"""Default size of a record batch: 32 MiB of uint16 ids, eight batches in a shard of 2^27 tokens."""


class _HashingFile:
    """A binary file that knows the SHA-256 and the number of the bytes written to it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._hash = hashlib.sha256()
        self.written = 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        size = self._file.write(data)
        self.written += size
        return size

    def tell(self) -> int:
        return self.written

    def flush(self) -> None:
        self._file.flush()

    @property
    def closed(self) -> bool:
        return self._file.closed

    def close(self) -> None:
        self._file.close()

    def finish(self) -> str:
        """Everything on disk, the file closed; returns the hash in hexadecimal."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._hash.hexdigest()


class ShardWriter:
    """Streams documents to the shard at `path`, whose folder must exist.

    A record batch ends with the first document that brings its tokens and the bytes of its ids to `batch_tokens`, so
    the file depends on the documents alone, not on how they were grouped into `append` calls, and memory stays within
    a few batches plus the largest document.
    """

    def __init__(self, path: Path, schema: ShardSchema, *, batch_tokens: int = BATCH_TOKENS) -> None:
        self._path = path
        self._schema = schema
        self._arrow = schema.to_arrow()
        self._batch_tokens = batch_tokens
        self._file = _HashingFile(path)
        self._writer = pa.ipc.new_file(pa.PythonFile(self._file, mode="w"), self._arrow)
        self._tokens = np.empty(batch_tokens, dtype=schema.tokenizer.dtype)  # the first `_held` wait to be written
        self._held = 0
        self._lengths: list[np.ndarray] = []
        self._ids: list[pa.Array] = []
        self._pending = 0  # cost of what waits for the next record batch
        self.tokens = 0
        self.documents = 0
        self.bytes = 0

    def append(self, tokens: np.ndarray, offsets: np.ndarray, ids: pa.Array, text_bytes: int) -> None:
        """Add the documents `tokens[offsets[d]:offsets[d + 1]]`, BOS and EOS included as the schema says.

        `tokens` are integers of any type, `offsets` int64 of one more than the documents, `ids` their string ids, and
        `text_bytes` the UTF-8 bytes of all their texts before tokenisation. `ValueError` if these do not fit together.
        """
        offsets = np.asarray(offsets, dtype=np.int64)
        count = len(offsets) - 1
        if count < 0 or len(ids) != count or ids.null_count or text_bytes < 0:
            raise ValueError(f"{self._path}: {len(ids)} ids for {count} documents of {text_bytes} bytes")
        if offsets[0] < 0 or offsets[-1] > len(tokens) or bool((np.diff(offsets) < 0).any()):
            raise ValueError(f"{self._path}: document offsets do not rise within the {len(tokens)} tokens")
        if fault := document_fault(tokens, offsets, self._schema.tokenizer):
            raise ValueError(f"{self._path}: {fault}")
        ids = ids.cast(pa.string())
        lengths = np.diff(offsets)
        id_bytes = pc.binary_length(ids).to_numpy(zero_copy_only=False)
        # One more for the row itself, or documents without tokens or id would never fill a batch.
        costs = np.concatenate([[0], np.cumsum(lengths + id_bytes + 1)])
        start = 0
        while start < count:
            filled = int(np.searchsorted(costs, costs[start] + self._batch_tokens - self._pending))
            stop = min(max(filled, start + 1), count)
            self._hold(tokens[offsets[start] : offsets[stop]])
            self._lengths.append(lengths[start:stop])
            self._ids.append(ids[start:stop])
            self._pending += int(costs[stop] - costs[start])
            if self._pending >= self._batch_tokens:
                self._write_batch()
            start = stop
        self.tokens += int(lengths.sum())
        self.documents += count
        self.bytes += text_bytes

    def close(self) -> Shard:
        """Finish the file, force it to disk and describe it, its `path` relative to the shard directory."""
        if self._lengths:
            self._write_batch()
        self._writer.close()
        sha256 = self._file.finish()
        return Shard(
            path=f"{self._schema.source}/{self._path.name}",
            tokens=self.tokens,
            documents=self.documents,
            bytes=self.bytes,
            file_bytes=self._file.written,
            sha256=sha256,
        )

    def _hold(self, tokens: np.ndarray) -> None:
        end = self._held + len(tokens)
        if end > len(self._tokens):
            self._tokens = np.concatenate([self._tokens[: self._held], np.empty(len(tokens), self._tokens.dtype)])
        self._tokens[self._held : end] = tokens
        self._held = end

    def _write_batch(self) -> None:
        offsets = np.concatenate([[0], np.cumsum(np.concatenate(self._lengths))])
        documents = pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), pa.array(self._tokens[: self._held]))
        batch = pa.RecordBatch.from_arrays([documents, pa.concat_arrays(self._ids)], schema=self._arrow)
        self._writer.write_batch(batch)
        self._lengths, self._ids, self._held, self._pending = [], [], 0, 0
