"""Line keys (uint64): which occur twice in a shard, which in several shards of a group, and membership."""

from collections.abc import Sequence

import numpy as np

from kernels._native import DuplicateSet, KeyCounter
from kernels._native import mark_duplicates as _mark_duplicates

__all__ = ["FIRST", "REPEATED", "UNIQUE", "DuplicateSet", "KeyCounter", "document_keys", "mark_duplicates"]

UNIQUE, REPEATED, FIRST = 0, 1, 2


def document_keys(hashes: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted unique keys uint64 and flags uint8 of one shard: 1 where the key occurs in at least two documents
    (hashes[offsets[i]:offsets[i + 1]] are those of document i). `KeyCounter` does the same batch by batch."""
    counter = KeyCounter()
    counter.add(hashes, offsets)
    return counter.finish()


def mark_duplicates(shards: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
    """Compares the keys of shards: (keys uint64, marks uint8) of each, where a mark that is not 0 says that the shard
    itself has the key twice.

    The marks become UNIQUE; REPEATED, where an earlier shard has the key; or FIRST, where none has but the key occurs
    again. ValueError if the keys of a shard are not sorted and unique.
    """
    _mark_duplicates(shards)
