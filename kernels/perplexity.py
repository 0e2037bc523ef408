"""Perplexity of text under a sentencepiece unigram model and a KenLM model over its pieces."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from kernels import _native
from kernels._native import UnsupportedModelError
from kernels.arrays import large_strings, require

__all__ = ["KenlmModel", "PieceScorer", "UnigramEncoder", "UnsupportedModelError"]


class UnigramEncoder:
    """A sentencepiece unigram model: its normalisation and its pieces, the ones sentencepiece 0.2 gives.

    Takes 8 MiB beside the model, in which the pieces of short words are remembered. Threads that use one encoder take
    turns.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError when the file cannot be read, ValueError saying what is wrong with it, and its subclass
        UnsupportedModelError for a sound model of another type (BPE, word, character)."""
        self._native = _native.UnigramEncoder(path.read_bytes())

    def encode(self, text: pa.LargeStringArray) -> pa.LargeListArray:
        """The pieces of each text, list<large_string>, as sentencepiece's `encode_as_pieces` returns them."""
        require(text, pa.LargeStringArray)
        offsets, pieces = self._native.encode(text)
        return pa.LargeListArray.from_arrays(pa.array(offsets), large_strings(pieces))


class KenlmModel:
    """A KenLM model: a binary file in probing hash tables, mapped into memory, or an ARPA file, read into memory."""

    def __init__(self, path: Path) -> None:
        """Raises OSError when the file cannot be read, ValueError saying what is wrong with it, and its subclass
        UnsupportedModelError for KenLM's other data structures and for compressed files."""
        self._native = _native.KenlmModel(str(path))

    @property
    def order(self) -> int:
        return self._native.order

    def score(self, sentences: pa.LargeStringArray) -> np.ndarray:
        """float32[n]: log10 probability of each sentence, with its beginning and end, the same number as KenLM's
        `Model.score`. Words are divided by ASCII whitespace, and a sentence ends at a zero byte."""
        require(sentences, pa.LargeStringArray)
        return self._native.score(sentences)


class PieceScorer:
    """Scores text by its pieces: cc_net's `" ".join(encode_as_pieces(text))` under a model of such lines."""

    def __init__(self, encoder: UnigramEncoder, model: KenlmModel) -> None:
        """Raises ValueError where the model's vocabulary is damaged."""
        self._native = _native.PieceScorer(encoder._native, model._native)

    def score(self, text: pa.LargeStringArray, per_line: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """log10 probability, float64[n], and length, int64[n], of each document.

        A document is one sentence, or with `per_line` as many as it has lines, whose numbers are added up. The length
        of a sentence is that of `" ".join(pieces).split()`, plus one for its end. A document of nothing but line ends
        has length 0. Perplexity is 10 ** (-log10 / length).
        """
        require(text, pa.LargeStringArray)
        return self._native.score(text, per_line)
