"""Keyed permutations of 0 … N - 1 without a table: the i-th element of a shuffle of N in constant memory.

A Feistel network permutes the numbers of b bits, 2^(b-1) < N <= 2^b: the number is cut into a left and a right half
and each half in turn is XORed with a keyed hash of the other, which can be undone. Numbers that come out at N or above
go through again ("cycle walking") until one below N appears: that is the permutation's cycle with the outsiders cut
out, so it is a permutation of 0 … N - 1. More than half of the numbers are below N, so fewer than two passes are needed
on average. Such a network makes a small part of all N! orders, as any shuffle keyed by 64 bits does.
All arithmetic is on 64-bit words modulo 2^64: the same on every machine and with every version of numpy.
"""

import numpy as np

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15  # 2^64 / golden ratio, odd: its multiples are spread evenly and never repeat
ROUNDS = 12  # with eight, shuffles of fewer than ten elements are measurably uneven

_GOLDEN = np.uint64(GOLDEN)
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_FACTORS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def mix(words: np.ndarray) -> np.ndarray:
    """A bijection of uint64 words in which every input bit sways every output bit: the finaliser of SplitMix64 (Steele,
    Lea and Flood 2014, constants of Stafford's variant 13)."""
    words = (words ^ (words >> _SHIFTS[0])) * _FACTORS[0]
    words = (words ^ (words >> _SHIFTS[1])) * _FACTORS[1]
    return words ^ (words >> _SHIFTS[2])


def hash_words(*words: int) -> int:
    """One uint64 from several whole numbers, order mattering."""
    state = np.zeros(1, dtype=np.uint64)
    for word in words:
        state = mix((state ^ np.uint64(word & MASK)) + _GOLDEN)
    return int(state[0])


def permute(indices: np.ndarray, size: int, keys: np.ndarray) -> np.ndarray:
    """Where the permutation of 0 … `size` - 1 chosen by `keys` (uint64 [n]) sends `indices` (int64 [n], all below
    `size`): int64 [n]. Elements of equal key are images under one permutation."""
    bits = (size - 1).bit_length()
    low = bits // 2
    images = _feistel(indices.astype(np.uint64), low, bits - low, keys)
    outside = np.flatnonzero(images >= np.uint64(size))
    while outside.size:
        images[outside] = _feistel(images[outside], low, bits - low, keys[outside])
        outside = outside[images[outside] >= np.uint64(size)]
    return images.astype(np.int64)


def _feistel(words: np.ndarray, low: int, high: int, keys: np.ndarray) -> np.ndarray:
    """One pass over uint64 words of `high` + `low` bits. Either half may be empty."""
    low_mask, high_mask = np.uint64((1 << low) - 1), np.uint64((1 << high) - 1)
    left, right = words >> np.uint64(low), words & low_mask
    for round_ in range(0, ROUNDS, 2):
        left ^= mix(right ^ mix(keys + np.uint64(round_ * GOLDEN & MASK))) & high_mask
        right ^= mix(left ^ mix(keys + np.uint64((round_ + 1) * GOLDEN & MASK))) & low_mask
    return (left << np.uint64(low)) | right
