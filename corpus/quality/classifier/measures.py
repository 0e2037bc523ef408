"""How well scores tell two classes apart, from the scores of each."""

from typing import Any

import numpy as np

KEEP_PERCENTS = range(1, 101)


def area_under_curve(positive: np.ndarray, negative: np.ndarray) -> float:
    """The probability that a positive has a higher score than a negative, equal scores counting half (ROC AUC).

    Counted, not approximated; both float64[n], n > 0.
    """
    ordered = np.sort(negative)
    lower, upper = (int(np.searchsorted(ordered, positive, side).sum()) for side in ("left", "right"))
    return (lower + upper) / (2 * len(positive) * len(negative))


def at_threshold(positive: np.ndarray, negative: np.ndarray, threshold: float) -> dict[str, Any]:
    """Precision (None where nothing is kept), recall, and the share of negatives kept, scores from `threshold` on."""
    true, false = int((positive >= threshold).sum()), int((negative >= threshold).sum())
    return {
        "threshold": threshold,
        "precision": true / (true + false) if true + false else None,
        "recall": true / len(positive),
        "kept_of_random": false / len(negative),
    }


def keep_rates(negative: np.ndarray) -> dict[str, float]:
    """For each percentage of random pages to keep, 1 to 100, the highest threshold that keeps as many."""
    descending = np.sort(negative)[::-1]
    places = [-(-percent * len(descending) // 100) - 1 for percent in KEEP_PERCENTS]
    return {str(percent): float(descending[place]) for percent, place in zip(KEEP_PERCENTS, places, strict=True)}
