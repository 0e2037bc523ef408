"""Paragraph deduplication as in cc_net, where a paragraph is a line."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels.arrays import int32_lists, large_strings, require
from kernels.keys import DuplicateSet


@dataclass(frozen=True)
class RemovedLines:
    """What is left of n documents.

    text: surviving lines joined with "\\n"; empty when nothing survives
    line_ids: list<int32>, surviving lines of each document, counted from 0 in the document given
    nlines: int32[n], number of surviving lines; 0 means the document vanished, while one surviving blank line gives
        an empty text with nlines 1
    length: int64[n], code points of `text`
    """

    text: pa.LargeStringArray
    line_ids: pa.ListArray
    nlines: np.ndarray
    length: np.ndarray


def line_hashes(text: pa.LargeStringArray) -> tuple[np.ndarray, np.ndarray]:
    """The keys of all lines, uint64[total lines], and offsets int64[n + 1] that say which belong to which document.

    Documents are split as by `str.split("\\n")`, so an empty one has one empty line. A key is the first 8 bytes,
    little-endian, of the SHA-1 of the line's normal form (`normalize_lines`).
    """
    require(text, pa.LargeStringArray)
    return _native.line_hashes(text)


def remove_lines(
    text: pa.LargeStringArray, hashes: np.ndarray, offsets: np.ndarray, duplicates: DuplicateSet
) -> RemovedLines:
    """Drops every line whose key is in `duplicates`, wherever it stands, and of other lines repeated inside a document
    all but the first. `hashes` and `offsets` come from `line_hashes(text)`; ValueError where they do not fit it."""
    require(text, pa.LargeStringArray)
    new_text, line_offsets, line_ids, nlines, length = _native.remove_lines(text, hashes, offsets, duplicates)
    return RemovedLines(large_strings(new_text), int32_lists(line_offsets, line_ids), nlines, length)
