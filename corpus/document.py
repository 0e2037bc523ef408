"""The Arrow schema of a document, of a dropped document, and the parts both share."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

ORIGIN = pa.struct([("path", pa.string()), ("offset", pa.int64()), ("record", pa.int64())])
"""Where a document came from: input path, byte offset of its container (compressed, if it is), record number."""

BASE_FIELDS = (
    pa.field("id", pa.string(), nullable=False),
    pa.field("text", pa.large_string(), nullable=False),
    pa.field("source", pa.string(), nullable=False),
    pa.field("url", pa.string()),
    pa.field("timestamp", pa.timestamp("s", tz="UTC")),
    pa.field("origin", ORIGIN),
)
"""Columns of every document; `id` is stable across runs (source + native key)."""

DROPPED_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("origin", ORIGIN),
        pa.field("stage", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("value", pa.float64()),
    ]
)
"""One row per dropped document: the stage that dropped it, why, and the value it measured."""


def document_schema(columns: Iterable[pa.Field]) -> pa.Schema:
    """The base columns followed by a source's own."""
    return pa.schema([*BASE_FIELDS, *columns])


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """`batch` with exactly the columns of `schema`, in its order; columns it lacks become null.

    Raises pa.ArrowInvalid when a column cannot be cast to the schema's type.
    """
    columns = []
    for field in schema:
        index = batch.schema.get_field_index(field.name)
        column = pa.nulls(batch.num_rows, field.type) if index < 0 else batch.column(index)
        columns.append(column if column.type == field.type else column.cast(field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def with_column(batch: pa.RecordBatch, field: pa.Field, values: pa.Array) -> pa.RecordBatch:
    """`batch` with the column `field` set to `values`, in place when it has one of that name, else at the end."""
    index = batch.schema.get_field_index(field.name)
    if index < 0:
        return batch.append_column(field, values)
    return batch.set_column(index, field, values)


def keep(batch: pa.RecordBatch, mask: np.ndarray) -> pa.RecordBatch:
    """The rows where the bool[n] `mask` is set; `batch` itself, uncopied, where that is all of them.

    Rows without text leave the text of the others where it is.
    """
    if mask.all():
        return batch
    index = batch.schema.get_field_index("text")
    if index < 0 or batch.column(index).null_count:
        return batch.filter(pa.array(mask))
    rest = batch.remove_column(index).filter(pa.array(mask))
    return rest.add_column(index, batch.schema.field(index), _kept(batch.column(index), mask))


def _kept(text: pa.LargeStringArray, mask: np.ndarray) -> pa.LargeStringArray:
    """The values where `mask` is set, copied run by run: twice as fast as Arrow's filter, whose output grows."""
    offsets = np.frombuffer(text.buffers()[1], np.int64)[text.offset : text.offset + len(text) + 1]
    lengths = np.diff(offsets)
    if not lengths[~mask].any():
        starts = np.append(offsets[:-1][mask], offsets[-1])
        return pa.LargeStringArray.from_buffers(len(starts) - 1, pa.py_buffer(starts), text.buffers()[2])
    starts = np.concatenate([[0], np.cumsum(lengths[mask])])
    data = pa.allocate_buffer(int(starts[-1]))
    source, target = (np.frombuffer(buffer, np.uint8) for buffer in (text.buffers()[2], data))
    edges = offsets[np.flatnonzero(np.diff(mask, prepend=False, append=False))].tolist()
    end = 0
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        target[end : end + last - first] = source[first:last]
        end += last - first
    return pa.LargeStringArray.from_buffers(len(starts) - 1, pa.py_buffer(starts), data)
