"""Shards of random tokens, for training whose loss does not matter."""

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa

from tokenizer.shards import Manifest, ShardSchema, ShardWriter, SourceShards, TokenizerInfo

TOKENS = 1 << 23
DOCUMENT_TOKENS = 1 << 10


def write_random_shards(directory: Path, vocab_size: int) -> Path:
    """Writes one source of uniformly drawn tokens in documents of 1,024, in the format of `tokenize`."""
    tokenizer = b"no tokenizer: the tokens are random"
    directory.mkdir(parents=True)
    (directory / "tokenizer.model").write_bytes(tokenizer)
    info = TokenizerInfo(hashlib.sha256(tokenizer).hexdigest(), vocab_size, 1, 2, False, False)
    (directory / "c4").mkdir()
    writer = ShardWriter(directory / "c4" / "shard-00000.arrow", ShardSchema("c4", 0, info), batch_tokens=TOKENS)
    tokens = np.random.default_rng(0).integers(3, vocab_size, TOKENS)
    ids = pa.array([f"random-{number}" for number in range(TOKENS // DOCUMENT_TOKENS)], pa.string())
    writer.append(tokens, np.arange(0, TOKENS + 1, DOCUMENT_TOKENS), ids, text_bytes=0)
    Manifest(info, 0, {"c4": SourceShards((writer.close(),))}).save(directory)
    return directory
