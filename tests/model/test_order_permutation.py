"""The keyed permutation: a bijection for every size, and one that shuffles."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from model.permutation import hash_words, mix, permute


def whole(size: int, key: int) -> np.ndarray:
    return permute(np.arange(size), size, np.full(size, key, dtype=np.uint64))


@settings(deadline=None)
@given(size=st.integers(1, 3000), key=st.integers(0, 2**64 - 1))
@example(size=1, key=0)
@example(size=2, key=0)
@example(size=3, key=0)
@example(size=2017, key=2**64 - 1)
@example(size=2047, key=1)
@example(size=2048, key=1)
@example(size=2049, key=1)
def test_bijective(size: int, key: int) -> None:
    assert np.sort(whole(size, key)).tolist() == list(range(size))


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 99_991, 1_000_003])
def test_bijective_for_larger_sizes(size: int) -> None:
    assert (np.bincount(whole(size, 42), minlength=size) == 1).all()


@settings(deadline=None)
@given(size=st.integers(10**8, 2**62), key=st.integers(0, 2**64 - 1), first=st.integers(0, 10**8 - 100))
def test_sizes_no_table_could_hold(size: int, key: int, first: int) -> None:
    images = permute(np.arange(first, first + 100), size, np.full(100, key, dtype=np.uint64))
    assert len(set(images.tolist())) == 100
    assert images.min() >= 0
    assert images.max() < size


@pytest.mark.parametrize("size", [2, 3, 4])
def test_every_order_of_a_few_appears(size: int) -> None:
    keys = mix(np.arange(600, dtype=np.uint64))
    images = np.stack([permute(np.full(600, index), size, keys) for index in range(size)], axis=1)
    counts = dict.fromkeys(permutations(range(size)), 0)
    for order in map(tuple, images.tolist()):
        counts[order] += 1
    assert min(counts.values()) > 0.4 * 600 / len(counts)


def test_keys_are_independent_elementwise() -> None:
    keys = np.array([3, 9, 3, 9], dtype=np.uint64)
    images = permute(np.array([0, 0, 1, 1]), 1000, keys)
    assert images.tolist() == [whole(1000, 3)[0], whole(1000, 9)[0], whole(1000, 3)[1], whole(1000, 9)[1]]


@pytest.mark.parametrize("size", [1000, 4096, 50_021])
def test_shuffles(size: int) -> None:
    """Neither neighbours nor places are correlated: |r| sqrt(N) stays below 4, as of normal noise."""
    for key in range(5):
        images = whole(size, key)
        assert abs(np.corrcoef(np.arange(size), images)[0, 1]) * size**0.5 < 4
        assert abs(np.corrcoef(images[1:], images[:-1])[0, 1]) * size**0.5 < 4
        halves = (images[: size // 2] < size // 2).mean()
        assert abs(halves - 0.5) * size**0.5 < 4


def test_hash_words() -> None:
    seen = {hash_words(*words) for words in [(), (0,), (1,), (0, 0), (0, 1), (1, 0), (2**64 - 1,)]}
    assert len(seen) == 7
    assert hash_words(2**64) == hash_words(0)


def test_mix_is_splitmix64() -> None:
    """The first outputs of SplitMix64 seeded with 1234567, as published with the generator."""
    state = (1234567 + np.arange(1, 4, dtype=object) * 0x9E3779B97F4A7C15) % 2**64
    assert mix(state.astype(np.uint64)).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]
