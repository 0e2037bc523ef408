"""The lines a tokenizer is trained on: a share of every source, drawn by document, reproducible and within a budget.

Two passes over the documents. The first adds up, source by source, the bytes of text whose documents hash to each of
65,536 buckets; from that follows how many buckets fill the source's share of the budget. The second gives the lines of
the documents in those buckets. Which documents are drawn depends on their ids and the seed alone; memory does not grow
with the documents.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import pyarrow as pa

import kernels
from corpus.errors import UsageError
from corpus.identity import InputFile
from corpus.table1 import PAPER_WEIGHTS
from tokenizer.document_order import SAMPLE, hash_order, keyed_hashes
from tokenizer.documents import by_source, read_documents

MAX_LINE_BYTES = 4192
"""sentencepiece's default max_sentence_length: it leaves out longer lines without a word."""

RESERVED = "\u2585".encode()
"""The character that stands for an unknown one inside sentencepiece's trainer, which leaves out lines that hold it."""

BUCKETS = 1 << 16
HELD_OUT_SHARE, HELD_OUT_BYTES = 1 / 50, 4 << 20
"""Of every source, the last documents by hash are not drawn but kept to measure the tokenizer on: a fiftieth of its
text, or 4 MiB if that is less, and the rest of the bucket where this is reached. Nothing, if that takes a tenth."""

Progress = Callable[[int, int], None]
"""Called with the documents and input bytes read since the last call."""


@dataclass
class Survey:
    """All text of one source; histogram: bytes of text by bucket, int64[BUCKETS]."""

    documents: int = 0
    newlines: int = 0
    histogram: np.ndarray = field(default_factory=lambda: np.zeros(BUCKETS, np.int64))

    @property
    def bytes(self) -> int:
        return int(self.histogram.sum())

    @property
    def held_out(self) -> int:
        """The first bucket that is held out."""
        from_last = np.cumsum(self.histogram[::-1])
        count = int(np.searchsorted(from_last, min(self.bytes * HELD_OUT_SHARE, HELD_OUT_BYTES))) + 1
        return BUCKETS - count if from_last[count - 1] <= self.bytes / 10 else BUCKETS

    @property
    def available(self) -> int:
        """Bytes that may be drawn."""
        return int(self.histogram[: self.held_out].sum())


@dataclass
class SourceSample:
    """What is drawn of one source.

    wanted: bytes of its share of the budget. documents, bytes, lines: drawn, a document cut short to fill the share
    included. cut_lines: lines over MAX_LINE_BYTES, given in parts. reserved_lines: left out for RESERVED.
    """

    wanted: int
    documents: int = 0
    bytes: int = 0
    lines: int = 0
    cut_lines: int = 0
    reserved_lines: int = 0

    def as_json(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True)
class _Cut:
    """Buckets below `whole` are drawn, then `rest` bytes of the next; those from `held_out` on are measured."""

    whole: int
    rest: int
    held_out: int


class Sample:
    """A drawn sample: `lines()` gives it, once, and fills `sources` (by name) and `held_out` (texts, by source).

    size, line_count: bytes and lines it will have, the latter estimated.
    """

    def __init__(
        self,
        files: Sequence[InputFile],
        *,
        budget: int,
        weights: Mapping[str, float] | None = None,
        seed: int = 0,
        default_source: str = "documents",
        progress: Progress = lambda documents, size: None,
    ) -> None:
        """Makes the first pass.

        budget: bytes of text. weights: shares of the sources in it, which need not add up to anything; by default
        PAPER_WEIGHTS. A source with less text than its share leaves the rest to the others. Raises UsageError for
        weights that do not go with the sources found.
        """
        self._files, self._seed, self._default_source = files, seed, default_source
        surveys = survey(files, seed, default_source, progress)
        shares = shares_of(budget, weights_of(list(surveys), weights), {s: v.available for s, v in surveys.items()})
        self.sources = {source: SourceSample(shares[source]) for source in surveys}
        self.held_out: dict[str, list[pa.Array]] = {source: [] for source in surveys}
        self._cuts = {source: _cut(found, shares[source]) for source, found in surveys.items()}
        self.size = sum(shares.values())
        self.line_count = sum(
            shares[source] * (found.newlines + found.documents) // max(found.bytes, 1)
            for source, found in surveys.items()
        )

    def lines(self, progress: Progress = lambda documents, size: None) -> Iterator[bytes]:
        """The lines of the sample, without line ends, none empty. Their order depends on that of the files."""
        last: dict[str, list[tuple[np.ndarray, pa.RecordBatch]]] = {source: [] for source in self.sources}
        for batch in _batches(self._files, self._default_source, progress):
            source = batch.column("source")[0].as_py()
            cut, hashes = self._cuts[source], keyed_hashes(batch.column("id"), self._seed, SAMPLE)
            buckets = _buckets(hashes)
            yield from self._lines_of(source, batch.filter(pa.array(buckets < cut.whole)).column("text"))
            on_edge = np.flatnonzero(buckets == cut.whole)
            if cut.rest and len(on_edge):
                last[source].append((hashes[on_edge], batch.take(pa.array(on_edge))))
            held_out = np.flatnonzero(buckets >= cut.held_out)
            if len(held_out):
                self.held_out[source].append(batch.column("text").take(pa.array(held_out)))
        for source, parts in sorted(last.items()):
            if parts:
                documents = pa.Table.from_batches([part for _, part in parts]).combine_chunks().to_batches()[0]
                order = hash_order(np.concatenate([hashes for hashes, _ in parts]), documents.column("id"))
                yield from self._lines_of(
                    source, documents.take(pa.array(order)).column("text"), self._cuts[source].rest
                )

    def _lines_of(self, source: str, texts: pa.Array, limit: int | None = None) -> Iterator[bytes]:
        """Lines of the texts, in all at most `limit` bytes of text."""
        counts = self.sources[source]
        left = limit
        for text in texts.cast(pa.large_binary()):
            content = text.as_py()
            if left is not None:
                if left <= 0:
                    return
                left, content = left - len(content), first_bytes(content, left)
            counts.documents += 1
            counts.bytes += len(content)
            for line in content.split(b"\n"):
                if RESERVED in line:
                    counts.reserved_lines += 1
                elif len(line) > MAX_LINE_BYTES:
                    counts.cut_lines += 1
                    parts = cut_line(line)
                    counts.lines += len(parts)
                    yield from parts
                elif line:
                    counts.lines += 1
                    yield line


def survey(
    files: Sequence[InputFile], seed: int, default_source: str, progress: Progress = lambda documents, size: None
) -> dict[str, Survey]:
    """What the files hold, by source in sorted order."""
    found: dict[str, Survey] = {}
    for batch in _batches(files, default_source, progress):
        of_source = found.setdefault(batch.column("source")[0].as_py(), Survey())
        text = batch.column("text")
        lengths = np.diff(np.frombuffer(text.buffers()[1], np.int64)[text.offset : text.offset + len(text) + 1])
        np.add.at(of_source.histogram, _buckets(keyed_hashes(batch.column("id"), seed, SAMPLE)), lengths)
        of_source.documents += len(text)
        of_source.newlines += int(np.maximum(kernels.count_lines(text) - 1, 0).sum())
    return dict(sorted(found.items()))


def weights_of(sources: Sequence[str], weights: Mapping[str, float] | None) -> dict[str, float]:
    """The weight of each source. Raises UsageError unless each has one that is positive, and each weight a source.

    Of PAPER_WEIGHTS, which apply when none are given, those of sources that are not there are left out; and a single
    source needs no weight.
    """
    if weights is None and len(sources) == 1:
        return {sources[0]: 1.0}
    given = PAPER_WEIGHTS if weights is None else weights
    if missing := [source for source in sources if source not in given]:
        raise UsageError(f"no weight for source {', '.join(missing)}; give a weight to each of {', '.join(sources)}")
    if weights is not None and (absent := sorted(set(weights) - set(sources))):
        raise UsageError(f"weight for source {', '.join(absent)}, but the documents are of {', '.join(sources)}")
    if wrong := [source for source in sources if not 0 < given[source] < float("inf")]:
        raise UsageError(f"the weight of {', '.join(wrong)} is not a positive number")
    return {source: float(given[source]) for source in sources}


def shares_of(budget: int, weights: Mapping[str, float], available: Mapping[str, int]) -> dict[str, int]:
    """Bytes to draw of each source: the budget by weight, what a source lacks going to those that have more."""
    shares: dict[str, int] = {}
    while open_ := {source: weight for source, weight in weights.items() if source not in shares}:
        left, total = budget - sum(shares.values()), sum(open_.values())
        fair = {source: int(left * weight / total) for source, weight in open_.items()}
        short = {source: available[source] for source in open_ if available[source] <= fair[source]}
        shares.update(short or fair)
    return shares


def predicted_memory(size: int, lines: int) -> int:
    """Bytes of memory sentencepiece's BPE trainer takes for a sample of `size` bytes in `lines` lines.

    Measured with sentencepiece 0.2.3: two copies of every line at 48 bytes each, and the distinct words, whose number
    grows with the 0.75th power of text in many languages (the factor is high for text in one).
    """
    return (32 << 20) + 2 * size + 96 * lines + int(850 * size**0.75)


def first_bytes(text: bytes, limit: int) -> bytes:
    """At most `limit` bytes of a text, ended between words; nothing when its first word is longer."""
    head = text[:limit]
    return text if len(text) <= limit else head[: max(head.rfind(b"\n"), head.rfind(b" "), 0)]


def largest_sample(size: int, lines: int, memory: int) -> int:
    """Bytes of the largest sample, with lines as long as in one of `size` bytes, predicted to fit; at least 1."""
    fits, too_large = 1, size + 1
    while too_large - fits > 1:
        middle = (fits + too_large) // 2
        if predicted_memory(middle, lines * middle // size) <= memory:
            fits = middle
        else:
            too_large = middle
    return fits


def cut_line(line: bytes) -> list[bytes]:
    """A long line in parts of at most MAX_LINE_BYTES: at spaces, which are left out, or else between characters."""
    parts = []
    while len(line) > MAX_LINE_BYTES:
        end = line.rfind(b" ", 1, MAX_LINE_BYTES + 1)
        if end > 0:
            parts.append(line[:end])
            line = line[end + 1 :]
            continue
        end = MAX_LINE_BYTES
        while end > MAX_LINE_BYTES - 3 and line[end] & 0xC0 == 0x80:
            end -= 1
        parts.append(line[:end])
        line = line[end:]
    return [part for part in (*parts, line) if part]


def _cut(found: Survey, share: int) -> _Cut:
    drawn = np.concatenate([[0], np.cumsum(found.histogram[: found.held_out])])
    whole = int(np.searchsorted(drawn, share, side="right")) - 1
    return _Cut(whole, share - int(drawn[whole]), found.held_out)


def _buckets(hashes: np.ndarray) -> np.ndarray:
    return (hashes >> np.uint64(48)).astype(np.int64)


def _batches(files: Sequence[InputFile], default_source: str, progress: Progress) -> Iterator[pa.RecordBatch]:
    """Batches of documents, each of one source and not empty."""
    for file in files:
        before = 0
        for batch, consumed in read_documents(file, default_source):
            yield from by_source(batch)
            progress(batch.num_rows, consumed - before)
            before = consumed
