"""Where a source is cut into shards: ranges of the documents' hashes that hold about equally many tokens."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tokenizer.runs import token_counts

BUCKET_BITS = 20
BUCKETS = 1 << BUCKET_BITS
"""Ranges end at multiples of 2^64 / BUCKETS: of a source of 10^12 tokens, at every millionth."""

SHIFT = 64 - BUCKET_BITS


class HashRange(NamedTuple):
    """Hashes from `first` to `last`, both included, and what has them."""

    first: int
    last: int
    documents: int
    tokens: int


class TokenHistogram:
    """Documents and tokens of a source by the leading bits of the documents' hashes."""

    def __init__(self) -> None:
        self._documents = np.zeros(BUCKETS, np.int64)
        self._tokens = np.zeros(BUCKETS, np.int64)

    def add(self, run: pa.RecordBatch) -> None:
        buckets = (run.column("hash").to_numpy() >> np.uint64(SHIFT)).astype(np.int64)
        # Exact: the sums of a run stay far below 2^53.
        self._tokens += np.bincount(buckets, token_counts(run), BUCKETS).astype(np.int64)
        self._documents += np.bincount(buckets, minlength=BUCKETS)

    def ranges(self, tokens: int) -> list[HashRange]:
        """The fewest ranges that hold, on average, no more than `tokens`; each with a document at least."""
        total = int(self._tokens.sum())
        count = max(-(-total // tokens), 1)
        # A range ends with the bucket that reaches its share of the total.
        reached = np.cumsum(self._tokens)
        targets = np.array([total * number // count for number in range(1, count)], np.int64)
        edges = np.unique(np.concatenate([[0], np.searchsorted(reached, targets) + 1, [BUCKETS]])).tolist()
        found = []
        for low, high in pairwise(edges):
            documents, held = int(self._documents[low:high].sum()), int(self._tokens[low:high].sum())
            if documents:
                found.append(HashRange(low << SHIFT, (high << SHIFT) - 1, documents, held))
        return found
