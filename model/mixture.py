"""Which source the k-th training sequence comes from: an exact-quota schedule with random access.

Weights are fractions w_s / D of whole numbers with sum D, and the schedule has period D. Within the first period, for
every source s and every prefix of t sequences, |count_s(t) - t w_s / D| < 1; at t = D all counts are exact, so the
bound carries over to every prefix of every length, and count_s(k) = (k div D) w_s + count_s(k mod D).

Why such a schedule exists and how it is found. The bound says that the j-th sequence (j = 1, 2, …) of source s stands
at a place t with (j - 1) D / w_s < t < j D / w_s + 1: a job of one slot with a release and a deadline. Of the jobs that
must lie wholly within the slots t1 + 1 … t2, source s has those with t1 w_s / D + 1 <= j <= t2 w_s / D, at most
(t2 - t1) w_s / D of them, so all sources together at most t2 - t1: no run of slots is overbooked. For windows that are
intervals this is Hall's condition, so an assignment of all D jobs to the D slots exists; and for unit jobs with whole
release times, serving the earliest deadline first among those released finds one. (The existence of schedules within
one of every quota is Tijdeman's "chairman assignment" theorem, 1980; his bound is a little sharper.)
"""

import heapq
import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from corpus.errors import UsageError

MAX_PERIOD = 1 << 18
"""Weights whose common denominator is larger are rounded to this one, an error below four millionths of the whole."""


class Mixture:
    """The schedule for positive weights, which need not add up to anything.

    `sources` are the names in sorted order, `shares` the weights the quotas are exact for, in that order: whole numbers
    with sum `period`. They are the given weights exactly whenever these, as decimals brought to sum 1, have a common
    denominator of at most `MAX_PERIOD`; else the nearest whole numbers with that sum. Memory: nine bytes a slot.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        """`UsageError` for weights that are negative, not finite or, against the sum of all, too small to schedule."""
        self.shares = dict(sorted(_shares(weights).items()))
        self.sources = list(self.shares)
        self.period = sum(self.shares.values())
        self._slots = _schedule(list(self.shares.values()))
        self._places = [np.flatnonzero(self._slots == source).astype(np.uint32) for source in range(len(self.sources))]
        self._before = np.empty(self.period, dtype=np.uint32)
        for places in self._places:
            self._before[places] = np.arange(len(places))
        self._per_period = np.array(list(self.shares.values()), dtype=np.int64)

    def draws(self, sequences: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For int64 [n] numbers of training sequences: the index of the source of each, int64 [n], and how many earlier
        sequences came from that source, int64 [n]."""
        periods, slots = np.divmod(sequences, self.period)
        sources = self._slots[slots].astype(np.int64)
        return sources, periods * self._per_period[sources] + self._before[slots]

    def count(self, source: int, sequences: int) -> int:
        """How many of the first `sequences` training sequences come from the source of that index."""
        periods, slots = divmod(sequences, self.period)
        return periods * int(self._per_period[source]) + int(np.searchsorted(self._places[source], slots))


def _shares(weights: Mapping[str, float]) -> dict[str, int]:
    """Whole numbers in the ratio of the weights, with the smallest sum possible, or rounded to the sum `MAX_PERIOD`."""
    for name, weight in weights.items():
        if not (math.isfinite(weight) and weight > 0):
            raise UsageError(f"the weight of {name} is {weight}; weights must be positive numbers")
    # 4.5 and 0.045 mean the decimals written, not the binary fractions next to them.
    exact = {name: Fraction(str(weight)) for name, weight in weights.items()}
    total = sum(exact.values())
    parts = {name: value / total for name, value in exact.items()}
    period = math.lcm(*(part.denominator for part in parts.values()))
    if period <= MAX_PERIOD:
        return {name: int(part * period) for name, part in parts.items()}
    shares = {name: math.floor(part * MAX_PERIOD) for name, part in parts.items()}
    by_remainder = sorted(parts, key=lambda name: (shares[name] - parts[name] * MAX_PERIOD, name))
    for name in by_remainder[: MAX_PERIOD - sum(shares.values())]:
        shares[name] += 1
    for name, share in shares.items():
        if share == 0:
            raise UsageError(
                f"the weight of {name} is less than one in {MAX_PERIOD:,} of all; raise it or leave the source out"
            )
    return shares


def _schedule(shares: list[int]) -> np.ndarray:
    """One period: the index of the source of each slot, earliest deadline first among the released."""
    period = sum(shares)
    slots = np.empty(period, dtype=np.uint8 if len(shares) <= 1 << 8 else np.uint16)
    served = [0] * len(shares)
    waiting: list[tuple[int, int]] = []  # (first slot the source's next may take, source)
    released = [(-(-period // share), source) for source, share in enumerate(shares)]  # (deadline, source)
    heapq.heapify(released)
    for slot in range(period):
        while waiting and waiting[0][0] <= slot:
            source = heapq.heappop(waiting)[1]
            heapq.heappush(released, (-(-(served[source] + 1) * period // shares[source]), source))
        source = heapq.heappop(released)[1]
        slots[slot] = source
        served[source] += 1
        if served[source] < shares[source]:
            heapq.heappush(waiting, (served[source] * period // shares[source], source))
    return slots
