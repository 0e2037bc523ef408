"""Classifying text with models of fastText."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels.arrays import require


class FastText:
    """A supervised model of fastText (`.bin`, or quantised `.ftz`), with the answers of fastText 0.9.3's `predict`.

    Takes the model's size in memory, 64 MiB more at most for a quantised one, and 16 MiB for each thread that predicts
    at the same time, in which short words are remembered.
    """

    def __init__(self, path: Path) -> None:
        """Raises ValueError saying what is wrong with the file, and OSError when it cannot be read."""
        self._native = _native.FastText(str(path))
        self.labels: list[str] = self._native.labels

    @property
    def dimension(self) -> int:
        """Numbers in the vector of a word."""
        return self._native.dimension

    @property
    def loss(self) -> str:
        """What it was trained to lessen, in fastText's words: softmax, hs (hierarchical softmax), ns or ova."""
        return self._native.loss

    def predict(self, text: pa.LargeStringArray, *, delete_newlines: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """The most probable label of each text and its probability: int32[n], an index of `labels`, and float32[n].

        A text is one line, as for fastText: every text ends in the token "</s>", and one that holds this token as a
        word ends there. Newlines are spaces, or, with delete_newlines, as if they were not there. A text of which the
        model knows nothing (no word, no n-gram, not even "</s>") has the label -1 and the probability 0.
        """
        require(text, pa.LargeStringArray)
        return self._native.predict(text, delete_newlines)
