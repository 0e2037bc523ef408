"""Token shards: tokenised documents in Arrow IPC files, with a manifest that says what they hold.

    DIR/manifest.json                    totals, shards and their checksums          `manifest`
    DIR/tokenizer.model                  the tokenizer that made the ids
    DIR/<source>/shard-00000.arrow …     one document a row: `tokens`, `id`          `schema`, `writer`, `reader`

The rows of a source, shard after shard in manifest order, laid end to end are its token stream. Nothing here needs more
than numpy and pyarrow, so that a machine that only trains can read shards.
"""

from tokenizer.shards.manifest import MANIFEST_NAME, Manifest, Shard, SourceShards
from tokenizer.shards.reader import ShardReader, read_shard
from tokenizer.shards.schema import FORMAT, METADATA_KEY, VERSION, ShardSchema, TokenizerInfo
from tokenizer.shards.verification import verify_shards
from tokenizer.shards.writer import ShardWriter

__all__ = [
    "FORMAT",
    "MANIFEST_NAME",
    "METADATA_KEY",
    "VERSION",
    "Manifest",
    "Shard",
    "ShardReader",
    "ShardSchema",
    "ShardWriter",
    "SourceShards",
    "TokenizerInfo",
    "read_shard",
    "verify_shards",
]
