"""An order of documents that depends on their ids and a seed alone, not on the files or workers they come from."""

import hashlib

import numpy as np
import pyarrow as pa

SHUFFLE, SAMPLE = b"shuffle", b"sample"
"""Purposes of a hash: under one seed, what a tokenizer is trained on has nothing to do with the order in shards."""


def keyed_hashes(ids: pa.Array, seed: int, purpose: bytes) -> np.ndarray:
    """uint64[n]: of each string id, the first 8 bytes (little endian) of its BLAKE2b keyed with the seed."""
    keyed = hashlib.blake2b(digest_size=8, key=seed.to_bytes(8, "little"), person=purpose)
    digests = []
    for id_bytes in ids.cast(pa.large_binary()).to_pylist():
        digest = keyed.copy()
        digest.update(id_bytes)
        digests.append(digest.digest())
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def hash_order(hashes: np.ndarray, ids: pa.Array) -> np.ndarray:
    """int64[n]: rows by hash, those of equal hash by id, those of equal id as they stand."""
    order = np.argsort(hashes, kind="stable")
    ranked = hashes[order]
    tied = np.flatnonzero(ranked[1:] == ranked[:-1])
    # Collisions of 64-bit hashes are rare; most ties are repeats of one id.
    for run in np.split(tied, np.flatnonzero(np.diff(tied) > 1) + 1) if len(tied) else ():
        rows = order[run[0] : run[-1] + 2]
        order[run[0] : run[-1] + 2] = sorted(rows, key=lambda row: ids[int(row)].as_py())
    return order
