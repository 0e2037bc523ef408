"""Small token shards for tests."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from tokenizer.shards import Manifest, ShardSchema, ShardWriter, SourceShards, TokenizerInfo


def write_shards(
    directory: Path,
    documents: Mapping[str, Sequence[Sequence[int]]],
    vocab_size: int,
    *,
    bos_id: int = 1,
    eos_id: int = 2,
    add_bos: bool = True,
    add_eos: bool = True,
    shuffle_seed: int = 0,
    documents_per_shard: int = 1000,
    batch_tokens: int = 1 << 24,
    tokenizer: bytes = b"not a real tokenizer",
) -> Manifest:
    """Write `documents` (per source, the ids of each document without BOS and EOS) as shards; returns the manifest.

    Document d of a source has the id `<source>-<d>` and is taken to be text of three bytes a token.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "tokenizer.model").write_bytes(tokenizer)
    info = TokenizerInfo(hashlib.sha256(tokenizer).hexdigest(), vocab_size, bos_id, eos_id, add_bos, add_eos)
    sources = {}
    for source, lists in documents.items():
        (directory / source).mkdir(exist_ok=True)
        shards = []
        for number, first in enumerate(range(0, len(lists), documents_per_shard)):
            chosen = lists[first : first + documents_per_shard]
            rows = [[bos_id] * add_bos + list(tokens) + [eos_id] * add_eos for tokens in chosen]
            path = directory / source / f"shard-{number:05d}.arrow"
            writer = ShardWriter(path, ShardSchema(source, shuffle_seed, info), batch_tokens=batch_tokens)
            writer.append(
                np.array([token for row in rows for token in row], dtype=np.int64),
                np.cumsum([0] + [len(row) for row in rows], dtype=np.int64),
                pa.array([f"{source}-{first + row}" for row in range(len(rows))], pa.string()),
                text_bytes=3 * sum(map(len, chosen)),
            )
            shards.append(writer.close())
        sources[source] = SourceShards(tuple(shards))
    manifest = Manifest(info, shuffle_seed, sources)
    manifest.save(directory)
    return manifest
