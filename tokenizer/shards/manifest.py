"""`manifest.json`: what a directory of token shards holds. Written last: where it is, the shards are complete."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from corpus.errors import UserError
from tokenizer.shards.schema import FORMAT, VERSION, ShardSchema, TokenizerInfo, parse_record

MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True)
class Shard:
    """One file."""

    path: str  # relative to the directory: "<source>/<file name>"
    tokens: int
    documents: int
    bytes: int  # UTF-8 bytes of the documents' texts before tokenisation
    file_bytes: int  # size of the file, so that a truncated copy is noticed without reading it
    sha256: str


@dataclass(frozen=True)
class SourceShards:
    """The shards of one source in the order of its token stream."""

    shards: tuple[Shard, ...]

    @property
    def tokens(self) -> int:
        return sum(shard.tokens for shard in self.shards)

    @property
    def documents(self) -> int:
        return sum(shard.documents for shard in self.shards)

    @property
    def bytes(self) -> int:
        return sum(shard.bytes for shard in self.shards)

    @property
    def bytes_per_token(self) -> float:
        """UTF-8 bytes of text per token, control tokens counted; 0 without tokens."""
        return self.bytes / self.tokens if self.tokens else 0.0

    def totals(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("tokens", "documents", "bytes", "bytes_per_token")}


@dataclass(frozen=True)
class Manifest:
    tokenizer: TokenizerInfo
    shuffle_seed: int
    sources: dict[str, SourceShards]

    @property
    def vocab_size(self) -> int:
        return self.tokenizer.vocab_size

    @property
    def bos_id(self) -> int:
        return self.tokenizer.bos_id

    @property
    def eos_id(self) -> int:
        return self.tokenizer.eos_id

    @property
    def tokenizer_sha256(self) -> str:
        return self.tokenizer.sha256

    @property
    def total(self) -> SourceShards:
        """All sources taken as one."""
        return SourceShards(tuple(shard for name in sorted(self.sources) for shard in self.sources[name].shards))

    @property
    def sha256(self) -> str:
        """Of the manifest as `save` writes it. Shards' own hashes are in it, so it identifies the data set."""
        return hashlib.sha256(self._text().encode()).hexdigest()

    def schema(self, source: str) -> ShardSchema:
        return ShardSchema(source, self.shuffle_seed, self.tokenizer)

    def save(self, directory: Path) -> None:
        """Write `directory/manifest.json` so that a crash leaves the old one, if any, or the whole new one."""
        target = directory / MANIFEST_NAME
        temporary = target.with_name(f".{MANIFEST_NAME}.tmp")
        with temporary.open("w", encoding="utf-8") as file:
            file.write(self._text())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
        folder = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @classmethod
    def load(cls, directory: Path) -> "Manifest":
        """The manifest of a directory whose files can be trusted to be the ones it lists.

        Every shard is looked up (presence and exact size), the tokenizer hashed and one shard a source opened to
        compare its schema; the others are compared when they are first read. `UserError` for whatever does not match,
        and for a manifest without any token. `verify_shards` reads everything.
        """
        manifest = cls.read(directory)
        manifest.check_tokenizer(directory)
        for name, source in manifest.sources.items():
            for shard in source.shards:
                _check_file(directory / shard.path, shard.file_bytes)
            for shard in source.shards[:1]:
                manifest.schema(name).check(_arrow_schema(directory / shard.path), directory / shard.path)
        if not manifest.total.tokens:
            raise UserError(
                f"{directory}: the shards hold no tokens; `llama-corpus tokenize` found no documents in its input"
            )
        return manifest

    @classmethod
    def read(cls, directory: Path) -> "Manifest":
        """The manifest alone, without a look at the files it lists. `UserError` if it is missing or malformed."""
        path = directory / MANIFEST_NAME
        if not directory.is_dir():
            raise UserError(f"{directory}: no such directory; make token shards with `llama-corpus tokenize`")
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            unfinished = (directory / "tasks").is_dir() and not (directory / "run.json").exists()
            fault = "`tokenize` has not finished there; run the same command again"
            other = "no token shards there; make them with `llama-corpus tokenize`"
            raise UserError(f"{path}: missing, so {fault if unfinished else other}") from None
        except ValueError as error:
            raise UserError(f"{path}: not JSON ({error}); tokenize again") from None
        return cls._from_json(data, path)

    def check_tokenizer(self, directory: Path) -> None:
        """`UserError` unless the tokenizer's file lies beside the manifest and has its hash."""
        path = directory / self.tokenizer.file
        try:
            found = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise UserError(
                f"{path}: cannot be read ({error.strerror}); copy the tokenizer of these shards there"
            ) from None
        if found != self.tokenizer.sha256:
            raise UserError(
                f"{path}: SHA-256 is {found}, the manifest says {self.tokenizer.sha256}; "
                "this is another tokenizer, put back the one that made the shards"
            )

    def _text(self) -> str:
        data = {
            "format": FORMAT,
            "version": VERSION,
            "dtype": self.tokenizer.dtype.name,
            "shuffle_seed": self.shuffle_seed,
            "tokenizer": asdict(self.tokenizer),
            "sources": {
                name: {**source.totals(), "shards": [asdict(shard) for shard in source.shards]}
                for name, source in self.sources.items()
            },
            "total": self.total.totals(),
        }
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def _from_json(cls, data: Any, path: Path) -> "Manifest":
        found = (data.get("format"), data.get("version")) if isinstance(data, dict) else (None, None)
        if found != (FORMAT, VERSION):
            raise UserError(
                f"{path}: format {found[0]!r} version {found[1]!r}, this program reads {FORMAT!r} version {VERSION}; "
                "tokenize again, or use the program that wrote it"
            )
        try:
            tokenizer = parse_record(TokenizerInfo, data["tokenizer"], f"{path}: tokenizer")
            sources = {
                name: SourceShards(
                    tuple(parse_record(Shard, shard, f"{path}: a shard of {name}") for shard in one["shards"])
                )
                for name, one in sorted(data["sources"].items())
            }
            manifest = cls(tokenizer, int(data["shuffle_seed"]), sources)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise UserError(f"{path}: malformed ({type(error).__name__}: {error}); tokenize again") from None
        for name, source in sources.items():
            for shard in source.shards:
                if Path(shard.path).parts != (name, Path(shard.path).name):
                    raise UserError(f"{path}: {shard.path!r} does not lie in the folder of {name}; tokenize again")
        # Totals and dtype follow from the rest: a file edited by hand is one that no longer repeats itself.
        if json.loads(manifest._text()) != data:
            raise UserError(f"{path}: totals, dtype or fields do not agree with the shards listed; tokenize again")
        return manifest


def _check_file(path: Path, size: int) -> None:
    try:
        found = path.stat().st_size
    except OSError:
        raise UserError(f"{path}: missing; restore the file or tokenize again") from None
    if found != size:
        raise UserError(
            f"{path}: {found:,} bytes, the manifest says {size:,}; "
            "the file is truncated or from another run, copy it again or tokenize again"
        )


def _arrow_schema(path: Path) -> pa.Schema:
    try:
        with pa.memory_map(str(path)) as file:
            return pa.ipc.open_file(file).schema
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path}: not a readable Arrow file ({error}); copy it again or tokenize again") from None
