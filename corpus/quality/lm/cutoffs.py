"""Perplexity percentiles per language, and the buckets cut from them, as CCNet does (cc_net `data/cutoff.csv`)."""

import csv
import math
import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from corpus.errors import UserError
from corpus.models.files import ModelFiles

BUCKETS = ("head", "middle", "tail", "all")
HEAD_PERCENTILE, MIDDLE_PERCENTILE = 30, 60
"""cc_net `PerplexityBucket`: 30, 30 and 40 percent by these percentiles, although the paper speaks of even thirds."""

PERCENTILES = range(100)
ROUNDED_TO = 10.0
CUTOFF_FILE = "cutoff.csv"
_REMEDY = "write one with: llama-corpus lm cutoffs"

Percentiles = Mapping[str, Mapping[int, float]]
"""language -> percentile (0..99) -> perplexity."""


class Cutoff(NamedTuple):
    """A perplexity under `head` is in the head, else under `middle` in the middle, else in the tail."""

    head: float
    middle: float


Cutoffs = Mapping[str, Cutoff]
"""language -> where its buckets end."""


def bucket(perplexity: float, language: str, cutoffs: Cutoffs) -> str:
    """`head`, `middle` or `tail`; `all` for a language without cut-offs or a document without a perplexity (NaN)."""
    if math.isnan(perplexity) or perplexity < 0 or language not in cutoffs:
        return "all"
    head, middle = cutoffs[language]
    if perplexity < head:
        return "head"
    return "middle" if perplexity < middle else "tail"


def load_cutoffs(models: ModelFiles) -> Cutoffs:
    """Cut-offs of `cutoff.csv` beside the models; for languages it does not name, or without one, CCNet's.

    CCNet's hold for its own models only, so a language whose model was trained by `lm train` has none of them. They are
    its published ones for 48 languages, without the percentiles that no bucket needs (facebookresearch/cc_net,
    `cc_net/data/cutoff.csv`, rows 30 and 60).
    """
    published = cutoffs_of(read_percentiles(Path(str(files("corpus.quality.lm") / "ccnet_cutoffs.csv"))))
    own = models.find(CUTOFF_FILE)
    others = {language: cutoff for language, cutoff in published.items() if models.find(f"{language}.json") is None}
    return {**others, **(cutoffs_of(read_percentiles(own)) if own else {})}


def cutoffs_of(percentiles: Percentiles) -> dict[str, Cutoff]:
    """Where the buckets of each language end."""
    return {
        language: Cutoff(column[HEAD_PERCENTILE], column[MIDDLE_PERCENTILE]) for language, column in percentiles.items()
    }


def compute_percentiles(perplexities: ArrayLike) -> dict[int, float]:
    """Percentiles 0..99 of a sample of perplexities (linear interpolation), rounded to tens as CCNet's are.

    Raises UserError for a sample of fewer than 100 values.
    """
    sample = np.asarray(perplexities, dtype=np.float64)
    if len(sample) < len(PERCENTILES):
        raise UserError(
            f"percentiles need {len(PERCENTILES)} perplexities at least, got {len(sample)}; give more documents"
        )
    values = np.percentile(sample, list(PERCENTILES))
    return dict(zip(PERCENTILES, (np.round(values / ROUNDED_TO) * ROUNDED_TO).tolist(), strict=True))


def read_percentiles(path: Path) -> dict[str, dict[int, float]]:
    """Reads a table of CCNet's shape: a column per language, a row per percentile, of which 30 and 60 must be there.

    Raises UserError for a file that cannot be read or is something else.
    """
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            header, *rows = [row for row in csv.reader(stream) if row]
        table: dict[str, dict[int, float]] = {language: {} for language in header[1:]}
        for label, *values in rows:
            for column, value in zip(table.values(), values, strict=True):
                if value:
                    column[int(label)] = _perplexity(value)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a table of perplexity percentiles ({error}); {_REMEDY}") from None
    for percentile in (HEAD_PERCENTILE, MIDDLE_PERCENTILE):
        if any(percentile not in column for column in table.values()) or not table:
            raise UserError(f"{path}: percentile {percentile} is missing; {_REMEDY}")
    return table


def write_percentiles(path: Path, percentiles: Percentiles) -> None:
    """Writes a table of CCNet's shape, under a temporary name first; a percentile a language lacks is left empty."""
    languages = list(percentiles)
    rows = sorted({percentile for column in percentiles.values() for percentile in column})
    temporary = path.with_name(f".{path.name}.tmp")
    with open(temporary, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["", *languages])
        for percentile in rows:
            cells = [percentiles[language].get(percentile) for language in languages]
            writer.writerow([percentile, *("" if value is None else f"{value:.15g}" for value in cells)])
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def _perplexity(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{text} is no perplexity")
    return value
