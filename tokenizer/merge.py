"""One shard from many sorted runs: the documents whose hashes lie in its range, in the order of those hashes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from tokenizer.ranges import HashRange
from tokenizer.runs import Documents, Tokenized, open_run, read_slice
from tokenizer.shards import ShardWriter

BLOCK_TOKENS = 1 << 22
"""Documents are put in order and handed on in blocks of about this many tokens."""


def merge_runs(paths: Sequence[Path], wanted: HashRange, writer: ShardWriter) -> None:
    """Appends the documents of the range to `writer`.

    paths: the runs of the source, in the order of the inputs. Documents of equal hash are ordered by id, those of
    equal id as in the inputs, so how these were parted into runs leaves no trace. Memory: the documents of the range.
    """
    parts = [part for path in paths if len((part := _in_range(path, wanted)).hashes)]
    if not parts:
        return
    documents = Documents(parts)
    for rows in _blocks(documents.order, documents.lengths):
        size = int(documents.text_bytes[rows].sum())
        writer.append(*documents.tokens(rows), documents.ids.take(pa.array(rows)), size)


def _in_range(path: Path, wanted: HashRange) -> Tokenized:
    run = open_run(path)
    hashes = run.column("hash").to_numpy()
    low = int(np.searchsorted(hashes, np.uint64(wanted.first), side="left"))
    high = int(np.searchsorted(hashes, np.uint64(wanted.last), side="right"))
    return read_slice(run, low, high)


def _blocks(order: np.ndarray, lengths: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of `order`, in parts that end with the document that fills a block."""
    ends = np.cumsum(lengths[order])
    blocks = (ends - lengths[order]) // BLOCK_TOKENS
    yield from np.split(order, np.flatnonzero(np.diff(blocks)) + 1)
