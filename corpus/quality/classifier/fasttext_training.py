"""Training fastText's supervised model so that the same text gives the same file.

fastText 0.9.3 does not do that by itself. It allocates the matrix of words without initialising it, and lets thread i
fill the i-th tenth of it with random numbers: with fewer than ten threads (and one, all that trains reproducibly) the
rest is whatever the memory held. Here one thread trains, and the matrix is made ten times as tall by rows of n-gram
buckets that a model without n-grams never touches, so that the tenth which is filled are the rows of all words. These
are cut off again before the model is saved.
"""

import os
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import UsageError, UserError
from corpus.pipeline.own_process import ProcessKilledError, in_own_process

FILLED_SHARE = 10
"""fastText's `DenseMatrix::uniformThread` fills a tenth of a matrix."""

_BUCKET_OFFSET = 40
"""Where a model file has the number of buckets: after magic, version and eight other int32."""


@dataclass(frozen=True, kw_only=True)
class FastTextSettings:
    """fastText's own defaults (`fasttext supervised`), which RedPajama trained with: words alone, softmax.

    dimension: numbers of a word's vector. learning_rate: at the start; it falls to 0 linearly. epochs: passes over the
    text.
    """

    dimension: int = 100
    learning_rate: float = 0.1
    epochs: int = 5

    def __post_init__(self) -> None:
        if not 1 <= self.dimension <= 10_000 or not 1 <= self.epochs <= 10_000:
            raise UsageError("--dimension and --epochs must lie between 1 and 10000")
        if not 0 < self.learning_rate <= 100:
            raise UsageError("--learning-rate must be over 0 and at most 100")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def train_fasttext(text: Path, model: Path, settings: FastTextSettings) -> int:
    """Trains on lines of "__label__NAME words" and writes `model`; returns the number of words it knows.

    Takes 400 bytes of memory a word (at 100 dimensions) and 0.5 GB, and ten times that of address space. Raises
    UserError when there is not enough.
    """
    work = partial(_train, str(text), str(model), settings)
    try:
        return in_own_process(work, lambda documents, size: None)
    except (ProcessKilledError, MemoryError) as error:
        fault = str(error) or "no memory"
        raise UserError(
            f"{text}: fastText was stopped while training ({fault}), most likely for want of memory; give fewer pages"
        ) from None


def _train(text: str, model: str, settings: FastTextSettings, progress: Callable[[int, int], None]) -> int:
    words = _count_words(text, settings)
    trained = _run(text, settings, settings.epochs, (FILLED_SHARE - 1) * words)
    matrix = np.asarray(trained.getInputMatrix())
    assert matrix.shape == (FILLED_SHARE * words, settings.dimension), matrix.shape
    trained.setMatrices(matrix[:words].copy(), np.asarray(trained.getOutputMatrix()).copy())
    trained.saveModel(model)
    with open(model, "r+b") as stream:
        stream.seek(_BUCKET_OFFSET)
        stream.write(struct.pack("<i", 0))
        stream.flush()
        os.fsync(stream.fileno())
    return words


def _count_words(text: str, settings: FastTextSettings) -> int:
    """Rows of a matrix without buckets."""
    untrained = _run(text, settings, 0, 0)
    # fastText's matrices are views of memory that ends with the model.
    return int(np.asarray(untrained.getInputMatrix()).shape[0])


def _run(text: str, settings: FastTextSettings, epochs: int, buckets: int) -> Any:
    import fasttext_pybind

    arguments = fasttext_pybind.args()
    chosen = {
        "input": text,
        "model": fasttext_pybind.model_name.supervised,
        "loss": fasttext_pybind.loss_name.softmax,
        "dim": settings.dimension,
        "lr": settings.learning_rate,
        "epoch": epochs,
        "minCount": 1,
        "minn": 0,
        "maxn": 0,
        "wordNgrams": 1,
        "bucket": buckets,
        "thread": 1,
        "verbose": 0,
    }
    for name, value in chosen.items():
        setattr(arguments, name, value)
    trained = fasttext_pybind.fasttext()
    try:
        fasttext_pybind.train(trained, arguments)
    except RuntimeError as error:  # "Encountered NaN."
        raise UserError(f"{text}: fastText failed to train ({error}); lower --learning-rate") from None
    return trained
