"""Rounding many numbers at once as Python's `round` does, whose digits CCNet's outputs and cut-offs have."""

import numpy as np

_MARGIN = 1e-4
_LARGEST = 1e9


def rounded(values: np.ndarray, digits: int) -> tuple[np.ndarray, np.ndarray]:
    """`round(value, digits)` of float64 values, and of which of them this may not be true: bool, few.

    Those lie so near the middle between two results that a multiplication, or a last bit of the value, may decide; or
    are infinite, or 1e9 and more. A quotient of integers is the float nearest to it, as is what `round` gives.
    """
    scale = 10.0**digits
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.abs(values) * scale
        near = np.abs(scaled - np.floor(scaled) - 0.5) < _MARGIN
        return np.rint(values * scale) / scale, near | (scaled >= _LARGEST)


def round_each(values: np.ndarray, digits: int) -> np.ndarray:
    """`round(value, digits)` of each, float64[n]."""
    result, doubtful = rounded(values, digits)
    for row in np.flatnonzero(doubtful).tolist():
        result[row] = round(float(values[row]), digits)
    return result
