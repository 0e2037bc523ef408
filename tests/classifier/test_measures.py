"""Measures against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.quality.classifier.measures import area_under_curve, at_threshold, keep_rates

SCORES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.50001, 0.75, 1.0]), min_size=1, max_size=30).map(np.array)


@given(SCORES, SCORES)
def test_the_area_is_the_share_of_pairs_in_order(positive: np.ndarray, negative: np.ndarray) -> None:
    pairs = [1.0 if p > n else 0.5 if p == n else 0.0 for p in positive for n in negative]
    assert area_under_curve(positive, negative) == pytest.approx(sum(pairs) / len(pairs), abs=1e-12)
    swapped = area_under_curve(negative, positive)
    assert swapped + area_under_curve(positive, negative) == pytest.approx(1, abs=1e-12)


def test_the_area_of_extremes() -> None:
    low, high = np.array([0.1, 0.2]), np.array([0.3, 0.9])
    assert (area_under_curve(high, low), area_under_curve(low, high), area_under_curve(low, low)) == (1, 0, 0.5)


def test_thresholds_keep_what_reaches_them() -> None:
    positive, negative = np.array([0.25, 0.5, 0.9, 0.2]), np.array([0.25, 0.2, 0.1, 0.0])
    assert at_threshold(positive, negative, 0.25) == {
        "threshold": 0.25,
        "precision": 0.75,
        "recall": 0.75,
        "kept_of_random": 0.25,
    }
    assert at_threshold(positive, negative, 0.95)["precision"] is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300).map(np.array))
def test_a_keep_rate_keeps_as_many_and_no_higher_threshold_does(negative: np.ndarray) -> None:
    for percent, threshold in keep_rates(negative).items():
        wanted = int(percent) / 100
        assert np.mean(negative >= threshold) >= wanted - 1e-12
        assert np.mean(negative > threshold) < wanted
