"""Model files of fastText written field by field, and fastText's own answers from them."""

import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

HIERARCHICAL_SOFTMAX, NEGATIVE_SAMPLING, SOFTMAX, ONE_VERSUS_ALL = LOSSES = 1, 2, 3, 4
MAGIC = 793712314
SUPERVISED = 3


@dataclass(frozen=True)
class Dense:
    """float32[rows, columns]."""

    values: np.ndarray

    def to_bytes(self) -> bytes:
        return struct.pack("<qq", *self.values.shape) + self.values.astype("<f4").tobytes()


@dataclass(frozen=True)
class Quantised:
    """codes: uint8[rows, pieces], pieces of `width` columns; norm_codes: uint8[rows] where lengths are apart."""

    codes: np.ndarray
    columns: int
    width: int
    centroids: np.ndarray
    norm_codes: np.ndarray | None = None
    norms: np.ndarray | None = None

    def to_bytes(self) -> bytes:
        rows, pieces = self.codes.shape
        head = struct.pack("<?qqi", self.norms is not None, rows, self.columns, self.codes.size)
        parts = [head, self.codes.tobytes(), quantiser(self.columns, pieces, self.width, self.centroids)]
        if self.norms is not None and self.norm_codes is not None:
            parts += [self.norm_codes.tobytes(), quantiser(1, 1, 1, self.norms)]
        return b"".join(parts)


def quantiser(columns: int, pieces: int, width: int, centroids: np.ndarray) -> bytes:
    last = columns - (pieces - 1) * width
    return struct.pack("<4i", columns, pieces, width, last) + centroids.astype("<f4").tobytes()


def random_quantised(seed: np.random.Generator, rows: int, columns: int, width: int, norms: bool) -> Quantised:
    matrix = Quantised(
        codes=seed.integers(0, 256, (rows, -(-columns // width)), dtype=np.uint8),
        columns=columns,
        width=width,
        centroids=seed.normal(size=256 * columns),
    )
    if not norms:
        return matrix
    return replace(matrix, norm_codes=seed.integers(0, 256, rows, dtype=np.uint8), norms=seed.random(256) * 3)


@dataclass(frozen=True)
class ModelFile:
    """A supervised model; `pruned`: bucket to row after the words', None where no bucket was pruned."""

    words: tuple[bytes, ...]
    labels: tuple[bytes, ...]
    input: Dense | Quantised
    output: Dense | Quantised
    counts: tuple[int, ...]
    loss: int = SOFTMAX
    buckets: int = 0
    shortest: int = 0
    longest: int = 0
    word_ngrams: int = 1
    pruned: dict[int, int] | None = None
    version: int = 12
    kind: int = SUPERVISED

    @property
    def dimension(self) -> int:
        return self.output.columns if isinstance(self.output, Quantised) else self.output.values.shape[1]

    def header(self) -> bytes:
        sizes = (5, 5, 1, 5, self.word_ngrams, self.loss, self.kind, self.buckets, self.shortest, self.longest, 100)
        return struct.pack("<2i12id", MAGIC, self.version, self.dimension, *sizes, 1e-4)

    def vocabulary(self) -> bytes:
        pruned = -1 if self.pruned is None else len(self.pruned)
        size = len(self.words) + len(self.labels)
        parts = [struct.pack("<3iqq", size, len(self.words), len(self.labels), 1000, pruned)]
        parts += [word + b"\0" + struct.pack("<qb", 1, 0) for word in self.words]
        counted = zip(self.labels, self.counts, strict=True)
        parts += [label + b"\0" + struct.pack("<qb", count, 1) for label, count in counted]
        parts += [struct.pack("<2i", *pair) for pair in (self.pruned or {}).items()]
        return b"".join(parts)

    def to_bytes(self) -> bytes:
        matrices = [(isinstance(matrix, Quantised), matrix.to_bytes()) for matrix in (self.input, self.output)]
        return self.header() + self.vocabulary() + b"".join(bytes([flag]) + matrix for flag, matrix in matrices)


class Oracle:
    """fastText's own predictions: the label's index, -1 for none, and the probability."""

    def __init__(self, path: Path) -> None:
        from fasttext import FastText

        self._model: Any = FastText._FastText(model_path=str(path)).f
        self.labels: list[str] = [str(label) for label in self._model.getLabels("strict")[0]]

    def predict(self, texts: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
        """int32[n], float32[n] for texts without newlines."""
        lines = [text + b"\n" for text in texts]
        labels, probabilities = self._model.multilinePredict(lines, 1, 0.0, "strict")
        numbers = {label: number for number, label in enumerate(self.labels)}
        best = [numbers[str(found[0])] if found else -1 for found in labels]
        return np.array(best, np.int32), np.array([p[0] if len(p) else 0 for p in probabilities], np.float32)
