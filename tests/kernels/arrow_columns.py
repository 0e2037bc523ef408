"""Arrow columns from raw bytes, well-formed or not, and with the layouts that slicing and nulls give."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa


def raw_strings(values: Sequence[bytes]) -> pa.LargeStringArray:
    """A large_string array of bytes that need not be UTF-8.

    Its buffers are not padded as Arrow's own are, so reads past their end show under AddressSanitizer.
    """
    return pa.Array.from_buffers(pa.large_string(), len(values), exact_buffers(values))


def raw_payloads(values: Sequence[bytes]) -> pa.LargeBinaryArray:
    """The same as a large_binary array, sliced off a longer one."""
    return pa.Array.from_buffers(pa.large_binary(), len(values) + 1, exact_buffers([b"before\n", *values])).slice(1)


def exact_buffers(values: Sequence[bytes]) -> list[pa.Buffer | None]:
    offsets = np.cumsum([0, *map(len, values)], dtype=np.int64)
    return [None, pa.py_buffer(offsets), pa.py_buffer(np.frombuffer(b"".join(values), dtype=np.uint8).copy())]


def strings(values: Sequence[str | None]) -> pa.LargeStringArray:
    return pa.array(values, pa.large_string())


def sliced(values: Sequence[str | None]) -> pa.LargeStringArray:
    """The values as the middle of a larger array."""
    return strings(["before", None, *values, "after", None]).slice(2, len(values))


def raw_bytes(array: pa.Array) -> list[bytes]:
    """The values of a large_string array, well-formed or not."""
    return array.cast(pa.large_binary()).to_pylist()
