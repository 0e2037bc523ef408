"""The order of documents: a function of ids and seed, whatever the order they are met in."""

import hashlib
import random

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenizer.document_order import SAMPLE, SHUFFLE, hash_order, keyed_hashes


def test_hash_is_keyed_blake2b() -> None:
    hashes = keyed_hashes(pa.array(["web:1", "", "é"]), 7, SHUFFLE)
    assert hashes.dtype == np.uint64
    for value, text in zip(hashes.tolist(), ["web:1", "", "é"], strict=True):
        digest = hashlib.blake2b(
            text.encode(), digest_size=8, key=(7).to_bytes(8, "little"), person=b"shuffle"
        ).digest()
        assert value == int.from_bytes(digest, "little")


def test_seeds_and_purposes_differ() -> None:
    ids = pa.array([f"d{number}" for number in range(100)])
    kinds = [keyed_hashes(ids, seed, purpose).tolist() for seed in (0, 1) for purpose in (SHUFFLE, SAMPLE)]
    assert len({value for kind in kinds for value in kind}) == 400


def test_no_ids() -> None:
    assert keyed_hashes(pa.array([], pa.string()), 0, SHUFFLE).shape == (0,)
    assert hash_order(np.empty(0, np.uint64), pa.array([], pa.string())).shape == (0,)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc")), max_size=30), st.randoms(use_true_random=False))
def test_order_is_by_hash_then_id_then_row(rows: list[tuple[int, str]], chance: random.Random) -> None:
    chance.shuffle(rows)
    hashes = np.array([value for value, _ in rows], np.uint64)
    order = hash_order(hashes, pa.array([id_ for _, id_ in rows], pa.string()))
    assert order.tolist() == sorted(range(len(rows)), key=lambda row: (*rows[row], row))
