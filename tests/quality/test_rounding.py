"""Rounding many numbers at once gives the very floats that Python's `round` gives one at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.quality.perplexity import _perplexities, _perplexity
from corpus.quality.rounding import round_each, rounded

NUMBERS = st.one_of(
    st.floats(0, 1),
    st.floats(-1e7, 1e7),
    st.floats(allow_nan=False),
    st.integers(-10_000, 10_000).map(lambda n: n / 200),
    st.integers(0, 10_000).flatmap(
        lambda n: st.sampled_from([n / 20, np.nextafter(n / 20, 0), np.nextafter(n / 20, 1e9)])
    ),
)


@given(st.lists(NUMBERS), st.integers(1, 2))
def test_every_float_is_pythons(numbers: list[float], digits: int) -> None:
    values = np.array(numbers, dtype=np.float64)
    want = np.array([round(float(value), digits) for value in values])
    np.testing.assert_equal(round_each(values, digits), want)
    sure = ~rounded(values, digits)[1]
    np.testing.assert_equal(rounded(values, digits)[0][sure], want[sure])


def test_few_are_in_doubt() -> None:
    values = np.random.default_rng(0).random(100_000) * 1e4
    assert rounded(values, 1)[1].mean() < 0.001


@given(st.lists(st.tuples(st.floats(-1e5, 0), st.integers(0, 5000))))
def test_perplexities_are_pythons(scores: list[tuple[float, int]]) -> None:
    log10 = np.array([score for score, _ in scores], dtype=np.float64)
    length = np.array([pieces for _, pieces in scores], dtype=np.int64)
    want = [_perplexity(-score / pieces) if pieces else np.nan for score, pieces in scores]
    np.testing.assert_equal(_perplexities(log10, length), want)


@pytest.mark.parametrize("exponent", [308.5, 1e6])
def test_beyond_all_numbers_is_infinite(exponent: float) -> None:
    assert _perplexities(np.array([-exponent]), np.array([1])).tolist() == [np.inf]
