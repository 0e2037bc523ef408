"""Training sequences from token shards.

A source's shards laid end to end are its token stream. Its sequence i of length L has the tokens from place i L on as
inputs and the same moved on by one as targets, so T tokens hold (T - 1) div L sequences, every token being an input
once an epoch but for fewer than L at the end. Documents are cut where a sequence ends, and sequences run across
documents and shards. In which order sequences are trained on says `order`; a step number is the whole state.

2,048 uint16 ids are 4 KiB: a sequence costs one or two pages read. Starting up costs one look at each shard's size, and
no index is built.
"""

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TypeVar

import numpy as np

from corpus.errors import UsageError, UserError
from model.order import DataOrder
from tokenizer.shards import Manifest, Shard, ShardReader, ShardSchema, read_shard

T = TypeVar("T")

MAPPED_SHARDS = 256
"""Shards mapped at once. Random reads over a mapping fill a page of page table for each 2 MiB of it, which nothing
gives back while it is mapped: 128 MiB for 256 shards of 256 MiB, but 5 GiB a process for all of 1.4T tokens."""


@dataclass(frozen=True)
class Batch:
    """Consecutive training sequences; all arrays int64 and contiguous."""

    tokens: np.ndarray  # [sequences, length]
    targets: np.ndarray  # [sequences, length]: the tokens that follow
    source_ids: np.ndarray  # [sequences]: index in `TokenData.sources`


class SequenceDocument(NamedTuple):
    """A document or the part of one that a training sequence holds."""

    source: str
    id: str
    tokens: range  # places in the document's tokens, its BOS and EOS counted


class _Stream:
    """The token stream of one source."""

    def __init__(self, directory: Path, schema: ShardSchema, shards: tuple[Shard, ...]) -> None:
        self._directory = directory
        self._schema = schema
        self._shards = shards
        self._readers: list[ShardReader | None] = [None] * len(shards)
        self.starts = np.cumsum([0] + [shard.tokens for shard in shards], dtype=np.int64)

    def path(self, place: int) -> Path:
        """The file that holds the token at that place of the stream."""
        shard = int(np.searchsorted(self.starts, place, side="right")) - 1
        return self._directory / self._shards[shard].path

    def reader(self, shard: int) -> ShardReader:
        reader = self._readers[shard]
        if reader is None:
            path = self._directory / self._shards[shard].path
            reader = self._readers[shard] = read_shard(path, self._schema, self._shards[shard])
        return reader


class TokenData:
    """The training sequences of a directory of token shards, numbered from 0 without end.

    `weights` gives each source's share of the sequences and `seed` the shuffle, see `DataOrder`. `sources` lists the
    sources trained on, in the order of the numbers in `Batch.source_ids`. `UserError` for shards that are not as their
    manifest says, when first read at the latest; `UsageError` for weights or lengths that make no sense. Threads may
    share one.
    """

    def __init__(
        self, shards: Path, *, sequence_length: int, weights: dict[str, float] | None = None, seed: int = 0
    ) -> None:
        if sequence_length < 1:
            raise UsageError(f"sequence length {sequence_length} is not at least 1")
        self.manifest = Manifest.load(shards)
        self.sequence_length = sequence_length
        counts = {name: max(0, source.tokens - 1) // sequence_length for name, source in self.manifest.sources.items()}
        self.order = DataOrder(counts, weights, seed)
        self.sources = self.order.sources
        self._streams = [
            _Stream(shards, self.manifest.schema(name), self.manifest.sources[name].shards) for name in self.sources
        ]
        self._mapped: OrderedDict[ShardReader, None] = OrderedDict()  # least recently used first
        self._lock = Lock()

    def sequences(self, first: int, count: int) -> Batch:
        """Training sequences number `first` to `first + count - 1`."""
        draws = self.order.draws(np.arange(first, first + count, dtype=np.int64))
        starts = draws.positions * self.sequence_length
        windows = np.empty((count, self.sequence_length + 1), dtype=np.int64)
        for window, source, start in zip(windows, draws.sources.tolist(), starts.tolist(), strict=True):
            done = 0
            for reader, begin, end in self._segments(source, start, start + len(window)):
                reader.read(begin, window[done : done + end - begin])
                done += end - begin
        if count and windows.max() >= self.manifest.vocab_size:
            row, column = np.argwhere(windows >= self.manifest.vocab_size)[0]
            path = self._streams[draws.sources[row]].path(starts[row] + column)
            raise UserError(
                f"{path}: token id {windows[row, column]:,} lies outside the vocabulary of "
                f"{self.manifest.vocab_size:,}; the file is damaged, copy it again or tokenize again"
            )
        return Batch(
            tokens=np.ascontiguousarray(windows[:, :-1]),
            targets=np.ascontiguousarray(windows[:, 1:]),
            source_ids=draws.sources,
        )

    def documents(self, number: int) -> list[SequenceDocument]:
        """The documents that training sequence `number` holds, in order: what its inputs and its last target are of."""
        draws = self.order.draws(np.array([number], dtype=np.int64))
        source = int(draws.sources[0])
        start = int(draws.positions[0]) * self.sequence_length
        return [
            SequenceDocument(self.sources[source], id_, tokens)
            for reader, begin, end in self._segments(source, start, start + self.sequence_length + 1)
            for id_, tokens in reader.documents(begin, end)
        ]

    def _segments(self, source: int, start: int, stop: int) -> Iterator[tuple[ShardReader, int, int]]:
        """The parts of a source's stream between two places: a shard each, with the places inside that shard."""
        starts = self._streams[source].starts
        shard = int(np.searchsorted(starts, start, side="right")) - 1
        while start < stop:
            begin, end = int(starts[shard]), min(stop, int(starts[shard + 1]))
            yield self._reader(source, shard), start - begin, end - begin
            start, shard = end, shard + 1

    def _reader(self, source: int, shard: int) -> ShardReader:
        with self._lock:
            reader = self._streams[source].reader(shard)
            self._mapped[reader] = None
            self._mapped.move_to_end(reader)
            if len(self._mapped) > MAPPED_SHARDS:
                self._mapped.popitem(last=False)[0].release()
        return reader


def batches(
    data: TokenData,
    convert: Callable[[Batch], T],
    *,
    first_step: int,
    steps: int,
    batch_sequences: int,
    rank: int = 0,
    world: int = 1,
) -> Generator[T, None, None]:
    """This rank's part of the global batch of steps `first_step` to `first_step + steps - 1`, put through `convert`.

    Step n, from 0, trains on sequences n x `batch_sequences` and following, of which each of `world` ranks takes an
    equal run; so the ranks' parts put together are the same batch however many ranks there are. A thread reads and
    converts the next step's part meanwhile; closing the iterator ends it. `UsageError` for numbers that do not divide.
    """
    if batch_sequences < 1 or world < 1 or batch_sequences % world:
        raise UsageError(
            f"a batch of {batch_sequences} sequences does not divide among {world} ranks; change one of the two"
        )
    if not 0 <= rank < world:
        raise UsageError(f"rank {rank} is not one of {world}")
    part = batch_sequences // world
    firsts = (step * batch_sequences + rank * part for step in range(first_step, first_step + steps))
    return _prefetched(lambda first: convert(data.sequences(first, part)), firsts)


def _prefetched(read: Callable[[int], T], firsts: Iterable[int]) -> Generator[T, None, None]:
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="batches") as reader:
        current: Future[T] | None = None
        for first in firsts:
            following = reader.submit(read, first)
            if current is not None:
                yield current.result()
            current = following
        if current is not None:
            yield current.result()
