"""The tasks of `llama-corpus tokenize`, step by step; `tokenizer.tokenize` says how they fit together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from corpus.errors import UserError
from corpus.identity import InputFile, key_of
from corpus.pipeline.plan import Progress
from corpus.pipeline.store import Artifact, Draft, Store
from tokenizer.document_order import SHUFFLE, keyed_hashes
from tokenizer.documents import by_source, read_documents
from tokenizer.encode import Encoder, encoder_for, with_control_tokens
from tokenizer.merge import merge_runs
from tokenizer.ranges import HashRange, TokenHistogram
from tokenizer.runs import RUN_BYTES, RunWriter, Tokenized, open_run
from tokenizer.shards import Manifest, Shard, ShardSchema, ShardWriter, SourceShards, TokenizerInfo

VERSION = 1
"""Raised whenever the same documents and settings give other tokens or another order."""

ENCODE = "encode"
SOURCE_NAME = re.compile(r"(?!tasks$)[A-Za-z0-9][A-Za-z0-9._-]*")
"""A source gives its name to a folder beside the run's own."""


@dataclass(frozen=True)
class EncodeTask:
    """Encodes the documents of some files into sorted runs.

    report: `runs` (as Run, in the order of the documents).
    """

    key: str
    inputs: tuple[InputFile, ...]
    tokenizer: Path
    info: TokenizerInfo
    seed: int
    source: str
    step: str = ENCODE

    @classmethod
    def of(
        cls, inputs: Sequence[InputFile], tokenizer: Path, info: TokenizerInfo, seed: int, source: str
    ) -> "EncodeTask":
        # The name of a file is part of the ids of documents that have none of their own.
        named = [[Path(file.path).name, file.fingerprint] for file in inputs]
        decided = {"inputs": named, "tokenizer": asdict(info), "seed": seed, "source": source, "version": VERSION}
        return cls(key_of({"step": ENCODE, **decided}), tuple(inputs), tokenizer, info, seed, source)

    @property
    def size(self) -> int:
        return sum(file.size for file in self.inputs)

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        encoder = encoder_for(self.tokenizer, self.info.sha256)
        writer = RunWriter(draft.directory, RUN_BYTES)
        for file in self.inputs:
            before = 0
            for batch, consumed in read_documents(file, self.source):
                for documents in by_source(batch):
                    source = documents.column("source")[0].as_py()
                    if not SOURCE_NAME.fullmatch(source):
                        raise UserError(f"{file.path}: {source!r} cannot name a folder of shards; rename that source")
                    writer.add(source, self._tokenized(documents, encoder, file.path))
                progress(batch.num_rows, consumed - before)
                before = consumed
        writer.flush()
        draft.report = {"runs": [asdict(run) for run in writer.runs]}

    def _tokenized(self, documents: pa.RecordBatch, encoder: Encoder, path: str) -> Tokenized:
        ids, text = documents.column("id"), documents.column("text")
        try:
            tokens, offsets = encoder.encode(text)
        except ValueError as error:
            raise UserError(f"{path}: {error}; make the documents again") from None
        bos_id = self.info.bos_id if self.info.add_bos else None
        eos_id = self.info.eos_id if self.info.add_eos else None
        tokens, offsets = with_control_tokens(tokens, offsets, bos_id, eos_id)
        bounds = np.frombuffer(text.buffers()[1], np.int64)[text.offset : text.offset + len(text) + 1]
        return Tokenized(keyed_hashes(ids, self.seed, SHUFFLE), ids, np.diff(bounds), tokens, offsets)


@dataclass(frozen=True)
class RangesTask:
    """Cuts the hashes of every source into ranges of a shard.

    report: `sources`, for each its `runs` ([key of the encode task, file]) and `ranges` (as HashRange).
    """

    key: str
    encoded: tuple[str, ...]
    shard_tokens: int
    step: str = "ranges"

    @classmethod
    def of(cls, encoding: Sequence[EncodeTask], shard_tokens: int) -> "RangesTask":
        encoded = tuple(task.key for task in encoding)
        return cls(key_of({"step": "ranges", "encoded": encoded, "shard_tokens": shard_tokens}), encoded, shard_tokens)

    @property
    def size(self) -> int:
        return len(self.encoded)

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        runs: dict[str, list[tuple[str, str]]] = {}
        for key in self.encoded:
            for run in store.record(ENCODE, key)["report"]["runs"]:
                runs.setdefault(run["source"], []).append((key, run["file"]))
        if not runs:
            raise UserError("the inputs hold no documents; name others")
        sources = {}
        for source, files in sorted(runs.items()):
            histogram = TokenHistogram()
            for key, file in files:
                histogram.add(open_run(store.path(Artifact(ENCODE, key, file))))
            sources[source] = {"runs": files, "ranges": histogram.ranges(self.shard_tokens)}
        progress(0, self.size)
        draft.report = {"sources": sources}


@dataclass(frozen=True)
class ShardTask:
    """Merges the runs of a source into one shard. report: the shard (as Shard)."""

    key: str
    source: str
    number: int
    range: HashRange
    ranging: RangesTask
    info: TokenizerInfo
    seed: int
    step: str = "shards"

    @classmethod
    def all_of(cls, store: Store, ranging: RangesTask, info: TokenizerInfo, seed: int) -> "list[ShardTask]":
        """The shards the finished `ranging` asks for, source by source."""
        sources = store.record(ranging.step, ranging.key)["report"]["sources"]
        return [
            cls(
                key_of({"step": "shards", "ranges": ranging.key, "source": source, "number": number}),
                source,
                number,
                HashRange(*found),
                ranging,
                info,
                seed,
            )
            for source, planned in sorted(sources.items())
            for number, found in enumerate(planned["ranges"])
        ]

    @property
    def size(self) -> int:
        return self.range.tokens * self.info.dtype.itemsize

    @property
    def file(self) -> str:
        return f"shard-{self.number:05d}.arrow"

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        runs = store.record(self.ranging.step, self.ranging.key)["report"]["sources"][self.source]["runs"]
        writer = ShardWriter(draft.directory / self.file, ShardSchema(self.source, self.seed, self.info))
        merge_runs([store.path(Artifact(ENCODE, key, file)) for key, file in runs], self.range, writer)
        shard = writer.close()
        if (shard.documents, shard.tokens) != (self.range.documents, self.range.tokens):
            raise AssertionError(f"{self.source}/{self.file}: {shard} was merged, {self.range} was planned")
        progress(shard.documents, self.size)
        draft.report = asdict(shard)


@dataclass(frozen=True)
class ManifestTask:
    """Writes the manifest of the shards, and a copy of the tokenizer to go beside it."""

    key: str
    shards: tuple[ShardTask, ...]
    tokenizer: Path
    info: TokenizerInfo
    seed: int
    step: str = "manifest"

    @classmethod
    def of(
        cls, shards: Sequence[ShardTask], ranging: RangesTask, tokenizer: Path, info: TokenizerInfo, seed: int
    ) -> "ManifestTask":
        return cls(key_of({"step": "manifest", "ranges": ranging.key}), tuple(shards), tokenizer, info, seed)

    @property
    def size(self) -> int:
        return len(self.shards)

    def run(self, store: Store, draft: Draft, progress: Progress) -> None:
        sources = {name: SourceShards(tuple(self._shards_of(store, name))) for name in self._source_names()}
        Manifest(self.info, self.seed, sources).save(draft.directory)
        encoder_for(self.tokenizer, self.info.sha256)
        (draft.directory / self.info.file).write_bytes(self.tokenizer.read_bytes())
        progress(0, self.size)

    def _source_names(self) -> list[str]:
        return list(dict.fromkeys(task.source for task in self.shards))

    def _shards_of(self, store: Store, source: str) -> Iterator[Shard]:
        for task in self.shards:
            if task.source == source:
                yield Shard(**store.record(task.step, task.key)["report"])
