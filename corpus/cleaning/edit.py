"""What stages that rewrite text have in common."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from corpus.document import with_column
from corpus.pipeline.ledger import Measured
from corpus.pipeline.stage import Dropped, StageResult, nothing_dropped


def with_text(batch: pa.RecordBatch, text: pa.LargeStringArray) -> pa.RecordBatch:
    """`batch` with another text."""
    return with_column(batch, batch.schema.field("text"), text)


def rewritten(before: pa.RecordBatch, after: pa.RecordBatch, dropped: Dropped | None = None) -> StageResult:
    """The result of a stage that dropped rows of `before` and rewrote the text of the others, now `after`."""
    dropped = dropped or nothing_dropped()
    stays = np.ones(before.num_rows, bool)
    stays[dropped.rows] = False
    entered = Measured.of(before.column("text")).of_rows(np.flatnonzero(stays))
    left = Measured.of(after.column("text")).total()
    return StageResult(after, dropped, entered.bytes - left.bytes, entered.lines - left.lines)


def values(text: pa.LargeStringArray) -> list[bytes]:
    """The UTF-8 bytes of each text."""
    return list(map(bytes, views(text)))


def views(text: pa.LargeStringArray) -> list[memoryview]:
    """The UTF-8 bytes of each text where they lie; empty for null."""
    offsets = np.frombuffer(text.buffers()[1], dtype=np.int64)[text.offset : text.offset + len(text) + 1].tolist()
    data = memoryview(text.buffers()[2] or b"")
    return [data[begin:end] for begin, end in pairwise(offsets)]


def heads(text: pa.LargeStringArray, most: int) -> list[bytes]:
    """The first `most` bytes of each text; a character may be cut."""
    offsets = np.frombuffer(text.buffers()[1], dtype=np.int64)[text.offset : text.offset + len(text) + 1].tolist()
    data = memoryview(text.buffers()[2] or b"")
    return [bytes(data[begin : min(end, begin + most)]) for begin, end in pairwise(offsets)]


def large_strings(texts: Sequence[bytes]) -> pa.LargeStringArray:
    """An array of texts given as UTF-8 bytes."""
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(texts))]
    return pa.LargeStringArray.from_buffers(len(texts), buffers[1], buffers[2])
