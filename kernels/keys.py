"""Line keys (uint64): which occur twice in a shard, which occur twice in a group of shards, and membership."""

from collections.abc import Sequence

import numpy as np

from kernels._native import DuplicateSet, KeyCounter
from kernels._native import duplicate_keys as _duplicate_keys

__all__ = ["DuplicateSet", "KeyCounter", "document_keys", "duplicate_keys"]


def document_keys(hashes: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted unique keys uint64 and flags uint8 of one shard: 1 where the key occurs in at least two documents
    (hashes[offsets[i]:offsets[i + 1]] are those of document i). `KeyCounter` does the same batch by batch."""
    counter = KeyCounter()
    counter.add(hashes, offsets)
    return counter.finish()


def duplicate_keys(shards: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Sorted keys that are flagged in any shard or present in at least two, from the (keys, flags) of each shard.

    The arrays may be memory-mapped: each is read once, front to back, and nothing but the result is kept in memory.
    ValueError if the keys of a shard are not sorted and unique.
    """
    return _duplicate_keys(shards)
