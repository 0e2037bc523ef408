"""Estimating n-gram language models within a memory limit."""

from dataclasses import dataclass
from pathlib import Path

from kernels import _native

ORDERS = range(1, 7)
SMALLEST_MEMORY = 1 << 20


@dataclass(frozen=True)
class NgramOrder:
    """One order of a model: how many n-grams it has, and what is taken from adjusted counts of 1, 2, and 3 or more.

    fallback: the counts of counts gave no usable discounts, so these are 0.5, 1 and 1.5.
    """

    ngrams: int
    discounts: tuple[float, float, float]
    fallback: bool


@dataclass(frozen=True)
class NgramModel:
    """What was read and what was written.

    tokens: words read, sentence ends not included. skipped_symbols: occurrences of <unk>, <s> and </s> as words of the
    text, which are left out. spilled_bytes: bytes written to temporary files.
    """

    sentences: int
    tokens: int
    skipped_symbols: int
    orders: tuple[NgramOrder, ...]
    spilled_bytes: int


class NgramEstimator:
    """Interpolated modified Kneser-Ney estimation, unpruned, as KenLM's `lmplz --discount_fallback` does it.

    Method: Heafield et al. 2013, "Scalable Modified Kneser-Ney Language Model Estimation"; Chen & Goodman 1998 for the
    discounts. Add text, then write the model once. order: 1 to 6. memory: bytes the n-grams may take (1 MiB at least);
    beyond, they are sorted in unnamed temporary files in `directory`. The vocabulary comes on top. The model does not
    depend on `memory`, nor on how the text is cut into calls of `add_lines`.
    """

    def __init__(self, order: int, memory: int, directory: Path) -> None:
        """Raises ValueError for an order or memory out of range."""
        if order not in ORDERS:
            raise ValueError(f"order must lie between {ORDERS[0]} and {ORDERS[-1]}, got {order}")
        if memory < SMALLEST_MEMORY:
            raise ValueError(f"memory must be {SMALLEST_MEMORY} bytes at least, got {memory}")
        self._native = _native.NgramEstimator(order, memory, str(directory))

    def add_lines(self, lines: bytes) -> None:
        """Whole lines of UTF-8 text, one sentence each, words divided by spaces (or tabs, carriage returns, zeros).

        An empty line is an empty sentence. Raises OSError when a temporary file cannot be written.
        """
        self._native.add_lines(lines)

    def write_arpa(self, path: Path) -> NgramModel:
        """Writes the model in the ARPA format and flushes it to the device.

        N-grams come in suffix order of words numbered by first appearance. Raises OSError when a file cannot be
        written, and ValueError when there is no sentence, or more distinct words than 128-bit keys can hold (2^25 at
        order 5). Signals are heeded: KeyboardInterrupt ends the work.
        """
        summary = self._native.write_arpa(str(path))
        orders = tuple(NgramOrder(**order) for order in summary.pop("orders"))
        return NgramModel(orders=orders, **summary)
