"""Reproducible random numbers.

Python promises that `random.Random(seed).random()` gives the same sequence in every release for the same integer seed
(library reference, "Notes on Reproducibility"), and says of the other methods that their algorithms may change. So
everything here is built on `random()` alone, seeded with an integer taken from SHA-256 of the stream's names, and on
single IEEE multiplications, which are the same on every machine.
"""

import hashlib
import random
from collections.abc import MutableSequence, Sequence
from typing import TypeVar

T = TypeVar("T")


class Stream:
    """A stream of random choices; two streams of different names are independent."""

    __slots__ = ("random",)

    def __init__(self, seed: int, *names: str | int) -> None:
        label = "/".join(str(part) for part in (seed, *names))
        self.random = random.Random(int.from_bytes(hashlib.sha256(label.encode()).digest(), "big")).random

    def below(self, bound: int) -> int:
        """An integer in [0, bound)."""
        return int(self.random() * bound)

    def between(self, low: int, high: int) -> int:
        """An integer in [low, high], both ends included."""
        return low + int(self.random() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def pick(self, items: Sequence[T]) -> T:
        """One of `items`, all equally likely."""
        return items[int(self.random() * len(items))]

    def skewed(self, items: Sequence[T]) -> T:
        """One of `items`, the first of them most likely: the product of two uniform numbers has density -ln x."""
        return items[int(self.random() * self.random() * len(items))]

    def shuffle(self, items: MutableSequence[T]) -> None:
        """Fisher-Yates, in place."""
        for i in range(len(items) - 1, 0, -1):
            j = int(self.random() * (i + 1))
            items[i], items[j] = items[j], items[i]

    def bits(self, count: int) -> int:
        """An integer of `count` random bits, taken 32 at a time from the 53 that `random()` carries."""
        value = 0
        for _ in range(0, count, 32):
            value = value << 32 | int(self.random() * 4294967296.0)
        return value & ((1 << count) - 1)
