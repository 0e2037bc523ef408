"""Arrow arrays in and out of the native kernels, without copies."""

import numpy as np
import pyarrow as pa


def require(array: pa.Array, array_type: type[pa.Array]) -> None:
    """Raises TypeError unless `array` is of that Arrow array type."""
    if not isinstance(array, array_type):
        raise TypeError(f"expected a pyarrow.{array_type.__name__}, got {type(array).__name__}")


def large_strings(buffers: tuple[np.ndarray, np.ndarray]) -> pa.LargeStringArray:
    """Offsets int64[n + 1] and bytes uint8 as an array of n strings."""
    offsets, data = buffers
    return pa.LargeStringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def strings(buffers: tuple[np.ndarray, np.ndarray]) -> pa.StringArray:
    """Offsets int32[n + 1] and bytes uint8 as an array of n strings."""
    offsets, data = buffers
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def int32_lists(offsets: np.ndarray, values: np.ndarray) -> pa.ListArray:
    """Offsets int32[n + 1] and values int32 as an array of n lists."""
    child = pa.Array.from_buffers(pa.int32(), len(values), [None, pa.py_buffer(values)])
    buffers = [None, pa.py_buffer(offsets)]
    return pa.Array.from_buffers(pa.list_(pa.int32()), len(offsets) - 1, buffers, children=[child])
