"""Reading every byte of a shard directory and saying what is not as the manifest has it."""

import hashlib
from pathlib import Path

from corpus.errors import UserError
from tokenizer.shards.manifest import Manifest, Shard
from tokenizer.shards.reader import read_shard
from tokenizer.shards.schema import ShardSchema, document_fault

READ_BYTES = 1 << 22


def verify_shards(directory: Path) -> list[str]:
    """One line per problem, none if all is well.

    Checks the tokenizer's hash; of every shard the hash, the schema, the counts of tokens and documents, that ids lie
    in the vocabulary and that every document has its BOS and EOS; and that no shard lies there unlisted.
    """
    try:
        manifest = Manifest.read(directory)
    except UserError as error:
        return [str(error)]
    problems = []
    try:
        manifest.check_tokenizer(directory)
    except UserError as error:
        problems.append(str(error))
    listed = set()
    for name, source in manifest.sources.items():
        for shard in source.shards:
            listed.add(directory / shard.path)
            problems += _shard_problems(directory / shard.path, manifest.schema(name), shard)
    problems += [
        f"{path}: not in the manifest; remove it or tokenize again"
        for path in sorted(set(directory.glob("*/*.arrow")) - listed)
    ]
    return problems


def _shard_problems(path: Path, schema: ShardSchema, shard: Shard) -> list[str]:
    problems = []
    try:
        found = _sha256(path)
        if found != shard.sha256:
            problems.append(
                f"{path}: SHA-256 is {found}, the manifest says {shard.sha256}; copy it again or tokenize again"
            )
        reader = read_shard(path, schema, shard)
        for batch in range(len(reader.batch_starts) - 1):
            record_batch = reader.record_batch(batch)
            record_batch.validate(full=True)
            documents = record_batch.column("tokens")
            offsets, tokens = documents.offsets.to_numpy(), reader.batch_tokens(batch)
            fault = document_fault(tokens, offsets, schema.tokenizer)
            if offsets[0] != 0 or offsets[-1] != len(tokens) or any(column.null_count for column in record_batch):
                fault = "tokens outside documents, or a document or id that is null"
            if fault:
                problems.append(f"{path}: record batch {batch}: {fault}; tokenize again")
    except OSError as error:
        problems.append(f"{path}: cannot be read ({error.strerror}); restore the file or tokenize again")
    except UserError as error:
        problems.append(str(error))
    except ValueError as error:  # what Arrow's validation raises
        problems.append(f"{path}: damaged ({error}); copy it again or tokenize again")
    return problems


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while data := file.read(READ_BYTES):
            digest.update(data)
    return digest.hexdigest()
