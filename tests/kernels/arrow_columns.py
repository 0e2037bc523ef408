"""Arrow columns from raw bytes, well-formed or not, and with the layouts that slicing and nulls give."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa


def raw_strings(values: Sequence[bytes]) -> pa.LargeStringArray:
    """A large_string array of bytes that need not be UTF-8."""
    offsets = np.cumsum([0, *map(len, values)], dtype=np.int64)
    return pa.LargeStringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(b"".join(values)))


def strings(values: Sequence[str | None]) -> pa.LargeStringArray:
    return pa.array(values, pa.large_string())


def sliced(values: Sequence[str | None]) -> pa.LargeStringArray:
    """The values as the middle of a larger array."""
    return strings(["before", None, *values, "after", None]).slice(2, len(values))


def raw_bytes(array: pa.Array) -> list[bytes]:
    """The values of a large_string array, well-formed or not."""
    return array.cast(pa.large_binary()).to_pylist()
