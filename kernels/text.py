"""Counting and normalising the text of documents."""

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels.arrays import large_strings, require


def count_lines(text: pa.LargeStringArray) -> np.ndarray:
    """Lines per document, int64[n]: newlines + 1, and 0 for an empty or null text."""
    require(text, pa.LargeStringArray)
    return _native.count_lines(text)


def count_characters(text: pa.LargeStringArray) -> np.ndarray:
    """Code points per document, int64[n] (bytes that do not continue a character)."""
    require(text, pa.LargeStringArray)
    return _native.count_characters(text)


def normalize_lines(lines: pa.LargeStringArray) -> pa.LargeStringArray:
    """cc_net's `normalize_for_dedup` of each element, taken as one line: strip, lower, decimal digits to 0, and 34
    punctuation characters and the control characters deleted (its text_normalizer.py). Bytes that are not UTF-8
    count as U+FFFD, one for each maximal ill-formed sequence."""
    require(lines, pa.LargeStringArray)
    return large_strings(_native.normalize_dedup(lines))


def normalize_lm(text: pa.LargeStringArray) -> pa.LargeStringArray:
    """cc_net's `normalize` of each document, the input of its language models: strip, lower, accents stripped (NFD
    without category Mn), decimal digits to 0, 34 punctuation characters to ASCII, control characters deleted.
    Newlines are control characters, so the lines end up glued together without a space, as in cc_net."""
    require(text, pa.LargeStringArray)
    return large_strings(_native.normalize_lm(text, per_line=False))


def normalize_lm_lines(text: pa.LargeStringArray) -> pa.LargeStringArray:
    """`normalize_lm` of every line by itself, with the "\\n" between lines kept."""
    require(text, pa.LargeStringArray)
    return large_strings(_native.normalize_lm(text, per_line=True))
