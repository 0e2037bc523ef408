"""The data order: exact quotas, every sequence once an epoch, and nothing that depends on how it is asked."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.errors import UsageError
from corpus.table1 import PAPER_WEIGHTS
from model.mixture import MAX_PERIOD, Mixture
from model.order import DataOrder

PAPER_EPOCHS = {  # Table 1, over 1.4T tokens
    "commoncrawl": 1.10,
    "c4": 1.06,
    "github": 0.64,
    "wikipedia": 2.45,
    "books": 2.23,
    "arxiv": 1.06,
    "stackexchange": 1.03,
}
PAPER_SEQUENCES = {
    name: round(PAPER_WEIGHTS[name] / 100 * 1.4e12 / 2048 / epochs) for name, epochs in PAPER_EPOCHS.items()
}
weights_of = st.one_of(
    st.lists(st.integers(1, 60), min_size=1, max_size=12),
    st.lists(st.decimals("0.01", "1", places=2).map(float), min_size=1, max_size=12),
).map(lambda values: {f"s{index:02d}": value for index, value in enumerate(values)})


def deviations(mixture: Mixture, length: int) -> tuple[int, int]:
    """Least and greatest count_s(t) x period - t x share_s over all sources s and prefixes t up to `length`."""
    sources, _ = mixture.draws(np.arange(length))
    prefix = np.arange(1, length + 1)
    off = [
        np.cumsum(sources == index) * mixture.period - prefix * mixture.shares[name]
        for index, name in enumerate(mixture.sources)
    ]
    return min(int(one.min()) for one in off), max(int(one.max()) for one in off)


@settings(deadline=None, max_examples=60)
@given(weights=weights_of)
@example(weights=PAPER_WEIGHTS)
@example(weights={"a": 1})
@example(weights={"a": 0.999, "b": 0.001})
@example(weights={"a": 171, "b": 111, "c": 200, "d": 0.1})
@example(weights={f"s{index}": 1 for index in range(12)})
@example(weights={f"s{index}": 2**index for index in range(12)})
def test_every_prefix_is_within_one_of_every_quota(weights: dict[str, float]) -> None:
    mixture = Mixture(weights)
    least, greatest = deviations(mixture, 2 * mixture.period + 7)
    assert -mixture.period < least <= greatest < mixture.period


@pytest.mark.parametrize("first", range(0, 7))
def test_paper_weights_for_any_sources_present(first: int) -> None:
    present = dict(list(PAPER_WEIGHTS.items())[first:])
    mixture = Mixture(present)
    total = sum(present.values())
    assert all(share / mixture.period == pytest.approx(present[name] / total) for name, share in mixture.shares.items())
    least, greatest = deviations(mixture, 3 * mixture.period)
    assert -mixture.period < least <= greatest < mixture.period


def test_paper_weights_have_a_short_period() -> None:
    assert Mixture(PAPER_WEIGHTS).shares == {
        "arxiv": 5,
        "books": 9,
        "c4": 30,
        "commoncrawl": 134,
        "github": 9,
        "stackexchange": 4,
        "wikipedia": 9,
    }


def test_weights_without_small_denominator_are_rounded() -> None:
    weights = {"a": 2 / 3, "b": 0.3333333333333, "c": 123456789 / 1e12}
    mixture = Mixture(weights)
    assert mixture.period == MAX_PERIOD
    total = sum(weights.values())
    for name, share in mixture.shares.items():
        assert abs(share / MAX_PERIOD - weights[name] / total) < 1 / MAX_PERIOD
    least, greatest = deviations(mixture, MAX_PERIOD)
    assert -MAX_PERIOD < least <= greatest < MAX_PERIOD


@settings(deadline=None, max_examples=60)
@given(weights=weights_of, start=st.integers(0, 10**12))
def test_draws_number_each_sources_sequences_without_gaps(weights: dict[str, float], start: int) -> None:
    mixture = Mixture(weights)
    sources, draws = mixture.draws(np.arange(start, start + 500))
    for index in range(len(mixture.sources)):
        mine = draws[sources == index]
        assert mine.tolist() == list(range(mixture.count(index, start), mixture.count(index, start + 500)))


@settings(deadline=None, max_examples=40)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    weights=st.lists(st.integers(1, 9), min_size=5, max_size=5),
    seed=st.integers(0, 2**63 - 1),
)
def test_each_sequence_once_an_epoch(sizes: list[int], weights: list[int], seed: int) -> None:
    sequences = {f"s{index}": size for index, size in enumerate(sizes)}
    order = DataOrder(sequences, dict(zip(sequences, weights, strict=False)), seed)
    draws = order.draws(np.arange(1000))
    counts = order.counts(1000)
    assert sum(counts.values()) == 1000
    for index, name in enumerate(order.sources):
        mine = draws.sources == index
        positions, epochs = draws.positions[mine], draws.epochs[mine]
        size = sequences[name]
        assert counts[name] == mine.sum()
        assert epochs.tolist() == [draw // size for draw in range(len(positions))]
        for epoch in range(len(positions) // size):
            assert sorted(positions[epochs == epoch].tolist()) == list(range(size))
        last = positions[epochs == len(positions) // size].tolist()
        assert len(set(last)) == len(last)
        assert all(0 <= position < size for position in last)


@settings(deadline=None)
@given(numbers=st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_a_sequence_does_not_depend_on_what_is_asked_with_it(numbers: list[int]) -> None:
    order = DataOrder(PAPER_SEQUENCES, seed=5)
    together = order.draws(np.array(numbers))
    for index, number in enumerate(numbers):
        alone = order.draws(np.array([number]))
        assert together.sources[index] == alone.sources[0]
        assert together.epochs[index] == alone.epochs[0]
        assert together.positions[index] == alone.positions[0]


def test_epochs_and_seeds_shuffle_anew() -> None:
    first = DataOrder({"c4": 5000}, seed=0).draws(np.arange(10_000)).positions
    second = DataOrder({"c4": 5000}, seed=1).draws(np.arange(10_000)).positions
    orders = [first[:5000], first[5000:], second[:5000], second[5000:], np.arange(5000)]
    for index, one in enumerate(orders):
        for other in orders[:index]:
            assert (one == other).sum() < 20  # one place in common is expected of two random orders


def test_source_keeps_its_shuffle_when_others_come_or_go() -> None:
    alone = DataOrder({"c4": 300}, seed=3)
    both = DataOrder({"arxiv": 100, "c4": 300}, {"arxiv": 1, "c4": 1}, seed=3)
    draws = both.draws(np.arange(600))
    mine = draws.positions[draws.sources == both.sources.index("c4")]
    assert mine.tolist() == alone.draws(np.arange(300)).positions.tolist()


def test_order_is_the_same_everywhere() -> None:
    """Fixed values: a change here breaks the resumption of every run that was started before it."""
    draws = DataOrder(PAPER_SEQUENCES, seed=0).draws(np.array([0, 1, 2, 3, 199, 683_593_749]))
    assert draws.sources.tolist() == [3, 3, 3, 2, 6, 3]
    assert draws.epochs.tolist() == [0, 0, 0, 0, 0, 1]
    assert draws.positions.tolist() == [16998922, 337510973, 190707607, 56303037, 10406791, 5010331]


def test_paper_epochs_over_its_tokens() -> None:
    """1.4T tokens of 2,048 with Table 1's shares and unique tokens give Table 1's epochs."""
    order = DataOrder(PAPER_SEQUENCES)
    assert order.epochs(1_400_000_000_000 // 2048) == pytest.approx(PAPER_EPOCHS, abs=1e-6)


def test_memory_does_not_grow_with_the_data() -> None:
    """684 million sequences of seven sources; an index of four bytes each would be 2.7 GB."""
    tracemalloc.start()
    try:
        order = DataOrder(PAPER_SEQUENCES, seed=1)
        for number in (0, 10**6, 683_591_700, 10**12):
            draws = order.draws(np.arange(number, number + 2048))
            assert len(draws.positions) == 2048
        assert order.counts(683_593_750)["commoncrawl"] == 458_007_813
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20


@pytest.mark.parametrize(
    ("sequences", "weights", "seed", "fault"),
    [
        ({"c4": 5}, {"books": 1.0}, 0, "weights name books; the shards hold c4"),
        ({"c4": 5, "books": 0}, None, 0, "books: not enough tokens for one sequence"),
        ({"c4": 5, "books": 0}, {"c4": 1, "books": 1}, 0, "books: not enough tokens for one sequence"),
        ({"c4": 5, "news": 5}, None, 0, "the paper has no weight for news"),
        ({"c4": 5}, {"c4": -1.0}, 0, "the weight of c4 is -1.0"),
        ({"c4": 5}, {"c4": float("nan")}, 0, "the weight of c4 is nan"),
        ({"c4": 5}, {"c4": float("inf")}, 0, "the weight of c4 is inf"),
        ({"c4": 5}, {"c4": 0.0}, 0, "no source has a weight above 0"),
        ({"c4": 5}, {}, 0, "no source has a weight above 0"),
        ({}, None, 0, "no source has a weight above 0"),
        ({"c4": 5, "books": 5}, {"c4": 1, "books": 1e-9}, 0, "the weight of books is less than one in 262,144"),
        ({"c4": 5}, None, -1, "seed -1"),
        ({"c4": 5}, None, 2**63, "seed 9223372036854775808"),
    ],
)
def test_refusals(sequences: dict[str, int], weights: dict[str, float] | None, seed: int, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        DataOrder(sequences, weights, seed)


def test_weight_zero_leaves_a_source_out() -> None:
    order = DataOrder({"c4": 5, "books": 0, "arxiv": 7}, {"c4": 1, "books": 0, "arxiv": 3})
    assert order.sources == ["arxiv", "c4"]
    assert order.weights == {"arxiv": 0.75, "c4": 0.25}
