"""The Arrow schema of a token shard, and what a shard says about itself in its schema metadata."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from corpus.errors import UserError

FORMAT = "llama-corpus-shards"
VERSION = 1
METADATA_KEY = b"llama_corpus"

Record = TypeVar("Record")


def parse_record(kind: type[Record], value: Any, where: str) -> Record:
    """A flat dataclass from parsed JSON, exact in field names and types; `where` opens the `UserError` if it is not."""
    wanted = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]
    if not isinstance(value, dict) or value.keys() != wanted.keys():
        raise UserError(f"{where} must hold exactly {', '.join(sorted(wanted))}; tokenize again")
    for name, type_ in wanted.items():
        if type(value[name]) is not type_:
            raise UserError(f"{where} has {name} = {value[name]!r}, which is no {type_.__name__}; tokenize again")  # type: ignore[union-attr]
    return kind(**value)


@dataclass(frozen=True)
class TokenizerInfo:
    """The tokenizer behind the ids, and which of its control tokens stand around every document."""

    sha256: str  # of the tokenizer file
    vocab_size: int
    bos_id: int
    eos_id: int
    add_bos: bool = True
    add_eos: bool = True
    file: str = "tokenizer.model"  # name inside the shard directory

    @property
    def dtype(self) -> np.dtype:
        """uint16 up to 65,536 pieces, uint32 above."""
        return np.dtype(np.uint16 if self.vocab_size <= 1 << 16 else np.uint32)


@dataclass(frozen=True)
class ShardSchema:
    """Everything the shards of one source share."""

    source: str
    shuffle_seed: int
    tokenizer: TokenizerInfo

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": VERSION,
            "dtype": self.tokenizer.dtype.name,
            "source": self.source,
            "shuffle_seed": self.shuffle_seed,
            "tokenizer": asdict(self.tokenizer),
        }

    def to_arrow(self) -> pa.Schema:
        """`tokens: large_list<uint16 or uint32>` and `id: string`, neither null, with the description as metadata."""
        token = pa.from_numpy_dtype(self.tokenizer.dtype)
        return pa.schema(
            [pa.field("tokens", pa.large_list(token), nullable=False), pa.field("id", pa.string(), nullable=False)],
            metadata={METADATA_KEY: json.dumps(self.to_json(), sort_keys=True).encode()},
        )

    def check(self, schema: pa.Schema, path: Path) -> None:
        """Refuse the Arrow schema of the file at `path` unless it is this one, naming the first difference."""
        try:
            described = json.loads((schema.metadata or {})[METADATA_KEY])
        except (KeyError, ValueError):
            raise UserError(
                f"{path}: the schema does not describe a token shard; tokenize again with `llama-corpus tokenize`"
            ) from None
        found, wanted = _flatten(described), _flatten(self.to_json())
        for name in sorted(found.keys() | wanted.keys()):
            if found.get(name) != wanted.get(name):
                raise UserError(
                    f"{path}: {name} is {found.get(name)!r} in the shard but {wanted.get(name)!r} in the manifest; "
                    "the shard is from another run, restore the right file or tokenize again"
                )
        if not schema.equals(self.to_arrow()):
            columns = ", ".join(f"{field.name}: {field.type}" for field in schema)
            raise UserError(f"{path}: columns are {columns}, not those of a token shard; tokenize again")


def document_fault(tokens: np.ndarray, offsets: np.ndarray, info: TokenizerInfo) -> str | None:
    """What is wrong with documents laid end to end, or None: ids outside the vocabulary, or a missing BOS or EOS.

    `tokens` are integers of any type; document d is `tokens[offsets[d]:offsets[d + 1]]`, `offsets` int64.
    """
    used = tokens[offsets[0] : offsets[-1]]
    if used.size and (int(used.max()) >= info.vocab_size or int(used.min()) < 0):
        return f"a token id lies outside the vocabulary of {info.vocab_size:,}"
    starts, ends = offsets[:-1], offsets[1:]
    if (info.add_bos or info.add_eos) and bool((ends - starts < info.add_bos + info.add_eos).any()):
        return "a document is too short to hold its BOS and EOS"
    if info.add_bos and bool((tokens[starts] != info.bos_id).any()):
        return f"a document does not begin with BOS (id {info.bos_id})"
    if info.add_eos and bool((tokens[ends - 1] != info.eos_id).any()):
        return f"a document does not end with EOS (id {info.eos_id})"
    return None


def _flatten(value: Any) -> dict[str, Any]:
    """One level of nesting spelt `outer.inner`, so that a difference can be named."""
    flat: dict[str, Any] = {}
    for name, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, dict):
            flat.update({f"{name}.{inner}": leaf for inner, leaf in item.items()})
        else:
            flat[name] = item
    return flat
